// Replicated datatypes that converge (Shapiro, Preguica, Baquero, Zawirski, INRIA RR-7506, 2011):
// one workload for each, which updates a few objects from everywhere and reads them.

#include "workloads/parts/tagged.h"

namespace sunder {
namespace {

/// How one datatype is updated.
struct Updates {
  const char* datatype;  // "crdt-" and what it is
  const char* summary;
  std::vector<std::string> verbs;  // chosen with equal chance
  gen::Draft (*draft)(const std::string& verb, std::int64_t key, Rng& rng);
};

gen::Draft write(const std::string& verb, std::int64_t key, Rng& rng) {
  Map argument;
  argument["value"] = static_cast<std::int64_t>(rng.draws());  // no other op writes it
  return {verb, tagged(key, std::move(argument), rng)};
}

gen::Draft count(const std::string& verb, std::int64_t key, Rng& rng) {
  Map argument;
  argument["value"] = rng.between(1, 5);
  return {verb, tagged(key, std::move(argument), rng)};
}

// Few elements, so that adds and removes of the same one meet.
gen::Draft change_set(const std::string& verb, std::int64_t key, Rng& rng) {
  Map argument;
  argument["value"] = rng.between(0, 19);
  return {verb, tagged(key, std::move(argument), rng)};
}

std::vector<Updates> all_updates() {
  return {
      {"crdt-lww-register", "registers of which the last write wins", {"write"}, write},
      {"crdt-mv-register", "registers that keep all concurrent writes", {"write"}, write},
      {"crdt-g-counter", "counters that only grow", {"increment"}, count},
      {"crdt-pn-counter", "counters that grow and shrink", {"increment", "decrement"}, count},
      {"crdt-g-set", "sets that only grow", {"add"}, write},
      {"crdt-or-set",
       "sets in which an add wins over a concurrent remove",
       {"add", "remove"},
       change_set},
  };
}

Workload workload_of(const Updates& updates) {
  std::vector<std::string> verbs = updates.verbs;
  verbs.insert(verbs.end(), {"read", "final-read", "log"});
  auto load = [updates](const WorkloadConfig& config) {
    SharedKeys keys(config.options);
    auto reads = static_cast<std::uint64_t>(at_least(config.options, "reads", 0));
    auto changes = static_cast<std::uint64_t>(at_least(config.options, "updates", 1));
    return endless(config, updates.datatype, [=](Rng& rng) -> gen::Draft {
      std::int64_t key = keys.draw(rng);
      bool is_read = rng.below(reads + changes) < reads;
      if (is_read) return {"read", Value::pair(Value(key), Value())};
      const std::string& verb = updates.verbs[rng.below(updates.verbs.size())];
      return updates.draft(verb, key, rng);
    });
  };
  return Workload{
      .name = updates.datatype,
      .summary = updates.summary,
      .datatype = updates.datatype,
      .keyed = true,
      .verbs = std::move(verbs),
      .observes = {"read", "final-read"},
      .options = SharedKeys::options("8", {integer_option("reads", "1", "share of reads"),
                                           integer_option("updates", "1", "share of updates")}),
      .load = load,
      .finale =
          [](const WorkloadConfig& config) {
            return final_reads(SharedKeys(config.options).count());
          },
  };
}

}  // namespace

void add_crdt(Registry<Workload>& registry) {
  for (const Updates& updates : all_updates()) registry.add(workload_of(updates));
}

}  // namespace sunder
