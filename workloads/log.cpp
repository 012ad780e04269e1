// Logs by key, as Kafka has them: unique values are sent, and each client polls all keys as a
// consumer of its own. At the end every client reads every log from its beginning.

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

constexpr std::uint64_t polls_max = 20'000;  // of one client and key in the finale
constexpr int processes_max = 3;

Value poll_argument() { return Value::list_of(List{":poll"}); }

Value all_keys(std::int64_t count) {
  List keys;
  for (std::int64_t key = 0; key < count; ++key) keys.emplace_back(key);
  return keys;
}

// [[:poll {key []}]]: this consumer is at the end.
bool found_nothing(const Op& completion) {
  const Value& value = completion.value;
  if (completion.phase != Phase::ok || completion.verb != "poll") return false;
  if (!value.is_list() || value.list().size() != 1 || !value.list()[0].is_list()) return true;
  const List& words = value.list()[0].list();
  if (words.size() != 2 || !words[1].is_map()) return true;
  for (const MapEntry& entry : words[1].map()) {
    if (entry.value.is_list() && !entry.value.list().empty()) return false;
  }
  return true;
}

Generator load(const WorkloadConfig& config) {
  SharedKeys keys(config.options);
  auto sends = static_cast<std::uint64_t>(at_least(config.options, "sends", 1));
  auto polls = static_cast<std::uint64_t>(at_least(config.options, "polls", 0));
  // Every process is a new consumer, which has nothing assigned. What it sends and polls afterwards
  // comes from one stream for all, so that values are unique.
  Generator ops = endless(config, "log", [=](Rng& rng) -> gen::Draft {
    std::int64_t key = keys.draw(rng);
    if (rng.below(sends + polls) < polls) return {"poll", poll_argument()};
    return {"send", Value::list_of(List{":send", key, static_cast<std::int64_t>(rng.draws())})};
  });
  Generator assign = gen::once(gen::op("assign", all_keys(keys.count())));
  return gen::clients(gen::prefer(gen::each_process(std::move(assign)), std::move(ops)));
}

Generator finale(const WorkloadConfig& config) {
  std::vector<Generator> reads;
  for (std::int64_t key = 0; key < SharedKeys(config.options).count(); ++key) {
    reads.push_back(gen::op("assign", List{key}));
    Generator polls = gen::repeat(gen::op("poll", poll_argument()), polls_max);
    reads.push_back(gen::until(found_nothing, std::move(polls)));
  }
  Generator all = gen::process_limit(processes_max, gen::sequence(std::move(reads)));
  return gen::clients(gen::each_thread(std::move(all)));
}

}  // namespace

void add_log(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "log",
      .summary = "sends to logs by key and polls of them, as with Kafka",
      .datatype = "kafka",
      .verbs = {"assign", "send", "poll"},
      .observes = {"poll"},
      .options = SharedKeys::options("4", {integer_option("sends", "1", "share of sends"),
                                           integer_option("polls", "1", "share of polls")}),
      .load = load,
      .finale = finale,
      .checks =
          [](const Options&) {
            return std::vector<WorkloadCheck>{{"kafka kafka", {}}};
          },
      .checks_stand_for_claim = true,
  });
}

}  // namespace sunder
