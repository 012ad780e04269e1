#include "nodes/pbft/keys.h"

#include <algorithm>
#include <bit>

namespace sunder::pbft {
namespace {

constexpr Key secret{0x5bd1e9955bd1e995u, 0x27d4eb2f165667c5u};  // of the deployment
constexpr Key public_key{0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  explicit SipState(Key key)
      : v0(key.low ^ 0x736f6d6570736575u),
        v1(key.high ^ 0x646f72616e646f6du),
        v2(key.low ^ 0x6c7967656e657261u),
        v3(key.high ^ 0x7465646279746573u) {}

  void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }

  void word(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }

  std::uint64_t finish() {
    v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return word;
}

std::uint64_t number_of(NodeId id) {
  return static_cast<std::uint64_t>(id.index) << 1 | (id.is_node() ? 0 : 1);
}

Key derive(std::uint64_t first, std::uint64_t second) {
  Key key;
  for (std::uint64_t part : {0u, 1u}) {
    SipState state(secret);
    state.word(first);
    state.word(second);
    state.word(part);
    (part == 0 ? key.low : key.high) = state.finish();
  }
  return key;
}

constexpr std::uint64_t signing = ~std::uint64_t{0};  // in the place of a second principal

Key signing_key(NodeId id) { return derive(number_of(id), signing); }

}  // namespace

std::uint64_t sip_hash(Key key, std::string_view bytes) {
  SipState state(key);
  std::size_t whole = bytes.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) state.word(little_endian(bytes.substr(i, 8)));
  state.word(little_endian(bytes.substr(whole)) | std::uint64_t{bytes.size()} << 56);
  return state.finish();
}

std::int64_t digest_of(std::string_view bytes) {
  return static_cast<std::int64_t>(sip_hash(public_key, bytes));
}

Keyring::Keyring(NodeId owner, std::size_t replicas) : owner_(owner), own_(signing_key(owner)) {
  for (std::size_t i = 0; i < replicas; ++i) {
    pairs_.push_back(pair_key(NodeId::node(static_cast<std::int32_t>(i))));
  }
}

Key Keyring::pair_key(NodeId other) const {
  auto index = static_cast<std::size_t>(other.index);
  if (other.is_node() && index < pairs_.size()) return pairs_[index];
  auto [first, second] = std::minmax({number_of(owner_), number_of(other)});
  return derive(first, second);
}

std::vector<Mac> Keyring::authenticator(std::string_view bytes) const {
  std::vector<Mac> macs;
  macs.reserve(pairs_.size());
  for (const Key& key : pairs_) macs.push_back(static_cast<Mac>(sip_hash(key, bytes)));
  return macs;
}

Mac Keyring::mac(NodeId target, std::string_view bytes) const {
  return static_cast<Mac>(sip_hash(pair_key(target), bytes));
}

bool Keyring::check(NodeId source, std::string_view bytes, Mac mac) const {
  return static_cast<Mac>(sip_hash(pair_key(source), bytes)) == mac;
}

Mac Keyring::sign(std::string_view bytes) const {
  return static_cast<Mac>(sip_hash(own_, bytes));
}

bool Keyring::verify(NodeId signer, std::string_view bytes, Mac signature) const {
  return static_cast<Mac>(sip_hash(signing_key(signer), bytes)) == signature;
}

}  // namespace sunder::pbft
