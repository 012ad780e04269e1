// Transfers between accounts, and reads of all balances: is money made or lost?

#include "workloads/parts/keys.h"

namespace sunder {
namespace {

Generator load(const WorkloadConfig& config) {
  SharedKeys accounts(config.options);
  auto transfers = static_cast<std::uint64_t>(at_least(config.options, "transfers", 1));
  auto reads = static_cast<std::uint64_t>(at_least(config.options, "reads", 0));
  std::int64_t largest = at_least(config.options, "largest", 1);
  return endless(config, "bank", [=](Rng& rng) -> gen::Draft {
    if (rng.below(transfers + reads) < reads) return {"read"};
    std::int64_t from = accounts.draw(rng);
    // Any other account; with a single one, there is none.
    std::int64_t others = std::max<std::int64_t>(accounts.count() - 1, 1);
    std::int64_t to = (from + rng.between(1, others)) % accounts.count();
    Map transfer;
    transfer["from"] = from;
    transfer["to"] = to;
    transfer["amount"] = rng.between(1, largest);
    return {"transfer", std::move(transfer)};
  });
}

Generator finale(const WorkloadConfig&) { return by_each_client({{"read"}, {"read"}}); }

std::vector<WorkloadCheck> checks(const Options& options) {
  return {{"bank bank", {{"accounts", options.text("keys")}, {"total", options.text("total")}}}};
}

}  // namespace

void add_bank(Registry<Workload>& registry) {
  std::vector<OptionSpec> options = SharedKeys::options(
      "8", {integer_option("transfers", "1", "share of transfers"),
            integer_option("reads", "1", "share of reads"),
            integer_option("largest", "5", "amounts are from 1 to this"),
            integer_option("total", "100", "the money that there is, as the system begins")});
  options.front().help = "how many accounts there are, as the system begins";
  registry.add(Workload{
      .name = "bank",
      .summary = "transfers between accounts, and reads of all balances",
      .datatype = "bank",
      .verbs = {"transfer", "read"},
      .options = std::move(options),
      .load = load,
      .finale = finale,
      .checks = checks,
      .checks_stand_for_claim = true,
  });
}

}  // namespace sunder
