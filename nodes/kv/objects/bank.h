#pragma once
// One bank with a fixed number of accounts. The first one begins with all of the money; no account
// is ever overdrawn.

#include <array>
#include <vector>

#include "nodes/kv/bytes.h"
#include "nodes/kv/objects/entry_sum.h"

namespace sunder {

class KvBank {
 public:
  static constexpr std::int64_t accounts = 8;  // 0 .. 7, as in Jepsen's test
  static constexpr std::int64_t total = 100;

  /// False, with nothing changed, when there is no such account or not as much money on it.
  bool transfer(std::int64_t from, std::int64_t to, std::int64_t amount) {
    auto known = [](std::int64_t account) { return account >= 0 && account < accounts; };
    if (!known(from) || !known(to) || from == to) return false;
    if (amount <= 0 || balances_[place(from)] < amount) return false;
    set(from, balances_[place(from)] - amount);
    set(to, balances_[place(to)] + amount);
    return true;
  }
  std::vector<std::int64_t> read() const { return {balances_.begin(), balances_.end()}; }

  bool empty() const { return balances_ == KvBank().balances_; }
  std::uint64_t digest() const { return sum_.value(); }
  void put(ByteWriter& out) const {
    for (std::int64_t balance : balances_) out.number(balance);
  }
  void get(ByteReader& in) {  // REQUIRES: empty()
    for (std::int64_t account = 0; account < accounts; ++account) set(account, in.number());
  }

 private:
  static std::size_t place(std::int64_t account) { return static_cast<std::size_t>(account); }
  void set(std::int64_t account, std::int64_t balance) {
    sum_.remove(account, balances_[place(account)]);
    balances_[place(account)] = balance;
    sum_.add(account, balance);
  }

  std::array<std::int64_t, accounts> balances_{total};
  EntrySum sum_{5};
};

}  // namespace sunder
