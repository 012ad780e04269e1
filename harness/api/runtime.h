#pragma once
// What a protocol may touch, and the protocol. The same node object runs in the simulator and as a
// real process; it never learns which.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/codec.h"
#include "harness/core/node_id.h"
#include "harness/core/result.h"
#include "harness/core/rng.h"
#include "harness/core/time.h"

namespace sunder {

using Bytes = std::string;  // opaque bytes of a record or a stored value

struct Timer {
  std::uint64_t id = 0;  // 0 is no timer; never reused within a boot
  auto operator<=>(const Timer&) const = default;
};

/// Something that happened inside a node, for invariants and reports: role changes, log appends,
/// commits. Cheap to make: names are string literals, numbers stand in place.
struct Event {
  struct Number {
    std::string_view name;
    std::int64_t number = 0;
  };
  std::string_view kind;
  std::array<Number, 5> numbers{};  // unused ones have no name
  std::string text{};

  /// The number under a name. REQUIRES: the event has it.
  std::int64_t at(std::string_view name) const;
};

/// A node's durable state: a log of records with dense indexes, and a small map. Effects are queued
/// in program order. sync() is a barrier in that order: sends after it leave only when all writes
/// before it are durable. A crash keeps everything before the last finished barrier and, by the
/// world's choice, none, a prefix, any subset or a torn record of the rest. Reads see all writes of
/// this boot at once.
class Storage {
 public:
  virtual ~Storage() = default;

  virtual std::uint64_t log_begin() const = 0;  // index of the first record kept; 0 at first
  virtual std::uint64_t log_end() const = 0;    // one past the last record
  virtual const Bytes& log_read(std::uint64_t index) const = 0;  // REQUIRES: begin <= index < end
  virtual void append(Bytes record) = 0;
  virtual void truncate_from(std::uint64_t index) = 0;   // drops records at index and after
  /// Drops records before index. An index past log_end() empties the log, which then begins there.
  virtual void discard_before(std::uint64_t index) = 0;

  /// Null when absent; valid until a write.
  virtual const Bytes* get(std::string_view key) const = 0;
  virtual void put(std::string_view key, Bytes value) = 0;
  virtual void erase(std::string_view key) = 0;

  virtual void sync() = 0;
};

/// Everything a node may touch. Calls happen within a handler only; effects are carried out after
/// the handler returns, in program order. now() and wall_now() do not move within a handler.
class Runtime {
 public:
  virtual ~Runtime() = default;
  virtual NodeId self() const = 0;
  virtual std::span<const NodeId> peers() const = 0;  // the boot list, self included, ascending
  virtual Instant now() const = 0;        // monotonic, own origin per boot, bounded rate error
  virtual WallTime wall_now() const = 0;  // what the clock fault bends
  virtual void send(NodeId target, Message message) = 0;  // may be lost, late, doubled, reordered
  virtual Timer start_timer(Duration delay) = 0;
  virtual void cancel_timer(Timer timer) = 0;  // of a fired or unknown timer: nothing
  virtual Storage& storage() = 0;
  virtual Rng& rng() = 0;
  virtual void probe(std::string_view name) = 0;  // "this rare thing happened"
  virtual void trace(Event event) = 0;
};

/// What a node says of itself: whom faults aim at, when a cluster can be used.
struct NodeStatus {
  std::string role;       // "leader", "follower" ...; empty when the system has no roles
  std::int64_t term = 0;  // term, epoch or view; 0 when there is none
  bool ready = false;     // can serve clients, itself or by redirecting them
  /// Who decides, ascending, by the last configuration that this node knows to be committed. Empty
  /// where a system has no such thing, and while they are being exchanged.
  std::vector<NodeId> voters{};
};

// What operators ask of nodes, under names that several systems share.
inline constexpr std::string_view change_voters = "change-voters";  // to a list of nodes' names
inline constexpr std::string_view transfer_leadership = "transfer-leadership";  // to a node's name

/// A protocol. Handlers run one at a time, to completion.
class Node {
 public:
  virtual ~Node() = default;
  virtual void on_start() = 0;  // what storage() holds is all that survived
  virtual void on_message(const Envelope& envelope) = 0;
  virtual void on_timer(Timer timer) = 0;
  /// A handler, too: an operator asks for something (System::instructions). Done means that the
  /// node has set about it; status() tells what came of it. An Error says why it has not.
  virtual Status instruct(std::string_view verb, const Value& value);
  virtual NodeStatus status() const = 0;
};

}  // namespace sunder
