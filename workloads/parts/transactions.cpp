#include "workloads/parts/transactions.h"

#include <algorithm>

namespace sunder {
namespace {

constexpr std::uint64_t draws_per_op = 9;  // of a transaction of the usual length

}  // namespace

Generator transactions(const WorkloadConfig& config, std::string_view stream,
                       std::string_view write) {
  const Options& options = config.options;
  MovingKeys keys(options);
  auto reads = static_cast<std::uint64_t>(at_least(options, "reads", 0));
  auto writes = static_cast<std::uint64_t>(at_least(options, "writes", 1));
  std::int64_t least = std::min<std::int64_t>(at_least(options, "length-min", 1), 100);
  std::int64_t most = std::clamp<std::int64_t>(options.integer("length-max"), least, 100);
  std::string name(write);
  return endless(config, stream, [=](Rng& rng) -> gen::Draft {
    List micro_ops;
    for (std::int64_t left = rng.between(least, most); left > 0; --left) {
      std::int64_t key = keys.draw(rng, draws_per_op);
      if (rng.below(reads + writes) < reads) {
        micro_ops.emplace_back(List{":r", key, nullptr});
      } else {
        // No other micro-op has made so many draws.
        micro_ops.emplace_back(List{name, key, static_cast<std::int64_t>(rng.draws())});
      }
    }
    return {"txn", std::move(micro_ops)};
  });
}

std::vector<OptionSpec> transaction_options() {
  return MovingKeys::options(
      "5", "40",
      {integer_option("length-min", "1", "the fewest micro-operations of a transaction"),
       integer_option("length-max", "4", "the most of them"),
       integer_option("reads", "1", "share of reads"),
       integer_option("writes", "1", "share of writes")});
}

}  // namespace sunder
