// Counters that are added to and read. With amounts of one, linearizability is found fast.

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

constexpr std::uint64_t draws_per_op = 3;

Generator load(const WorkloadConfig& config) {
  MovingKeys keys(config.options);
  auto adds = static_cast<std::uint64_t>(at_least(config.options, "adds", 1));
  auto reads = static_cast<std::uint64_t>(at_least(config.options, "reads", 0));
  std::int64_t largest = at_least(config.options, "largest", 1);
  return endless(config, "counter", [=](Rng& rng) -> gen::Draft {
    Value key(keys.draw(rng, draws_per_op));
    bool is_read = rng.below(adds + reads) < reads;
    std::int64_t amount = rng.between(1, largest);
    if (is_read) return {"read", Value::pair(std::move(key), Value())};
    return {"add", Value::pair(std::move(key), Value(amount))};
  });
}

}  // namespace

void add_counter(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "counter",
      .summary = "adds to counters, and reads of them",
      .datatype = "counter",
      .keyed = true,
      .verbs = {"add", "read"},
      .options =
          MovingKeys::options("4", "150",
                              {integer_option("adds", "1", "share of adds"),
                               integer_option("reads", "1", "share of reads"),
                               integer_option("largest", "1", "amounts are from 1 to this")}),
      .load = load,
      .finale = {},
      .checks =
          [](const Options&) {
            return std::vector<WorkloadCheck>{{"counter counter", {}}};
          },
  });
}

}  // namespace sunder
