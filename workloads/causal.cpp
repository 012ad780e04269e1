// Adds of unique elements to sets, read often: does a read show an add without another one that had
// ended before it began? (The anomaly that Jepsen calls causal reverse.)

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

constexpr std::uint64_t draws_per_op = 2;

Generator load(const WorkloadConfig& config) {
  MovingKeys keys(config.options);
  auto adds = static_cast<std::uint64_t>(at_least(config.options, "adds", 1));
  auto reads = static_cast<std::uint64_t>(at_least(config.options, "reads", 1));
  return endless(config, "causal", [=](Rng& rng) -> gen::Draft {
    Value key(keys.draw(rng, draws_per_op));
    bool is_read = rng.below(adds + reads) < reads;
    if (is_read) return {"read", Value::pair(std::move(key), Value())};
    return {"add", Value::pair(std::move(key), Value(static_cast<std::int64_t>(rng.draws())))};
  });
}

}  // namespace

void add_causal(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "causal",
      .summary = "adds of unique elements to small sets, and many reads of them",
      .datatype = "g-set",
      .keyed = true,
      .verbs = {"add", "read"},
      .options = MovingKeys::options("4", "60",
                                     {integer_option("adds", "1", "share of adds"),
                                      integer_option("reads", "1", "share of reads")}),
      .load = load,
      .finale = {},
      .checks =
          [](const Options&) {
            return std::vector<WorkloadCheck>{{"causal-reverse g-set", {}}};
          },
  });
}

}  // namespace sunder
