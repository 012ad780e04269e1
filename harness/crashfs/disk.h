#pragma once
// The volume and the rules of faults, shared by the threads of the file system and the control
// socket.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <utility>

#include "harness/core/value.h"
#include "harness/crashfs/fault_rules.h"
#include "harness/crashfs/volume.h"

namespace sunder::crashfs {

class Disk {
 public:
  Disk(VolumeOptions options, std::uint64_t seed) : volume_(options), rules_(seed), seed_(seed) {}
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  std::uint64_t seed() const { return seed_; }

  /// Calls act(volume, rules) alone.
  template <class Act>
  auto with(Act act) {
    std::lock_guard lock(mutex_);
    return act(volume_, rules_);
  }
  /// The same for acts that may let somebody go on who is waiting in suffer().
  template <class Act>
  auto with_and_wake(Act act) {
    std::lock_guard lock(mutex_);
    wake_.notify_all();
    return act(volume_, rules_);
  }

  /// What befalls an operation on an inode, or on a name in it when there is one.
  Injection strike(Operation operation, Ino inode, std::string_view name);
  /// Waits as long as the injection says. 0, or an errno: EINTR when `interrupted` became true
  /// (see interrupt()), EIO when the power was cut or the file system ends meanwhile.
  int suffer(const Injection& injection, const bool& interrupted);
  void interrupt(bool& interrupted);
  /// Nobody waits any more, from now on.
  void end();

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  Volume volume_;
  FaultRules rules_;
  std::uint64_t seed_;
  bool ended_ = false;
};

}  // namespace sunder::crashfs
