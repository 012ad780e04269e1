#pragma once
// Sealing and opening: the one way in which anything authentic is said, by honest nodes and liars.

#include "nodes/pbft/messages.h"

namespace sunder::pbft {

/// What a seal covers. A pre-prepare's digest stands for its batch.
template <class Body>
std::string sealed_bytes(NodeId sender, const Body& body) {
  ByteWriter out;
  for (char c : Body::type) out.number(static_cast<unsigned char>(c));
  pack(out, sender);
  if constexpr (std::same_as<Body, PrePrepare>) {
    for (std::int64_t number : {body.view, body.sequence, body.digest}) out.number(number);
  } else {
    pack(out, body);
  }
  return out.take();
}

template <class Body>
Sealed<Body> authenticated(const Keyring& keys, Body body) {
  std::vector<Mac> seal = keys.authenticator(sealed_bytes(keys.owner(), body));
  return {keys.owner(), std::move(body), std::move(seal)};
}

template <class Body>
Sealed<Body> signed_by(const Keyring& keys, Body body) {
  Mac signature = keys.sign(sealed_bytes(keys.owner(), body));
  return {keys.owner(), std::move(body), {signature}};
}

/// Whether the sender made this authenticator, as far as its entry for the owner tells.
template <class Body>
bool is_authentic(const Keyring& keys, const Sealed<Body>& message) {
  auto own = static_cast<std::size_t>(keys.owner().index);
  return own < message.seal.size() &&
         keys.check(message.sender, sealed_bytes(message.sender, message.body),
                    message.seal[own]);
}

template <class Body>
bool is_signed(const Keyring& keys, const Sealed<Body>& message) {
  return message.seal.size() == 1 &&
         keys.verify(message.sender, sealed_bytes(message.sender, message.body), message.seal[0]);
}

inline std::string signed_bytes(const Request& request) {
  ByteWriter out;
  pack(out, request.client);
  out.number(request.timestamp);
  out.number(request.op);
  put_command(out, request.command);
  return out.take();
}
inline bool is_signed(const Keyring& keys, const Request& request) {
  return keys.verify(request.client, signed_bytes(request), request.signature);
}

inline bool is_authentic(const Keyring& keys, const Request& request) {
  auto own = static_cast<std::size_t>(keys.owner().index);
  return own < request.macs.size() &&
         keys.check(request.client, signed_bytes(request), request.macs[own]);
}

inline std::int64_t digest_of(const Batch& batch) { return digest_of(packed(batch)); }

}  // namespace sunder::pbft
