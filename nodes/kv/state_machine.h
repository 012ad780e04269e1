#pragma once
// The replicated state: registers by key, the other datatypes' objects, and the sessions that make
// retries harmless.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "harness/core/digest.h"
#include "nodes/kv/command.h"
#include "nodes/kv/objects/objects.h"

namespace sunder {

/// Deterministic: equal commands at equal indexes give equal answers, states and digests.
class KvStateMachine {
 public:
  struct Limits {
    std::size_t sessions = 1000;     // the least recently used one goes first
    bool apply_retries = false;      // flaw: a retry is carried out again
    bool forget_in_snapshot = false; // flaw: snapshots carry sessions without what they did
    LeaseFlaws leases{};
  };
  explicit KvStateMachine(Limits limits) : limits_(limits), objects_(limits.leases) {}

  /// Carries out the command at a position of the log. Positions only ever grow.
  KvAnswer apply(std::int64_t index, const KvCommand& command);
  KvAnswer read(std::int64_t key) const;
  /// The answer to a command that only reads.
  KvAnswer observe(const KvCommand& command) const;
  /// Whether apply() would carry out this command: not when its session is unknown, and not when it
  /// is recognised as a retry.
  bool would_execute(const KvCommand& command) const;

  /// Fingerprint of the whole state, kept up to date in constant time and made anew from what a
  /// snapshot holds: replicas at one position that differ in it have diverged.
  std::uint64_t digest() const { return digest_ + objects_.digest(); }

  const KvObjects& objects() const { return objects_; }

  std::string snapshot() const;
  /// False, with the state unchanged, when the bytes are no snapshot.
  bool restore(std::string_view bytes);

 private:
  struct Session {
    std::int64_t sequence = 0;  // of its last command
    KvAnswer answer;            // to it; no update answers a list
    std::int64_t used_at = 0;   // log position
  };
  static std::uint64_t part(std::int64_t id, const Session& session);
  KvAnswer execute(const KvCommand& command);
  void set(std::int64_t key, std::int64_t value);
  void expire_sessions();

  Limits limits_;
  std::map<std::int64_t, std::int64_t> registers_;
  KvObjects objects_;
  std::map<std::int64_t, Session> sessions_;  // by the log position that opened them
  std::uint64_t digest_ = 0;  // the sum of the parts of all registers and sessions
};

}  // namespace sunder
