#pragma once
// Locks that are held for a time only, with fencing tokens, and a resource that minds them. What
// time it is, the log does not know: whoever leads says when a lease is over, and names the grant
// that it means, so that a renewal which was under way is not undone.

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "harness/core/digest.h"
#include "nodes/kv/bytes.h"

namespace sunder {

/// Mistakes of lock services; `nodes/lock/flaws.cpp` says whose.
struct LeaseFlaws {
  bool anyone_releases = false;
  bool renewal_revives = false;
  bool leader_counts_tokens = false;
  bool resource_takes_any_token = false;
};

class KvLeases {
 public:
  explicit KvLeases(LeaseFlaws flaws) : flaws_(flaws) {}

  /// The fencing token, greater than all before it; nothing when somebody holds the lock.
  std::optional<std::int64_t> acquire(std::int64_t key, std::int64_t owner,
                                      std::int64_t leaders_token) {
    Lease lease = find(key);
    if (lease.holder) return {};
    lease.holder = owner;
    lease.token = flaws_.leader_counts_tokens ? leaders_token : lease.token + 1;
    ++lease.grants;
    set(key, lease);
    return lease.token;
  }
  /// The token again; nothing when the owner does not hold the lock any more.
  std::optional<std::int64_t> renew(std::int64_t key, std::int64_t owner) {
    Lease lease = find(key);
    if (lease.holder != owner && !flaws_.renewal_revives) return {};
    lease.holder = owner;
    ++lease.grants;
    set(key, lease);
    return lease.token;
  }
  /// Afterwards the owner does not hold the lock, whether it still did or not.
  void release(std::int64_t key, std::int64_t owner) {
    Lease lease = find(key);
    if (lease.holder != owner && !flaws_.anyone_releases) return;
    lease.holder.reset();
    set(key, lease);
  }
  /// Ends the lease that this grant began or prolonged, if no later one did.
  void expire(std::int64_t key, std::int64_t grants) {
    Lease lease = find(key);
    if (!lease.holder || lease.grants != grants) return;
    lease.holder.reset();
    set(key, lease);
  }
  /// A write to what the lock protects: false when it has seen a greater token.
  bool write(std::int64_t key, std::int64_t token, std::int64_t value) {
    Lease lease = find(key);
    if (token < lease.seen && !flaws_.resource_takes_any_token) return false;
    lease.seen = std::max(token, lease.seen);
    lease.value = value;
    set(key, lease);
    return true;
  }

  struct Held {
    std::int64_t key = 0;
    std::int64_t token = 0;
    std::int64_t grants = 0;
  };
  std::optional<Held> held(std::int64_t key) const {
    auto found = leases_.find(key);
    if (found == leases_.end() || !found->second.holder) return {};
    return Held{key, found->second.token, found->second.grants};
  }
  std::int64_t last_token(std::int64_t key) const { return find(key).token; }
  void each_held(const std::function<void(const Held&)>& visit) const {
    for (const auto& [key, lease] : leases_) {
      if (lease.holder) visit({key, lease.token, lease.grants});
    }
  }

  bool empty() const { return leases_.empty(); }
  std::uint64_t digest() const { return digest_; }
  void put(ByteWriter& out) const {
    out.number(static_cast<std::int64_t>(leases_.size()));
    for (const auto& [key, lease] : leases_) {
      out.number(key);
      out.number(lease.token);
      out.number(lease.grants);
      out.number(lease.seen);
      out.number(lease.value);
      out.number(lease.holder ? 1 : 0);
      out.number(lease.holder.value_or(0));
    }
  }
  void get(ByteReader& in) {  // REQUIRES: empty()
    for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
      std::int64_t key = in.number();
      Lease lease;
      lease.token = in.number();
      lease.grants = in.number();
      lease.seen = in.number();
      lease.value = in.number();
      bool held = in.number() != 0;
      std::int64_t holder = in.number();
      if (held) lease.holder = holder;
      set(key, lease);
    }
  }

 private:
  struct Lease {
    std::optional<std::int64_t> holder{};
    std::int64_t token = 0;   // the last one that was given
    std::int64_t grants = 0;  // acquires and renewals
    std::int64_t seen = 0;    // the greatest token that the resource has met
    std::int64_t value = 0;   // what it holds
  };
  Lease find(std::int64_t key) const {
    auto found = leases_.find(key);
    return found == leases_.end() ? Lease{} : found->second;
  }
  static std::uint64_t part(std::int64_t key, const Lease& lease) {
    Digest digest;
    std::int64_t holder = lease.holder ? *lease.holder : INT64_MIN;  // no owner is negative
    for (std::int64_t word : {key, holder, lease.token, lease.grants, lease.seen, lease.value}) {
      digest.add(static_cast<std::uint64_t>(word));
    }
    return digest.value();
  }
  void set(std::int64_t key, const Lease& lease) {
    auto [at, fresh] = leases_.try_emplace(key, lease);
    if (!fresh) digest_ -= part(key, at->second);
    at->second = lease;
    digest_ += part(key, lease);
  }

  LeaseFlaws flaws_;
  std::map<std::int64_t, Lease> leases_;
  std::uint64_t digest_ = 0;  // the sum of the parts of all leases
};

}  // namespace sunder
