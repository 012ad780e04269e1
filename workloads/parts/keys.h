#pragma once
// The keys of a load: shared by all clients, some of them hot, most of them not.

#include <functional>
#include <vector>

#include "harness/api/workload.h"
#include "harness/generate/generate.h"

namespace sunder {

OptionSpec integer_option(const char* name, const char* fallback, const char* help);
/// The option, or the least that makes sense, or the most that is safe to add up.
std::int64_t at_least(const Options& options, std::string_view name, std::int64_t least);

/// Keys 0 .. keys - 1, drawn by Zipf's law. Options: `keys`, `skew`.
class SharedKeys {
 public:
  explicit SharedKeys(const Options& options);
  static std::vector<OptionSpec> options(const char* keys, std::vector<OptionSpec> more);
  std::int64_t draw(Rng& rng) const { return static_cast<std::int64_t>(zipf_.draw(rng)); }
  std::int64_t count() const { return static_cast<std::int64_t>(zipf_.count()); }

 private:
  gen::Zipf zipf_;
};

/// The same over a window of keys that moves on: a key comes in cold, gets hotter, and is left for
/// good, so that the history of one key stays short. Options: `keys` (of the window), `skew`,
/// `ops-per-key`.
class MovingKeys {
 public:
  explicit MovingKeys(const Options& options);
  static std::vector<OptionSpec> options(const char* keys, const char* ops_per_key,
                                         std::vector<OptionSpec> more);
  /// REQUIRES: each op of the load draws about `draws_per_op` times.
  std::int64_t draw(Rng& rng, std::uint64_t draws_per_op) const;

 private:
  gen::Zipf zipf_;
  std::uint64_t ops_per_key_;
};

/// An endless load of ops that anybody may perform. Each must draw at least once, so that
/// rng.draws() is a number that no other op has.
Generator endless(const WorkloadConfig& config, std::string_view stream,
                  std::function<gen::Draft(Rng&)> draft);

/// Each client performs these in turn.
Generator by_each_client(std::vector<gen::Draft> drafts);

/// For each key the op `verb` of [key nil], by each client.
Generator of_each_key(std::int64_t keys, const char* verb);

}  // namespace sunder
