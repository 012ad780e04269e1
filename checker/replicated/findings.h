#pragma once
// What the checkers of one object find, in words for people.

#include <set>
#include <string>
#include <vector>

#include "checker/replicated/event.h"
#include "harness/core/verdict.h"

namespace sunder::replicated {

/// Collects broken rules: of each name only the first, which says enough.
class Findings {
 public:
  explicit Findings(std::string where) : where_(std::move(where)) {}

  /// `cited`: the operations that prove it.
  void add(const std::string& name, const std::string& explanation,
           std::initializer_list<const Event*> cited);
  void add(const std::string& name, const std::string& explanation,
           const std::vector<const Event*>& cited);
  /// Whether something with this name was found, so that looking for more is pointless.
  bool has(const std::string& name) const { return names_.contains(name); }
  bool none() const { return anomalies_.empty(); }
  std::vector<Anomaly> take() { return std::move(anomalies_); }

 private:
  std::string where_;  // "on key 7: ", or empty
  std::set<std::string> names_;
  std::vector<Anomaly> anomalies_;
};

/// "process 3's add of 7 (op 12)".
std::string who(const Object& object, const Event& event);
/// "update 5 of n1".
std::string name_of(const Object& object, Dot dot);
/// "1 update", "2 updates".
std::string counted(std::uint64_t count, const char* noun);
/// A value as EDN, shortened when it is long.
std::string text_of(const ValueTable& values, std::int32_t id);
/// "[1 2 3]", shortened in the middle of a long list.
std::string text_of(const ValueTable& values, std::span<const std::int32_t> list);
/// The answer of an event's reply.
std::string answer_of(const Object& object, const Event& event);

}  // namespace sunder::replicated
