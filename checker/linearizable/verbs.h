#pragma once
// The verbs of the datatypes that have monitors, as Call::verb. Where an answer matters for what a
// call means, it is part of the verb.

#include <cstdint>

namespace sunder::linearizable {

/// read: output is what was found. write: input. cas: found input, left output. failed_cas: found
/// something other than input. Values are ids.
namespace register_verb {
enum : std::uint32_t { read, write, cas, failed_cas };
}

/// Key-value stores: get is register_verb::read and put is write, with texts as values; append adds
/// the text input at the end.
namespace kv_verb {
enum : std::uint32_t { get = register_verb::read, put = register_verb::write, append = 8 };
}

/// FIFO queues, stacks and unordered queues: add puts input, take got output, take_empty found
/// nothing. Values are ids. A crashed take has no output.
/// Priority queues: the same, but values are the integers themselves, and take gets the smallest;
/// a crashed take has the output `unknown_integer`, which no element is.
namespace container_verb {
enum : std::uint32_t { add, take, take_empty };
inline constexpr std::int32_t unknown_integer = INT32_MIN;
}  // namespace container_verb

/// Sets: all with the element's id as input. add and remove changed the set, add_present and
/// remove_absent found that there was nothing to change, add_any does not say which; contains and
/// absent are observations. read_all: output is the id of the sorted list of elements.
/// A crashed add is add_any; a crashed remove is remove_any.
namespace set_verb {
enum : std::uint32_t {
  add,
  add_present,
  add_any,
  remove,
  remove_absent,
  remove_any,
  contains,
  absent,
  read_all
};
}

/// Counters: add of input (the integer itself, may be negative), read of output (the integer).
namespace counter_verb {
enum : std::uint32_t { add, read };
}

/// Locks: acquire and release; input is the owner (the process), where the datatype has owners.
namespace lock_verb {
enum : std::uint32_t { acquire, release };
}

}  // namespace sunder::linearizable
