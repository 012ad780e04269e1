#pragma once
// How the ops of one datatype are said as commands, and how answers are said as values. The same
// verb means different things in different datatypes: a read of a set is no read of a register.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/op.h"
#include "nodes/kv/messages.h"

namespace sunder {

/// One client's way of speaking. It may remember what it said.
class KvDialect {
 public:
  virtual ~KvDialect() = default;
  /// The command of an op, without session; nothing when the op is malformed.
  virtual std::optional<KvCommand> command(const Op& invocation) = 0;
  /// The value of the ok completion.
  virtual Value answer(const Op& invocation, const KvCommand& command, const KvReply& reply) = 0;
  /// The error of a command whose condition was not met.
  virtual std::string_view refusal() const { return "refused"; }
  /// Whether the op is settled by the client alone, which repeats its argument.
  virtual bool settles(const Op&) { return false; }
};

/// The dialect of a datatype. REQUIRES: one of kv_verbs(), or empty, which is cas-register.
std::unique_ptr<KvDialect> kv_dialect(std::string_view datatype);

/// What the machine speaks: the verbs of each datatype.
std::map<std::string, std::vector<std::string>> kv_verbs();
/// The same of locks that are leased; their dialect is lease_dialect(), whatever the datatype.
std::map<std::string, std::vector<std::string>> lease_verbs();
std::unique_ptr<KvDialect> lease_dialect();

/// An argument that may be keyed, [key argument]; the key of one that is not is 0.
struct KeyedArgument {
  bool keyed = false;
  std::int64_t key = 0;
  const Value* argument = nullptr;  // owned by the op

  explicit KeyedArgument(const Value& value);
  Value with_key(Value answer) const;
};

KvCommand kv_command(KvVerb verb, std::int64_t key, std::int64_t value = 0,
                     std::int64_t expected = 0);

}  // namespace sunder
