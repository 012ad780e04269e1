#pragma once
// A real crashfs, mounted in a mount namespace of the test's own.

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/core/value.h"
#include "harness/faultkit/descriptor.h"

namespace sunder::crashfs {

/// Why no crashfs can be mounted here; empty when one can. Enters a mount namespace at first.
std::string why_no_mount();

class Mounted {
 public:
  explicit Mounted(const std::vector<std::string>& options = {});
  ~Mounted();  // asks it to end, and expects the mount to be gone
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;

  std::filesystem::path folder() const { return place_ / "disk"; }
  std::filesystem::path log() const { return place_ / "log"; }
  pid_t process() const { return process_; }
  /// Asks over the control socket; the answer must be ok unless `refusal` is wanted.
  Value ask(Map request, bool refusal = false);
  Value crash(std::string_view policy, std::uint64_t seed);
  void sync_everything();
  /// After kill -9: reaps it. The destructor then asks for nothing.
  void kill();
  bool is_mounted() const;

 private:
  std::filesystem::path place_;
  pid_t process_ = -1;
  Descriptor control_;
};

/// A program in a process of its own.
class Program {
 public:
  /// `run` gets a function that tells the test of one more finished act.
  explicit Program(const std::function<void(const std::function<void()>& done)>& run);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t process() const { return process_; }
  /// Waits until so many acts are finished, or the program has ended; the count so far.
  int await(int acts);
  bool ended_within(int milliseconds);
  /// kill -9, at whatever it is doing. All acts that it had finished.
  int kill();

 private:
  int take(int wait_ms);
  pid_t process_ = -1;
  Descriptor acts_;
  int finished_ = 0;
  bool silent_ = false;
};

}  // namespace sunder::crashfs
