#pragma once
// Errors and other misbehaviour on demand: by operation, path, occurrence and chance.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.h"
#include "harness/core/rng.h"
#include "harness/core/time.h"
#include "harness/core/value.h"

namespace sunder::crashfs {

/// What a program asks of the file system, as far as rules tell it apart.
enum class Operation : std::uint8_t {
  lookup, open, create, read, write, fsync, truncate,
  mkdir, unlink, rmdir, rename, link, list, space,
};
std::string_view to_string(Operation operation);

/// A rule in force.
struct FaultRule {
  std::string name;
  std::set<Operation> operations;  // empty: all
  std::string path = "*";          // a pattern as of fnmatch(3); '*' matches '/' too
  std::int64_t from = 1;           // the first matching occurrence that it strikes
  std::optional<std::int64_t> times;  // how many it strikes
  Ratio chance{1, 1};
  int error = 0;                   // errno; 0 is none
  Duration delay{0};
  bool hang = false;        // until the rule is lifted
  bool short_write = false; // half of the bytes, at least one
  bool stale = false;       // reads return what is durable,
  std::string snapshot;     // or was when this one was taken; sizes are those of now
  bool bit_rot = false;     // reads return one flipped bit of each page, always the same one
  bool lose = false;        // a failed fsync dooms what it should have made durable (fsyncgate)
};
/// From a request of the control socket; errors name the field.
Result<FaultRule> fault_rule_from(const Value& request);

/// What befalls one operation.
struct Injection {
  int error = 0;
  Duration delay{0};
  std::uint64_t hang = 0;  // until in_force() of this is false; 0 is none
  bool short_write = false;
  bool stale = false;
  std::string snapshot;
  std::vector<std::uint64_t> readers;  // the rules that strike what is read
  bool bit_rot = false;
  bool lose = false;
};

/// Not safe to share: its owner locks.
class FaultRules {
 public:
  explicit FaultRules(std::uint64_t seed) : seed_(seed) {}
  void impose(FaultRule rule);  // replaces one of the same name
  bool lift(std::string_view name);
  void clear() { rules_.clear(); }
  bool empty() const { return rules_.empty(); }
  bool in_force(std::uint64_t number) const;
  Injection strike(Operation operation, std::string_view path);
  /// These rules have changed what a read returned.
  void note_altered(const std::vector<std::uint64_t>& numbers);
  /// [{"rule": name, "matched": n, "struck": n, "altered": n}]: the evidence that a rule took hold.
  /// A read that is struck may return all the same what it would have otherwise: only those that
  /// do not are altered.
  Value report() const;

 private:
  struct Counted {
    FaultRule rule;
    std::uint64_t number;  // unlike its name, never used again
    std::int64_t matched = 0;
    std::int64_t struck = 0;
    std::int64_t altered = 0;
  };
  bool strikes(Counted& counted, Operation operation, std::string_view path) const;

  std::uint64_t seed_;
  std::uint64_t imposed_ = 0;
  std::vector<Counted> rules_;
};

/// The bytes as a medium with bit rot returns them: one bit of each page is flipped.
void rot(std::string& bytes, std::uint64_t inode, std::uint64_t offset, std::uint64_t seed);

}  // namespace sunder::crashfs
