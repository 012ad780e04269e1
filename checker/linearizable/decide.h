#pragma once
// One partition: by its monitor where there is one, else by search.

#include <string>

#include "checker/linearizable/datatype.h"
#include "checker/linearizable/engine.h"

namespace sunder::linearizable {

struct Judgement {
  Decision::Outcome outcome = Decision::Outcome::undecided;
  bool by_monitor = false;
  Decision witness;          // its order, where there is one
  Pattern pattern;           // of a monitor that refuted
  Refutation refutation;     // of a search that refuted
  std::uint32_t passed = 0;  // returns that some order passes
  std::uint32_t returns = 0;
  std::uint64_t steps = 0;
  std::string reason;  // of undecided

  bool decided() const { return outcome != Decision::Outcome::undecided; }
};

struct DecideSettings {
  bool wants_order = false;  // build the witness where it is not made anyway
  bool use_monitors = true;
  /// Not null: the operations are those of all keys, which this names, in one object.
  const ValueTable* keys = nullptr;
};

Judgement decide(const Datatype& datatype, std::span<const Operation> operations,
                 const Budget& budget, const DecideSettings& settings);

/// The meaning of the operations of one key, or of all of them.
std::unique_ptr<Model> model_of(const Datatype& datatype, const ValueTable* keys);

/// The proof of a decided partition (certificate.h), without its key.
Value prove(std::span<const Operation> operations, const Judgement& judgement);

}  // namespace sunder::linearizable
