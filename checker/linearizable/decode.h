#pragma once
// From recorded ops to calls on registers.

#include <map>
#include <string>
#include <vector>

#include "checker/linearizable/register.h"
#include "harness/core/history.h"

namespace sunder::linearizable {

/// Collects the operations of a cas-register history, op by op.
class RegisterDecoder {
 public:
  /// With `observed`, a cas that failed because its comparison did is a fact about the register;
  /// otherwise every failed op is left out. With `nil_says_nothing`, a read answered nil is left
  /// out: the register cannot hold nil, so it is an answer that was not recorded (Knossos does the
  /// same).
  RegisterDecoder(bool keyed, bool observed, bool nil_says_nothing)
      : keyed_(keyed), observed_(observed), nil_says_nothing_(nil_says_nothing) {}

  void feed(const OpView& op);

  std::size_t client_ops() const { return client_ops_; }  // invocations
  /// What could not be decoded, a whole sentence; empty when all was. The first such op is named.
  const std::string& trouble() const { return trouble_; }
  std::uint64_t trouble_op() const { return trouble_op_; }
  std::uint64_t troubles() const { return troubles_; }

  const ValueTable& values() const { return values_; }
  ValueTable& values() { return values_; }
  const ValueTable& keys() const { return keys_; }

  /// The operations in order of invocation, crashed reads left out. Ends the collecting.
  std::vector<RegisterOperation> take();

 private:
  enum class Fate : std::uint8_t { open, happened, dropped };
  struct Record {
    RegisterOperation operation;
    Fate fate = Fate::open;
  };

  void invoke(const OpView& op);
  void complete(const OpView& op, Record& record);
  void complete_read(const OpView& op, Record& record);
  bool split(const OpView& op, ValueView& value, std::int32_t& key);
  bool arguments(const OpView& op, ValueView value, RegisterCall& call);
  void complain(const OpView& op, const std::string& what);

  bool keyed_;
  bool observed_;
  bool nil_says_nothing_;
  ValueTable values_;
  ValueTable keys_;
  std::vector<Record> records_;
  std::map<std::int32_t, std::size_t> open_;  // process -> its open record
  std::size_t client_ops_ = 0;
  std::string trouble_;
  std::uint64_t trouble_op_ = no_op;
  std::uint64_t troubles_ = 0;
};

}  // namespace sunder::linearizable
