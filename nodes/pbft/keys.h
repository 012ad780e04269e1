#pragma once
// Who can prove what to whom: pairwise keys for authenticators, and one signature a principal.
//
// The keyed hash is SipHash-2-4 (Aumasson and Bernstein, INDOCRYPT 2012), and all keys are derived
// from one constant. This tells honest principals of one test from liars that stick to their own
// keyring; it is no cryptography for an open network.

#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/core/node_id.h"

namespace sunder::pbft {

struct Key {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

using Mac = std::int64_t;  // signed, as numbers in messages are

std::uint64_t sip_hash(Key key, std::string_view bytes);

/// A fingerprint that everybody can compute: of batches and states.
std::int64_t digest_of(std::string_view bytes);

/// What one principal, a replica or a client, holds. It makes its owner's proofs and no other's:
/// the keys that verify the signatures of others never leave it.
class Keyring {
 public:
  Keyring(NodeId owner, std::size_t replicas);
  NodeId owner() const { return owner_; }

  /// One entry for each replica, under the key that the owner shares with it.
  std::vector<Mac> authenticator(std::string_view bytes) const;
  /// For one principal only, client or replica.
  Mac mac(NodeId target, std::string_view bytes) const;
  bool check(NodeId source, std::string_view bytes, Mac mac) const;

  Mac sign(std::string_view bytes) const;
  bool verify(NodeId signer, std::string_view bytes, Mac signature) const;

 private:
  Key pair_key(NodeId other) const;

  NodeId owner_;
  Key own_;                 // signs
  std::vector<Key> pairs_;  // by replica
};

}  // namespace sunder::pbft
