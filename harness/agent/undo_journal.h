#pragma once
// What an agent on a host of its own has done and whoever comes after it has to undo.

#include <filesystem>
#include <map>
#include <string>

#include "harness/core/result.h"

namespace sunder {

/// A small file that is on disk before the act is begun. Not thread-safe.
class UndoJournal {
 public:
  static constexpr const char* cuts = "cuts";  // nft's table is to be removed
  static constexpr const char* bends = "bends";  // and the one of links, and our disciplines
  static constexpr const char* clock = "clock";  // is to be set right, by what stands beside it
  static constexpr const char* ports = "ports";  // local ones, to be as said beside it
  static constexpr const char* group = "group";  // a control group is to go, from where is said
  static constexpr const char* node = "node";  // processes with our mark are to be ended

  /// Reads what a former agent left. A torn file reads as if everything were to be undone.
  explicit UndoJournal(std::filesystem::path file);

  bool has(const std::string& act) const { return acts_.contains(act); }
  /// What was said beside it; "" also when it is not there.
  std::string detail(const std::string& act) const;
  /// Returns when it is on disk, with one line of what undoing will need. Of an act that is there
  /// already: nothing.
  Status will(const std::string& act, const std::string& detail = "");
  Status undone(const std::string& act);

 private:
  Status write();

  std::filesystem::path file_;
  std::map<std::string, std::string> acts_;  // and their details
};

}  // namespace sunder
