// Queues whose elements are unique. At the end every client drains all of them, so that nothing can
// hide: what was enqueued came out, or is missing.

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

// Of one client's drain of one queue. A client that gets no answers must not go on for ever.
constexpr std::uint64_t drained_max = 20'000;
constexpr int processes_max = 3;

Value only_key(std::int64_t key) { return Value::pair(Value(key), Value()); }

bool found_nothing(const Op& completion) {
  const Value& value = completion.value;
  return completion.phase == Phase::ok && value.is_list() && value.list().size() == 2 &&
         value.list()[1].is_nil();
}

Generator load(const WorkloadConfig& config) {
  SharedKeys keys(config.options);
  auto enqueues = static_cast<std::uint64_t>(at_least(config.options, "enqueues", 1));
  auto dequeues = static_cast<std::uint64_t>(at_least(config.options, "dequeues", 0));
  return endless(config, "queue", [=](Rng& rng) -> gen::Draft {
    std::int64_t key = keys.draw(rng);
    bool takes = rng.below(enqueues + dequeues) < dequeues;
    if (takes) return {"dequeue", only_key(key)};
    return {"enqueue", Value::pair(Value(key), Value(static_cast<std::int64_t>(rng.draws())))};
  });
}

Generator finale(const WorkloadConfig& config) {
  std::vector<Generator> drains;
  for (std::int64_t key = 0; key < SharedKeys(config.options).count(); ++key) {
    Generator dequeues = gen::repeat(gen::op("dequeue", only_key(key)), drained_max);
    drains.push_back(gen::until(found_nothing, std::move(dequeues)));
  }
  Generator all = gen::process_limit(processes_max, gen::sequence(std::move(drains)));
  return gen::clients(gen::each_thread(std::move(all)));
}

}  // namespace

void add_queue(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "queue",
      .summary = "enqueues of unique elements and dequeues, drained at the end",
      .datatype = "fifo-queue",
      .keyed = true,
      .verbs = {"enqueue", "dequeue"},
      .observes = {"dequeue"},
      .options = SharedKeys::options("4", {integer_option("enqueues", "1", "share of enqueues"),
                                           integer_option("dequeues", "1", "share of dequeues")}),
      .load = load,
      .finale = finale,
      .checks =
          [](const Options&) {
            return std::vector<WorkloadCheck>{
                {"queue fifo-queue", {}},
                {"total-queue fifo-queue", {{"crashed-takes", "explain"}}},
                {"fifo-order fifo-queue", {}}};
          },
  });
}

}  // namespace sunder
