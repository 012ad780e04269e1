#pragma once
// Programs whose power is cut, and what they promise.

#include <filesystem>
#include <functional>
#include <string>

namespace sunder::crashfs {

struct Subject {
  using Done = std::function<void()>;
  std::string name;
  std::function<void(const std::filesystem::path& folder, const Done& done)> run;  // until killed
  /// What is wrong after the power cut, given how many acts it had finished; empty: nothing.
  std::function<std::string(const std::filesystem::path& folder, int finished)> complaint;
};

/// Transactions that insert a row, change another table, and now and then all rows. `promises`
/// says whether acknowledged rows must be there; that what is there is consistent, it must be.
Subject sqlite(const std::string& journal, const std::string& synchronous, bool promises);

/// The same on LMDB, whose environment gets the flags (MDB_NOSYNC ...).
Subject lmdb(const std::string& name, unsigned flags);

}  // namespace sunder::crashfs
