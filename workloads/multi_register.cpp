// Reads and writes of unique values over several registers that all clients share: what models
// weaker than linearizability are told apart by.

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

Generator load(const WorkloadConfig& config) {
  SharedKeys keys(config.options);
  auto reads = static_cast<std::uint64_t>(at_least(config.options, "reads", 0));
  auto writes = static_cast<std::uint64_t>(at_least(config.options, "writes", 1));
  return endless(config, "multi-register", [=](Rng& rng) -> gen::Draft {
    Value key(keys.draw(rng));
    bool is_read = rng.below(reads + writes) < reads;
    if (is_read) return {"read", Value::pair(std::move(key), Value())};
    // No other op has made so many draws.
    return {"write", Value::pair(std::move(key), Value(static_cast<std::int64_t>(rng.draws())))};
  });
}

// What spreads by and by is given the time to arrive: systems promise agreement in the end only.
Generator finale(const WorkloadConfig& config) {
  Generator reads = of_each_key(SharedKeys(config.options).count(), "read");
  Duration settle = config.options.duration("settle");
  if (settle.count() == 0) return reads;
  return gen::phases({gen::clients(gen::sleep(settle)), std::move(reads)});
}

OptionSpec settle_option() {
  return {.name = "settle",
          .kind = OptionSpec::Kind::duration,
          .fallback = "10s",
          .help = "how long all is left alone between healing and the final reads"};
}

}  // namespace

void add_multi_register(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "multi-register",
      .summary = "reads and writes of unique values over several registers",
      .datatype = "register",
      .keyed = true,
      .verbs = {"read", "write"},
      .options = SharedKeys::options(
          "8", {integer_option("reads", "1", "share of reads"),
                integer_option("writes", "1", "share of writes"), settle_option()}),
      .load = load,
      .finale = finale,
      .checks = [](const Options&) -> std::vector<WorkloadCheck> {
        return {{"placement of register", {}}, {"staleness", {}}};
      },
  });
}

}  // namespace sunder
