#pragma once
// One line of a history, in Jepsen's vocabulary.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/core/time.h"
#include "harness/core/value.h"

namespace sunder {

/// A logical client, or a nemesis. Client processes are 0, 1, 2 ...; an `info` retires one for good
/// and its thread goes on as process + concurrency. nemesis-k is -1 - k.
struct Process {
  std::int32_t id = 0;
  bool is_client() const { return id >= 0; }
  std::int32_t nemesis_index() const { return -1 - id; }  // REQUIRES: !is_client()
  static Process nemesis(std::int32_t index) { return Process{-1 - index}; }
  auto operator<=>(const Process&) const = default;
};
std::string to_string(Process process);  // "3", "nemesis-0"
std::optional<Process> parse_process(std::string_view text);

/// invoke begins an operation; ok: it happened; fail: it surely did not; info: nobody knows.
enum class Phase : std::uint8_t { invoke, ok, fail, info };
std::string_view to_string(Phase phase);
std::optional<Phase> parse_phase(std::string_view text);

struct Op {
  std::uint64_t index = 0;  // dense position in the history
  Instant time;             // since the run began
  Process process;
  Phase phase = Phase::invoke;
  std::string verb;         // read, write, cas ...; start-partition ... of a nemesis
  Value value;              // the arguments, and the answer once ok
  std::string error;        // why, of a fail or info; else empty
  bool operator==(const Op&) const = default;
};

/// One JSON object: {"index":0,"time":1000,"process":0,"type":"invoke","f":"write","value":[7,3]},
/// with "error" when there is one. No newline.
void append_json(std::string& out, const Op& op);
/// The op that such an object says, or what is wrong with it. "index" and "time" may be missing.
Result<Op> op_from(const Value& object);
/// The op as EDN, one map, as Jepsen writes it. No newline.
void append_edn(std::string& out, const Op& op);
/// For people: "process 3 invoke write [7 3]".
std::string describe(const Op& op);

}  // namespace sunder
