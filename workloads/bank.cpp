// Transfers between accounts, and reads of all balances: is money made or lost?

#include <algorithm>

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

// As in Jepsen's test, and as the reference systems begin: a system with another bank would be
// refuted for that.
constexpr std::int64_t accounts = 8;
constexpr std::int64_t total = 100;

Generator load(const WorkloadConfig& config) {
  std::int64_t skew = std::clamp<std::int64_t>(config.options.integer("skew"), 0, 3);
  gen::Zipf zipf(accounts, static_cast<int>(skew));
  auto transfers = static_cast<std::uint64_t>(at_least(config.options, "transfers", 1));
  auto reads = static_cast<std::uint64_t>(at_least(config.options, "reads", 0));
  std::int64_t largest = at_least(config.options, "largest", 1);
  return endless(config, "bank", [=](Rng& rng) -> gen::Draft {
    if (rng.below(transfers + reads) < reads) return {"read"};
    auto from = static_cast<std::int64_t>(zipf.draw(rng));
    Map transfer;
    transfer["from"] = from;
    transfer["to"] = (from + rng.between(1, accounts - 1)) % accounts;
    transfer["amount"] = rng.between(1, largest);
    return {"transfer", std::move(transfer)};
  });
}

Generator finale(const WorkloadConfig&) { return by_each_client({{"read"}, {"read"}}); }

std::vector<WorkloadCheck> checks(const Options&) {
  return {
      {"bank bank", {{"accounts", std::to_string(accounts)}, {"total", std::to_string(total)}}}};
}

}  // namespace

void add_bank(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "bank",
      .summary = "transfers between accounts, and reads of all balances",
      .datatype = "bank",
      .verbs = {"transfer", "read"},
      .options = {integer_option("transfers", "1", "share of transfers"),
                  integer_option("reads", "1", "share of reads"),
                  integer_option("largest", "5", "amounts are from 1 to this"),
                  integer_option("skew", "1",
                                 "how much more the first accounts pay: 0 not at all, 1 as in "
                                 "Zipf's law, up to 3")},
      .load = load,
      .finale = finale,
      .checks = checks,
      .checks_stand_for_claim = true,
  });
}

}  // namespace sunder
