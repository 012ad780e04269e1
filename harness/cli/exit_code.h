#pragma once
// Exit codes (DESIGN section 6).


#include "harness/core/result.h"
#include "harness/core/verdict.h"

namespace sunder {

enum ExitCode : int {
  exit_valid = 0,
  exit_invalid = 1,
  exit_unknown = 2,
  exit_usage = 64,
  exit_environment = 69,
  exit_bug = 70,
  exit_interrupted = 130,
};

inline ExitCode exit_code_of(Validity validity) {
  switch (validity) {
    case Validity::valid: return exit_valid;
    case Validity::unknown: return exit_unknown;
    case Validity::invalid: return exit_invalid;
  }
  return exit_bug;
}

/// A file that is not there is wrong input; a machine that lacks something is its environment.
inline ExitCode exit_code_of(const Error& error) {
  bool input = error.code == Error::Code::malformed || error.code == Error::Code::not_found;
  return input ? exit_usage : exit_environment;
}

/// The exit code of many runs: the first of 70, 69, 1, 2 that any of them had, else 0.
inline ExitCode worse(ExitCode a, ExitCode b) {
  for (ExitCode code : {exit_interrupted, exit_bug, exit_environment, exit_usage, exit_invalid,
                        exit_unknown}) {
    if (a == code || b == code) return code;
  }
  return exit_valid;
}

}  // namespace sunder
