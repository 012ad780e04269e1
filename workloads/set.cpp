// Adds of unique elements to sets, and reads of all of them: is anything lost, or seen late?

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

Generator load(const WorkloadConfig& config) {
  SharedKeys keys(config.options);
  auto adds = static_cast<std::uint64_t>(at_least(config.options, "adds", 1));
  auto reads = static_cast<std::uint64_t>(at_least(config.options, "reads", 0));
  return endless(config, "set", [=](Rng& rng) -> gen::Draft {
    Value key(keys.draw(rng));
    bool is_read = rng.below(adds + reads) < reads;
    if (is_read) return {"read", Value::pair(std::move(key), Value())};
    return {"add", Value::pair(std::move(key), Value(static_cast<std::int64_t>(rng.draws())))};
  });
}

Generator finale(const WorkloadConfig& config) {
  return of_each_key(SharedKeys(config.options).count(), "read");
}

}  // namespace

void add_set(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "set",
      .summary = "adds of unique elements to sets that grow, and reads of all elements",
      .datatype = "g-set",
      .keyed = true,
      .verbs = {"add", "read"},
      // Answers grow with the set, so reads are few.
      .options = SharedKeys::options("16", {integer_option("adds", "8", "share of adds"),
                                            integer_option("reads", "1", "share of reads")}),
      .load = load,
      .finale = finale,
      .checks =
          [](const Options&) {
            return std::vector<WorkloadCheck>{{"set g-set", {}}, {"set-full g-set", {}}};
          },
  });
}

}  // namespace sunder
