#pragma once
// What one key holds: a state that is joined, the updates that it is made of, and their tags.

#include <map>
#include <variant>

#include "nodes/lattice/counter.h"
#include "nodes/lattice/registers.h"
#include "nodes/lattice/sets.h"

namespace sunder::lattice {

enum class Kind : std::uint8_t { g_counter, pn_counter, g_set, or_set, lww_register, mv_register };
std::optional<Kind> kind_of(std::string_view datatype);  // "crdt-or-set"

enum class Verb : std::uint8_t { read, log, increment, decrement, add, remove, write };
inline bool is_update(Verb verb) { return verb > Verb::log; }
/// The verb of an op ("final-read" is a read), if the kind has it.
std::optional<Verb> verb_of(Kind kind, std::string_view verb);

/// An update as a client asks for it.
struct Update {
  Verb verb = Verb::add;
  std::int64_t value = 0;
  std::string tag;           // the client's name for it; empty: none
  clock::VectorClock past;   // of a many-valued register's write: what its client had read
  std::int64_t client = -1;  // who asked, and in which request: nobody asks twice for one update
  std::int64_t request = 0;
};

/// An update as it was made. Kept for good: a client that got no answer may ask what became of it.
struct Entry {
  clock::Dot dot;
  std::string tag;
  clock::VectorClock seen;  // all updates that its replica had then
  clock::VectorClock past;
  std::int64_t time = 0;    // of a stamp
  std::int64_t client = -1;
  std::int64_t request = 0;
  bool operator==(const Entry&) const = default;
};

using State = std::variant<Counter, GrowSet, ObservedSet, LastWriter, Siblings>;

/// A part of an object for a replica that knows its base: joined to anything less, it would leave a
/// gap ("Delta State Replicated Data Types", JPDC 2018: the causal delta-merging condition).
struct Part {
  Kind kind = Kind::g_counter;
  clock::VectorClock base;
  clock::VectorClock context;
  State state;
  std::vector<Entry> entries;

  void put(NumberWriter& out) const;
  static Part get(NumberReader& in);
  bool operator==(const Part&) const = default;
};

class Object {
 public:
  explicit Object(Kind kind);
  Kind kind() const { return kind_; }
  /// The updates that the state is made of.
  const clock::VectorClock& context() const { return context_; }
  /// Of each node, how many of its updates have an entry here, without a gap. A many-valued
  /// register's context may be ahead: it contains what its clients had read elsewhere.
  const clock::VectorClock& listed() const { return listed_; }
  const std::map<clock::Dot, Entry>& entries() const { return entries_; }
  const State& state() const { return state_; }
  /// What a client must send along with a write, so that it replaces what it has read.
  clock::VectorClock context_of_readers() const;
  Value answer() const;
  std::uint64_t fingerprint() const;

  /// Makes the next update of a node. REQUIRES: node < VectorClock::nodes_max
  const Entry& update(const Update& wanted, const clock::Dot& dot, std::int64_t time,
                      std::int64_t now, const Flaws& flaws);
  /// Whether anything was new. Parts with a gap before them change nothing.
  bool join(const Part& part, std::int64_t now, const Flaws& flaws);
  /// What a replica may lack that knows this much, with at most so many entries.
  Part since(const clock::VectorClock& context, const clock::VectorClock& listed,
             std::size_t entries_max) const;
  Part whole() const { return since({}, {}, SIZE_MAX); }
  void forget_own_total(std::size_t node);  // a flaw of counters after a restart

 private:
  void add(Entry entry);
  Sibling sibling(const Update& wanted, const clock::Dot& dot, const Flaws& flaws) const;

  Kind kind_;
  clock::VectorClock context_;
  clock::VectorClock listed_;
  State state_;
  std::map<clock::Dot, Entry> entries_;
};

/// The highest time of a stamp in a part; 0: none.
std::int64_t latest_time(const Part& part);

}  // namespace sunder::lattice
