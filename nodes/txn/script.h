#pragma once
// An op of a transactional datatype as the steps of one transaction.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/op.h"
#include "nodes/txn/messages.h"

namespace sunder::txn {

struct Step {
  Verb verb = Verb::read;  // read, write or append
  std::int64_t key = 0;
  std::int64_t value = 0;
};

/// What a step was answered; nothing was found by those that do not read.
struct Found {
  bool any = false;
  Items items{};
};

/// Says one step after the other, each knowing what those before it were answered, as a program
/// that talks to a database does.
class Script {
 public:
  virtual ~Script() = default;
  /// The step after those that were answered; nothing: all is done and the rest is the commit.
  virtual std::optional<Step> next(const std::vector<Found>& answered) const = 0;
  /// Why the program itself gives up after what it has read; empty: it does not.
  virtual std::string_view objection(const std::vector<Found>&) const { return {}; }
  /// The value of the ok completion.
  virtual Value answer(const std::vector<Found>& answered) const = 0;
};

/// The script of an op of this datatype; null when the op is malformed.
std::unique_ptr<Script> script_of(std::string_view datatype, const Op& invocation);

/// The verbs of each datatype that scripts are made of.
std::map<std::string, std::vector<std::string>> verbs();

}  // namespace sunder::txn
