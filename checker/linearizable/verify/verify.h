#pragma once
// Verification of certificates on the full history, by code of its own.

#include <span>
#include <string>
#include <vector>

#include "checker/linearizable/certificate.h"

namespace sunder::linearizable {

/// What the certificate of one partition proves.
struct Proven {
  enum class What : std::uint8_t { nothing, linearizable, not_linearizable };
  What what = What::nothing;
  std::string flaw;  // of nothing: why it proves nothing
};

/// `proof` is one partition of a certificate (certificate.h); the operations are all of that
/// partition's. Shares the datatype's model with the search, and nothing else.
Proven verify(const Value& proof, std::span<const Operation> operations, const Datatype& datatype,
              Model& model);

/// The parts of verify(): empty when the proof holds, otherwise what is wrong with it.
std::string verify_order(const Value& proof, std::span<const Operation> operations, Model& model);
std::string verify_pattern(const Value& proof, std::span<const Operation> operations,
                           const Datatype& datatype);
std::string verify_configurations(const Value& proof, std::span<const Operation> operations,
                                  Model& model);

/// The operation that was invoked at this position; nullopt when there is none.
std::optional<std::uint32_t> operation_at(std::span<const Operation> operations, const Value& op);

}  // namespace sunder::linearizable
