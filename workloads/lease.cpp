// Leases: each client acquires one until it has it, prolongs it a few times and gives it back.

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

// Without it nearly all operations would be refused acquires.
constexpr Duration retry_every = std::chrono::seconds(1);

Generator load(const WorkloadConfig& config) {
  const Options& options = config.options;
  auto ops = static_cast<std::uint64_t>(at_least(options, "ops-per-key", 1));
  auto renewals = static_cast<std::uint64_t>(at_least(options, "renewals", 0));
  auto threads =
      static_cast<int>(std::min<std::int64_t>(at_least(options, "threads-per-key", 1), 10'000));
  Duration pause = options.duration("renew-every");
  auto make_for_key = [=](const Value&) {
    Generator tries = gen::cycle(gen::sequence({gen::op("acquire"), gen::sleep(retry_every)}));
    std::vector<Generator> round{gen::until_ok(std::move(tries))};
    if (renewals > 0) {
      round.push_back(
          gen::cycle(gen::sequence({gen::sleep(pause), gen::op("renew")}), renewals));
    }
    round.push_back(gen::op("release"));
    return gen::limit(ops, gen::each_process(gen::cycle(gen::sequence(std::move(round)))));
  };
  return gen::clients(gen::concurrent_keys(threads, gen::integer_keys(), make_for_key));
}

}  // namespace

void add_lease(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "lease",
      .summary = "leases that are acquired, renewed and released",
      .datatype = "lease",
      .keyed = true,
      .verbs = {"acquire", "renew", "release"},
      .observes = {"acquire"},
      .options = {integer_option("threads-per-key", "2", "clients that compete for one lease"),
                  integer_option("ops-per-key", "400",
                                 "operations on a lease before its clients take the next one"),
                  integer_option("renewals", "4", "of each holder, before it releases"),
                  {"renew-every", OptionSpec::Kind::duration, "700ms", "pause before a renewal"}},
      .load = load,
      .finale = {},
      .checks =
          [](const Options&) {
            return std::vector<WorkloadCheck>{{"lease lease", {}}};
          },
      .checks_stand_for_claim = true,
  });
}

}  // namespace sunder
