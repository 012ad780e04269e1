// Locks with fencing tokens. Each client acquires one until it has it, and then releases it. A lock
// whose holder never learnt that it holds it stays held for good: its clients take the next one
// soon.

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

Generator load(const WorkloadConfig& config) {
  const Options& options = config.options;
  auto ops = static_cast<std::uint64_t>(at_least(options, "ops-per-key", 1));
  auto processes =
      static_cast<int>(std::min<std::int64_t>(at_least(options, "processes-per-key", 1), 10'000));
  auto threads =
      static_cast<int>(std::min<std::int64_t>(at_least(options, "threads-per-key", 1), 10'000));
  Duration hold = options.duration("hold");
  auto make_for_key = [=](const Value&) {
    Generator tries = gen::repeat(gen::op("acquire"));
    // While locks are held for long, nearly all operations would be refused acquires.
    if (hold > Duration{0}) {
      tries = gen::cycle(gen::sequence({gen::op("acquire"), gen::sleep(hold / 4)}));
    }
    std::vector<Generator> round{gen::until_ok(std::move(tries))};
    if (hold > Duration{0}) round.push_back(gen::sleep(hold));
    round.push_back(gen::op("release"));
    Generator rounds = gen::cycle(gen::sequence(std::move(round)));
    return gen::limit(ops, gen::process_limit(processes, gen::each_process(std::move(rounds))));
  };
  return gen::clients(gen::concurrent_keys(threads, gen::integer_keys(), make_for_key));
}

}  // namespace

void add_lock(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "lock",
      .summary = "locks with fencing tokens that are acquired and released",
      .datatype = "fenced-mutex",
      .keyed = true,
      .verbs = {"acquire", "release"},
      .observes = {"acquire"},
      .options = {integer_option("threads-per-key", "3", "clients that compete for one lock"),
                  integer_option("ops-per-key", "60",
                                 "operations on a lock before its clients take the next one"),
                  integer_option("processes-per-key", "6",
                                 "a lock is left when this many processes have used it"),
                  {"hold", OptionSpec::Kind::duration, "0s",
                   "for how long a client does nothing while it holds a lock"},
                  {"exclusion", OptionSpec::Kind::boolean, "true",
                   "demand that no two hold a lock at once, not only that tokens grow"}},
      .load = load,
      .finale = {},
      .checks =
          [](const Options& options) {
            const char* exclusion = options.boolean("exclusion") ? "true" : "false";
            return std::vector<WorkloadCheck>{
                {"fenced-lock fenced-mutex", {{"exclusion", exclusion}}}};
          },
      .checks_stand_for_claim = true,
  });
}

}  // namespace sunder
