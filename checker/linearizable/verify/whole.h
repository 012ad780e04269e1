#pragma once
// Verification of a whole certificate: what `sunder check --verify-certificate` does.

#include <string>

#include "harness/core/history.h"
#include "harness/core/result.h"
#include "harness/core/verdict.h"

namespace sunder::linearizable {

/// The verdict that a certificate (certificate.h) proves of a history: valid when every partition
/// of the full history has a linearization in it, invalid when some partition is refuted, unknown
/// when it proves neither; then the summary says why. A wrong proof in any part spoils the whole.
/// An error: it is no certificate at all.
Result<Verdict> verify_certificate(const Value& certificate, const History& history);

}  // namespace sunder::linearizable
