#include "harness/crashfs/disk.h"

#include <cerrno>
#include <chrono>

namespace sunder::crashfs {

Injection Disk::strike(Operation operation, Ino inode, std::string_view name) {
  std::lock_guard lock(mutex_);
  if (rules_.empty()) return {};
  std::string path = volume_.path(inode);
  if (!name.empty()) path.append(path == "/" ? "" : "/").append(name);
  return rules_.strike(operation, path);
}

int Disk::suffer(const Injection& injection, const bool& interrupted) {
  std::unique_lock lock(mutex_);
  std::uint64_t crashes = volume_.crashes();
  auto stopped = [&] { return interrupted || ended_ || volume_.crashes() != crashes; };
  if (injection.delay > Duration{0}) wake_.wait_for(lock, injection.delay, stopped);
  if (injection.hang != 0) {
    wake_.wait(lock, [&] { return stopped() || !rules_.in_force(injection.hang); });
  }
  if (ended_ || volume_.crashes() != crashes) return EIO;
  return interrupted ? EINTR : 0;
}

void Disk::interrupt(bool& interrupted) {
  std::lock_guard lock(mutex_);
  interrupted = true;
  wake_.notify_all();
}

void Disk::end() {
  std::lock_guard lock(mutex_);
  ended_ = true;
  wake_.notify_all();
}

}  // namespace sunder::crashfs
