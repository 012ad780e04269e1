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

int Disk::read(const Place& place, const Injection& injection, std::string& bytes) {
  std::lock_guard lock(mutex_);
  if (place.crashes != volume_.crashes()) return EIO;
  int error = volume_.read(place.inode, place.offset, place.size, bytes);
  if (error != 0 || injection.readers.empty()) return error;
  std::string sound = bytes;
  if (injection.stale) {
    auto snapshot = snapshots_.find(injection.snapshot);
    const Volume& old = snapshot == snapshots_.end() ? volume_ : snapshot->second;
    bytes.clear();  // a file that was not there had none
    (void)old.read_durable(place.inode, place.offset, place.size, bytes);
    bytes.resize(sound.size(), '\0');  // the size is known, whatever the blocks hold
  }
  if (injection.bit_rot) rot(bytes, place.inode, place.offset, seed_);
  if (bytes != sound) rules_.note_altered(injection.readers);
  return 0;
}

void Disk::take_snapshot(const std::string& name) {
  std::lock_guard lock(mutex_);
  snapshots_.insert_or_assign(name, volume_.durable());
}

bool Disk::has_snapshot(const std::string& name) {
  std::lock_guard lock(mutex_);
  return snapshots_.contains(name);
}

std::optional<Volume::Reverted> Disk::restore_snapshot(const std::string& name) {
  std::lock_guard lock(mutex_);
  auto snapshot = snapshots_.find(name);
  if (snapshot == snapshots_.end()) return {};
  wake_.notify_all();
  Volume past = std::move(snapshot->second);
  snapshots_.erase(snapshot);
  return volume_.go_back(std::move(past));
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
