// Groups of registers, each written once, that are read together: do two readers disagree about
// which of two writes came first? (Cerone, Bernardi, Gotsman, CONCUR 2015, figure 2.)

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

/// The ops of one group of `size` registers in order: its writes among the first reads, then reads.
gen::Draft draft(std::int64_t group, std::int64_t size, std::uint64_t number) {
  std::int64_t first = group * size;
  auto turn = static_cast<std::int64_t>(number);
  List micro_ops;
  if (turn % 2 == 1 && turn / 2 < size) {
    micro_ops.emplace_back(List{":w", first + turn / 2, 1});
  } else {
    for (std::int64_t key = first; key < first + size; ++key) {
      micro_ops.emplace_back(List{":r", key, nullptr});
    }
  }
  return {"txn", std::move(micro_ops)};
}

Generator load(const WorkloadConfig& config) {
  const Options& options = config.options;
  std::int64_t size = std::min<std::int64_t>(at_least(options, "group-size", 2), 100);
  auto ops = static_cast<std::uint64_t>(at_least(options, "ops-per-group", 1));
  auto threads =
      static_cast<int>(std::min<std::int64_t>(at_least(options, "threads-per-group", 1), 10'000));
  std::uint64_t seed = config.seed;
  auto make_for_group = [=](const Value& group) {
    Rng rng(seed, Stream::of("long-fork", static_cast<std::uint64_t>(group.integer())));
    auto next = [size, number = group.integer()](const Context&, Rng& draws) {
      std::uint64_t made = draws.draws();
      draws.next();
      return draft(number, size, made);
    };
    return gen::limit(ops, gen::drawn(rng, next));
  };
  return gen::clients(gen::concurrent_keys(threads, gen::integer_keys(), make_for_group));
}

}  // namespace

void add_long_fork(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "long-fork",
      .summary = "registers that are written once and read in groups",
      .datatype = "multi-register",
      .keyed = true,
      .verbs = {"txn"},
      .observes = {"txn"},
      .options = {integer_option("group-size", "3", "registers that are read together"),
                  integer_option("ops-per-group", "24", "so many later, the next group comes"),
                  integer_option("threads-per-group", "5", "clients that share a group")},
      .load = load,
      .finale = {},
      .checks =
          [](const Options&) {
            return std::vector<WorkloadCheck>{{"long-fork multi-register", {}}};
          },
      .checks_stand_for_claim = true,
  });
}

}  // namespace sunder
