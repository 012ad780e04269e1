// Transactions of reads of lists and appends to them: reads tell the order of all versions, and
// from it the dependencies of transactions are inferred (Kingsbury, Alvaro, "Elle", VLDB 2020).

#include "workloads/parts/transactions.h"

namespace sunder {
namespace {

Generator load(const WorkloadConfig& config) {
  return transactions(config, "list-append", ":append");
}

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> all = transaction_options();
  all.push_back({.name = "isolation",
                 .kind = OptionSpec::Kind::choice,
                 .fallback = "read-committed",
                 .help = "what the checks demand at least",
                 .choices = {"read-uncommitted", "read-committed", "repeatable-read", "snapshot",
                             "serializable", "strict-serializable"}});
  return all;
}

std::vector<WorkloadCheck> checks(const Options& options) {
  return {{"txn-basics list-append", {{"isolation", options.text("isolation")}}}};
}

}  // namespace

void add_list_append(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "list-append",
      .summary = "transactions of reads of lists and appends to them",
      .datatype = "list-append",
      .verbs = {"txn"},
      .observes = {"txn"},
      .options = options(),
      .load = load,
      .finale = {},
      .checks = checks,
  });
}

}  // namespace sunder
