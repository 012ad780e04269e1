#pragma once
// What clients ask of a key-value store of integers, and what it answers.

#include <cstdint>
#include <optional>

#include "harness/core/codec.h"
#include "harness/core/op.h"
#include "nodes/kv/bytes.h"

namespace sunder {

enum class KvVerb : std::uint8_t { noop, read, write, cas, open_session };

/// One command, as it travels and as it stands in a log. (session, sequence) names it for good, so
/// that a retry is recognised (Ongaro's thesis, section 6.3); session 0 is for reads, which may be
/// carried out twice.
struct KvCommand {
  std::uint8_t verb = 0;  // a KvVerb
  std::int64_t session = 0;
  std::int64_t sequence = 0;
  std::int64_t key = 0;
  std::int64_t value = 0;     // of a write; the new value of a cas
  std::int64_t expected = 0;  // of a cas

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
  compare_failed = 22,
};

struct KvAnswer {
  KvCode code = KvCode::ok;
  std::optional<std::int64_t> value;  // of a read; the session's number of an open_session
  bool operator==(const KvAnswer&) const = default;
};

/// The command of a client op, without session; nothing when the op is malformed.
std::optional<KvCommand> kv_command_from(const Op& invocation);

void put_command(ByteWriter& out, const KvCommand& command);
KvCommand get_command(ByteReader& in);

}  // namespace sunder
