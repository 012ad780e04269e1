#pragma once
// A replica for each session, and messages between them.

#include "tests/checker/weak/support/systems.h"

namespace sunder::weak::support {

/// Which writes must have arrived at a replica before another one does.
enum class Delivery : std::uint8_t {
  any,
  by_sender_and_key,  // earlier ones of the session on the key
  by_sender,          // earlier ones of the session
  causal,             // all that its session had seen
  by_sender_or_key,   // earlier ones of the session or on the key, which the writer gets first
  key_in_order,       // all earlier ones on the key, also at the writer
  all_in_order,       // all earlier ones, also at the writer
};

/// Which of two writes of a key a replica keeps.
enum class Winner : std::uint8_t {
  latest,         // the one that came last
  logical_clock,  // the greater Lamport time, then the greater session
  own_clock,      // the same with clocks that do not look at what arrives
};

enum class Answer : std::uint8_t { at_once, when_applied };

struct Rules {
  Delivery delivery = Delivery::any;
  Winner winner = Winner::latest;
  Answer answer = Answer::at_once;
};

class Replicas : public Store {
 public:
  Replicas(std::uint32_t sessions, Rules rules) : rules_(rules), replicas_(sessions) {}

  void write(WriteId id, const Write& write) override;
  WriteId read(std::uint32_t session, std::uint32_t key) override;
  bool is_done(WriteId id) override;
  /// Delivers a message or many.
  void work(Rng& rng) override;

 private:
  struct Sent {
    Write write;
    std::uint64_t time = 0;
    std::vector<bool> seen;  // by its session's replica, by write
  };
  struct Replica {
    std::vector<bool> applied;                                        // by write
    std::vector<WriteId> values = std::vector<WriteId>(3, no_write);  // by key
    std::uint64_t clock = 0;
  };

  bool may_arrive(const Replica& replica, WriteId id) const;
  bool must_come_first(WriteId earlier, WriteId id) const;
  /// Applies a write and, before it, what must come first.
  void catch_up(Replica& replica, WriteId id);
  void apply(Replica& replica, WriteId id);

  Rules rules_;
  std::vector<Replica> replicas_;  // by session
  std::vector<Sent> sent_;         // by write
};

}  // namespace sunder::weak::support
