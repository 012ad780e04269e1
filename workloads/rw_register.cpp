// Transactions of reads and writes of registers, every value written once (Kingsbury, Alvaro,
// "Elle", VLDB 2020, section 5).

#include "workloads/parts/transactions.h"

namespace sunder {
namespace {

Generator load(const WorkloadConfig& config) { return transactions(config, "rw-register", ":w"); }

}  // namespace

void add_rw_register(Registry<Workload>& registry) {
  registry.add(Workload{
      .name = "rw-register",
      .summary = "transactions of reads and unique writes of registers",
      .datatype = "rw-register",
      .verbs = {"txn"},
      .observes = {"txn"},
      .options = transaction_options(),
      .load = load,
      .finale = {},
  });
}

}  // namespace sunder
