#include "harness/real/stdio/speech.h"

#include "harness/core/digest.h"

namespace sunder::stdio {

const Request* Speech::find(std::string_view type) const {
  for (const Request& request : requests) {
    if (request.type == type) return &request;
  }
  return nullptr;
}

Result<Spoken> choose_speech(const System& system, std::string_view workload) {
  std::string known;
  for (const Speech& speech : speeches()) {
    for (std::string_view datatype : speech.datatypes) {
      if (!system.verbs.contains(std::string(datatype))) continue;
      if (workload.empty() || workload == speech.workload) {
        return Spoken{&speech, std::string(datatype)};
      }
      known += (known.empty() ? "" : ", ") + std::string(speech.workload);
      break;
    }
  }
  if (known.empty()) {
    return Error{Error::Code::malformed, system.name + " speaks none of Maelstrom's workloads"};
  }
  return Error{Error::Code::malformed, system.name + " does not speak Maelstrom's workload '" +
                                           std::string(workload) + "', but: " + known};
}

std::int64_t key_number(const Value& key) {
  if (key.is_integer()) return key.integer();
  constexpr std::uint64_t beyond = std::uint64_t{1} << 62;
  Digest digest;
  digest.add(to_json(key));
  return static_cast<std::int64_t>((digest.value() & (beyond - 1)) | beyond);
}

bool compare_failed(const Outcome& outcome) {
  // The words by which every client says so, and checkers know it.
  return outcome.phase == Phase::fail && outcome.why.starts_with("compare failed");
}

Map reply_to_failure(const Outcome& outcome, bool timed_out) {
  if (outcome.phase == Phase::fail) {
    if (compare_failed(outcome)) return error_body(ErrorCode::precondition_failed, outcome.why);
    if (outcome.why.starts_with("refused")) {
      return error_body(ErrorCode::temporarily_unavailable, outcome.why);
    }
    return error_body(ErrorCode::abort, outcome.why);
  }
  return error_body(timed_out ? ErrorCode::timeout : ErrorCode::crash, outcome.why);
}

}  // namespace sunder::stdio
