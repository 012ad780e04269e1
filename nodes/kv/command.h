#pragma once
// What clients ask of a store of integers, and what it answers.

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/codec.h"
#include "nodes/kv/bytes.h"

namespace sunder {

/// Their numbers stand in logs and snapshots, so new ones come last.
enum class KvVerb : std::uint8_t {
  noop,
  read,
  write,
  cas,
  open_session,
  read_range,    // the registers key .. key + value - 1
  set_add,       // value
  set_read,
  enqueue,       // value
  dequeue,
  counter_add,   // value
  counter_read,
  generate,      // an id
  acquire,       // for the owner value
  release,       // by the owner value
  transfer,      // of the amount value from account key to account expected
  balances,
  send,          // value
  poll,          // from offset value on, at most expected values
  lease_acquire, // for the owner value
  lease_renew,   // by the owner value
  lease_release, // by the owner value
  fenced_write,  // of value, under the token expected
  lease_expire = 254,  // of the grant value: a leader's own word
  configure = 255,  // voters value, and before them expected: a replica's own word
};
inline constexpr KvVerb last_kv_verb = KvVerb::fenced_write;  // that clients may say

constexpr bool only_reads(KvVerb verb) {
  switch (verb) {
    case KvVerb::read:
    case KvVerb::read_range:
    case KvVerb::set_read:
    case KvVerb::counter_read:
    case KvVerb::balances:
    case KvVerb::poll: return true;
    default: return false;
  }
}

/// Whether an update's answer says nothing but that it happened, which it always does.
constexpr bool always_succeeds(KvVerb verb) {
  return verb == KvVerb::write || verb == KvVerb::set_add || verb == KvVerb::enqueue ||
         verb == KvVerb::counter_add;
}

/// One command, as it travels and as it stands in a log. (session, sequence) names it for good, so
/// that a retry is recognised (Ongaro's thesis, section 6.3); session 0 is for reads, which may be
/// carried out twice.
struct KvCommand {
  std::uint8_t verb = 0;  // a KvVerb
  std::int64_t session = 0;
  std::int64_t sequence = 0;
  std::int64_t key = 0;
  std::int64_t value = 0;     // of a write; the new value of a cas; else as the verb says
  std::int64_t expected = 0;  // of a cas; else as the verb says

  KvVerb kind() const { return static_cast<KvVerb>(verb); }
  static constexpr auto fields() {
    return std::tuple{
        field("verb", &KvCommand::verb),         field("session", &KvCommand::session),
        field("sequence", &KvCommand::sequence), field("key", &KvCommand::key),
        field("value", &KvCommand::value),       field("expected", &KvCommand::expected)};
  }
  bool operator==(const KvCommand&) const = default;
};

/// Maelstrom's numbers where it has one.
enum class KvCode : std::uint8_t {
  ok = 0,
  unavailable = 11,      // not the leader, or overloaded: not executed here
  session_expired = 14,  // unknown whether it was executed before
  condition_failed = 22,  // the compare, the balance, the lock: executed, and nothing changed
};

struct KvAnswer {
  KvCode code = KvCode::ok;
  std::optional<std::int64_t> value{};   // one integer; the session's number of an open_session
  std::vector<std::int64_t> list{};      // of reads of many
  bool operator==(const KvAnswer&) const = default;
};

void put_command(ByteWriter& out, const KvCommand& command);
KvCommand get_command(ByteReader& in);

}  // namespace sunder
