#pragma once
// What the values of recorded ops say, before anything is made of it.

#include <optional>

#include "checker/replicated/event.h"

namespace sunder::replicated {

/// A datatype's name, verbs and shapes.
struct Datatype {
  Kind kind;
  std::string_view name;     // "crdt-or-set"
  std::string_view summary;  // what its operations mean
  std::string_view expects;  // for the error when an op is not understood
};
/// Every datatype, in order of name.
std::span<const Datatype> datatypes();

/// The verb of a recorded op, if the datatype has it.
std::optional<Verb> verb_of(Kind kind, std::string_view verb);

/// Reads values into one object's arenas. Every function answers false when the value has not the
/// shape that the datatype expects.
class Decoder {
 public:
  Decoder(Object& object, ValueTable& values, ValueTable& replicas)
      : object_(object), values_(values), replicas_(replicas) {}

  /// The arguments of an invocation.
  bool arguments(std::string_view verb, ValueView value, Event& event);
  /// The value of an ok completion.
  bool reply(ValueView value, Event& event);

 private:
  bool state(ValueView value, Event& event);
  bool update_answer(ValueView value, Event& event);
  bool vector(ValueView value, Slice& slice);
  bool past(ValueView map, std::optional<Slice>& slice);
  bool dot(ValueView value, Dot& dot);
  bool stamp(ValueView value, std::optional<Stamp>& stamp);
  bool log(ValueView value, Slice& slice);
  bool log_entry(ValueView value, LogEntry& entry);
  bool replica(ValueView value, std::uint32_t& id);

  Object& object_;
  ValueTable& values_;
  ValueTable& replicas_;
};

}  // namespace sunder::replicated
