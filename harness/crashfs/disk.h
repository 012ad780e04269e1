#pragma once
// The volume and the rules of faults, shared by the threads of the file system and the control
// socket.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/core/value.h"
#include "harness/crashfs/damage.h"
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
  /// Calls act(volume, damage) alone.
  template <class Act>
  auto harm(Act act) {
    std::lock_guard lock(mutex_);
    return act(volume_, damage_);
  }

  /// Keeps what is durable now under a name, in place of an earlier snapshot of that.
  void take_snapshot(const std::string& name);
  bool has_snapshot(const std::string& name);
  /// Goes back to a snapshot, which is gone then; none when there is no such one.
  std::optional<Volume::Reverted> restore_snapshot(const std::string& name);

  /// 0, or an errno: EIO for who has opened the file before a power cut, which `crashes` tells. The
  /// bytes are those that the injection makes of them.
  struct Place {
    Ino inode;
    std::uint64_t offset;
    std::uint64_t size;
    std::uint64_t crashes;
  };
  int read(const Place& place, const Injection& injection, std::string& bytes);

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
  Damage damage_;
  std::map<std::string, Volume> snapshots_;
  std::uint64_t seed_;
  bool ended_ = false;
};

}  // namespace sunder::crashfs
