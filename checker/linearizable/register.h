#pragma once
// A map of registers with read, write and compare-and-set: the datatype "cas-register".

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "checker/linearizable/search_model.h"
#include "checker/linearizable/value_table.h"

namespace sunder::linearizable {

struct RegisterCall {
  enum class Kind : std::uint8_t {
    read,        // answered `value`
    write,       // of `value`
    cas,         // found `expected`, left `value`
    failed_cas,  // found something other than `expected`
  };
  Kind kind = Kind::read;
  std::int32_t key = 0;
  std::int32_t value = 0;     // as ids of a ValueTable
  std::int32_t expected = 0;  // of cas and failed_cas
  auto operator<=>(const RegisterCall&) const = default;

  /// The value that the register must hold for this call to be possible.
  std::optional<std::int32_t> needs() const {
    if (kind == Kind::read) return value;
    if (kind == Kind::cas) return expected;
    return {};
  }
  /// The value that the register holds afterwards, when the call sets one.
  std::optional<std::int32_t> leaves() const {
    if (kind == Kind::write || kind == Kind::cas) return value;
    return {};
  }
};

/// The sequential meaning of those calls on one register.
class RegisterModel {
 public:
  using State = std::int32_t;
  using Call = RegisterCall;

  explicit RegisterModel(std::int32_t initial) : initial_(initial) {}
  State initial() const { return initial_; }
  std::optional<State> step(State state, const Call& call) const {
    switch (call.kind) {
      case Call::Kind::read: break;
      case Call::Kind::write: return call.value;
      case Call::Kind::cas:
        if (state == call.expected) return call.value;
        return {};
      case Call::Kind::failed_cas:
        if (state != call.expected) return state;
        return {};
    }
    if (state == call.value) return state;
    return {};
  }
  bool observes(const Call& call) const {
    return call.kind == Call::Kind::read || call.kind == Call::Kind::failed_cas ||
           (call.kind == Call::Kind::cas && call.expected == call.value);
  }
  std::int32_t partition(const Call& call) const { return call.key; }

 private:
  State initial_;
};

using RegisterOperation = Operation<RegisterCall>;

/// Leaves out the crashed calls that cannot matter: reads, and those whose value no other call
/// needs to find. Placing such a call could only take values away, unless some call observes a
/// difference (failed_cas), in which case all are kept.
void drop_idle_crashes(std::vector<RegisterOperation>& operations);

}  // namespace sunder::linearizable
