#pragma once
// What an agent on a host of its own has done and whoever comes after it has to undo.

#include <filesystem>
#include <set>
#include <string>

#include "harness/core/result.h"

namespace sunder {

/// A small file that is on disk before the act is begun. Not thread-safe.
class UndoJournal {
 public:
  static constexpr const char* cuts = "cuts";  // nft's table is to be removed
  static constexpr const char* bends = "bends";  // and the one that queues packets
  static constexpr const char* node = "node";  // processes with our mark are to be ended

  /// Reads what a former agent left. A torn file reads as if everything were to be undone.
  explicit UndoJournal(std::filesystem::path file);

  bool has(const std::string& act) const { return acts_.contains(act); }
  Status will(const std::string& act);    // returns when it is on disk
  Status undone(const std::string& act);

 private:
  Status write();

  std::filesystem::path file_;
  std::set<std::string> acts_;
};

}  // namespace sunder
