// Counters that only grow, read mostly: does any client see one shrink?

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

constexpr std::uint64_t draws_per_op = 2;

Generator load(const WorkloadConfig& config) {
  MovingKeys keys(config.options);
  auto adds = static_cast<std::uint64_t>(at_least(config.options, "adds", 1));
  auto reads = static_cast<std::uint64_t>(at_least(config.options, "reads", 1));
  return endless(config, "monotonic", [=](Rng& rng) -> gen::Draft {
    Value key(keys.draw(rng, draws_per_op));
    bool is_read = rng.below(adds + reads) < reads;
    if (is_read) return {"read", Value::pair(std::move(key), Value())};
    return {"add", Value::pair(std::move(key), Value(1))};
  });
}

}  // namespace

void add_monotonic(Registry<Workload>& registry) {
  OptionSpec order{.name = "order",
                   .kind = OptionSpec::Kind::choice,
                   .fallback = "realtime",
                   .help = "among whose reads values must not shrink",
                   .choices = {"process", "realtime"}};
  registry.add(Workload{
      .name = "monotonic",
      .summary = "counters that grow by one, and many reads of them",
      .datatype = "counter",
      .keyed = true,
      .verbs = {"add", "read"},
      .options = MovingKeys::options("4", "150",
                                     {integer_option("adds", "1", "share of adds"),
                                      integer_option("reads", "3", "share of reads"), order}),
      .load = load,
      .finale = {},
      .checks =
          [](const Options& options) {
            return std::vector<WorkloadCheck>{
                {"monotonic counter", {{"order", options.text("order")}}}};
          },
  });
}

}  // namespace sunder
