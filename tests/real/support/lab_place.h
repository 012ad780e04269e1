#pragma once
// Where the tests' labs stand.

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include "harness/real/lab/lab_world.h"

namespace sunder {

/// The namespaces that this test process has entered, or why it could not. Enters on first use.
const Result<LabSpace>& lab_place();

/// Whether something comes true within some 30 s.
template <class Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// A fresh folder below the system's temporary folder, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Options for a lab of the tiny system in `folder`.
LabOptions lab_options(const std::filesystem::path& folder, const LabSpace& space);

/// Keeps what it is told.
class MemoryJournal final : public Journal {
 public:
  std::uint64_t will(const Value& act) override;
  void undone(std::uint64_t entry) override { open_.erase(entry); }
  const std::map<std::uint64_t, Value>& open() const { return open_; }

 private:
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, Value> open_;
};

}  // namespace sunder
