// Reads, writes and compare-and-sets of many independent registers, each used hard and briefly.

#include "harness/api/workload.h"
#include "harness/generate/generate.h"

namespace sunder {
namespace {

/// What one op on a register may be, drawn by weight.
struct Shares {
  std::int64_t reads;
  std::int64_t writes;
  std::int64_t cas;
  std::int64_t values;  // 0 .. values - 1 are written
  bool unique;          // or every value once
};

gen::Draft draw_op(const Shares& shares, Rng& rng) {
  auto all = static_cast<std::uint64_t>(shares.reads + shares.writes + shares.cas);
  auto drawn = static_cast<std::int64_t>(rng.below(all));
  if (drawn < shares.reads) return {"read", nullptr};
  if (shares.unique) return {"write", static_cast<std::int64_t>(rng.draws())};
  std::int64_t value = rng.between(0, shares.values - 1);
  if (drawn < shares.reads + shares.writes) return {"write", value};
  std::int64_t replacement = rng.between(0, shares.values - 1);
  return {"cas", Value::pair(value, replacement)};
}

Shares shares_of(const Options& options) {
  auto at_least = [&](std::string_view name, std::int64_t least) {
    return std::max(options.integer(name), least);
  };
  Shares shares{at_least("reads", 0), at_least("writes", 0), at_least("cas", 0),
                at_least("values", 1), options.boolean("unique")};
  if (shares.unique) shares.cas = 0;  // what would it compare with?
  // Something must be drawn: without any share, reads are the harmless choice.
  if (shares.reads + shares.writes + shares.cas == 0) shares.reads = 1;
  return shares;
}

Generator load(const WorkloadConfig& config) {
  const Options& options = config.options;
  Shares shares = shares_of(options);
  auto ops = static_cast<std::uint64_t>(std::max<std::int64_t>(1, options.integer("ops-per-key")));
  auto processes = std::max<std::int64_t>(1, options.integer("processes-per-key"));
  auto threads = std::max<std::int64_t>(1, options.integer("threads-per-key"));
  std::uint64_t seed = config.seed;
  auto make_for_key = [=](const Value& key) {
    auto index = static_cast<std::uint64_t>(key.integer());
    Rng rng(seed, Stream::of("register", index));
    auto one = [shares](const Context&, Rng& draws) { return draw_op(shares, draws); };
    Generator endless = gen::drawn(rng, one);
    return gen::limit(ops, gen::process_limit(static_cast<int>(processes), std::move(endless)));
  };
  return gen::clients(
      gen::concurrent_keys(static_cast<int>(threads), gen::integer_keys(), make_for_key));
}

std::vector<OptionSpec> option_specs() {
  auto integer = [](const char* name, const char* fallback, const char* help) {
    return OptionSpec{name, OptionSpec::Kind::integer, fallback, help};
  };
  return {
      integer("threads-per-key", "10", "clients that share one key at a time"),
      integer("ops-per-key", "300", "operations on a key before its clients take the next one"),
      integer("processes-per-key", "20",
              "a key is left when this many processes have used it: each operation of unknown "
              "outcome makes checking dearer"),
      integer("values", "5", "how many different values are written"),
      integer("reads", "2", "share of reads"),
      integer("writes", "1", "share of writes"),
      integer("cas", "1", "share of compare-and-sets"),
      {"unique", OptionSpec::Kind::boolean, "false",
       "no value is written twice to a key, and nothing is compared and set"},
  };
}

}  // namespace

void add_register(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "register",
      .summary = "reads, writes and compare-and-sets of independent registers",
      .datatype = "cas-register",
      .keyed = true,
      .verbs = {"read", "write", "cas"},
      .options = option_specs(),
      .load = load,
      .finale = {},
  });
}

}  // namespace sunder
