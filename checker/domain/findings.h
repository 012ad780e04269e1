#pragma once
// What a domain check found out: anomalies, figures, and what it could not judge.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/verdict.h"

namespace sunder::domain {

/// One anomaly in words, with the positions of the ops that prove it.
struct Story {
  std::string text;  // whole sentences
  std::vector<std::uint64_t> ops;
  Map detail{};
};

/// Counts every anomaly and keeps the stories of the first few of each name.
class Findings {
 public:
  /// Named in every story from here on; nil: the history has no keys.
  void begin_key(Value key) {
    key_ = std::move(key);
    is_vacuous_ = false;
  }

  /// An anomaly. `tell()` makes its Story, and is called only when it is kept.
  template <class Tell>
  void add(std::string_view name, Tell tell) {
    if (count(name)) keep(name, tell());
  }
  /// The same of what the options allow: counted and not held against the history.
  void allow(std::string_view name) { ++allowed_[std::string(name)]; }
  /// Why the history, or this key of it, cannot be called valid. The first reason is told.
  void unknown(std::string reason);
  /// Why this key shows nothing. A load leaves some keys hardly used: it counts only when every key
  /// that was judged is like that.
  void vacuous(const std::string& reason);
  /// Sums over the keys, and the greatest of them.
  void figure(std::string_view name, std::uint64_t more);
  void greatest(const char* name, std::int64_t value);

  std::uint64_t anomalies() const { return total_; }
  std::uint64_t figure(std::string_view name) const;

  /// Fills in validity, summary, anomalies and detail. `passed`: the summary of a valid history.
  void conclude(Verdict& verdict, const std::string& passed) const;

 private:
  bool count(std::string_view name);  // whether its story is wanted
  void keep(std::string_view name, Story story);
  std::string on_key(const std::string& reason) const;
  std::string headline() const;
  Value detail() const;

  Value key_;
  std::vector<Anomaly> kept_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  std::map<std::string, std::uint64_t, std::less<>> allowed_;
  std::map<std::string, std::uint64_t, std::less<>> figures_;
  std::map<std::string, std::int64_t, std::less<>> greatest_;
  std::uint64_t total_ = 0;
  std::string reason_;
  std::uint64_t reasons_ = 0;
  std::string vacuous_reason_;  // the first
  std::uint64_t vacuous_ = 0;   // keys
  bool is_vacuous_ = false;     // the present one
};

/// "1 element", "3 elements".
std::string counted(std::uint64_t number, std::string_view noun);
std::string edn(const Value& value);
std::string op_name(std::uint64_t position);  // "op 12"

}  // namespace sunder::domain
