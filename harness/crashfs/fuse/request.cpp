#include "harness/crashfs/fuse/request.h"

#include <cerrno>
#include <ctime>
#include <memory>

namespace sunder::crashfs {
namespace {

constexpr std::int64_t second = 1'000'000'000;

timespec timespec_of(std::int64_t nanoseconds) {
  return {nanoseconds / second, nanoseconds % second};
}

/// Times out at once, so that the kernel asks again after a power cut.
fuse_entry_param entry_of(const Volume& volume, Ino inode) {
  fuse_entry_param entry{};
  entry.ino = inode;
  entry.attr = stat_of(volume, inode);
  return entry;
}

/// A request whose program was killed while it waits.
class Interruptible {
 public:
  explicit Interruptible(fuse_req_t request) : request_(request), disk_(disk_of(request)) {
    fuse_req_interrupt_func(request, &Interruptible::interrupted, this);
  }
  ~Interruptible() { fuse_req_interrupt_func(request_, nullptr, nullptr); }
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
  const bool& flag() const { return flag_; }

 private:
  static void interrupted(fuse_req_t, void* self) {
    auto* waiting = static_cast<Interruptible*>(self);
    waiting->disk_.interrupt(waiting->flag_);
  }
  fuse_req_t request_;
  Disk& disk_;
  bool flag_ = false;
};

}  // namespace

std::optional<Injection> pass(fuse_req_t request, Operation operation, Ino inode,
                              std::string_view name) {
  Disk& disk = disk_of(request);
  Injection injection = disk.strike(operation, inode, name);
  int error = 0;
  if (injection.hang != 0 || injection.delay > Duration{0}) {
    Interruptible waiting(request);
    error = disk.suffer(injection, waiting.flag());
  }
  if (error == 0) error = injection.error;
  if (error == 0) return injection;
  if (injection.lose && operation == Operation::fsync) {
    disk.with([&](Volume& volume, FaultRules&) { volume.forget(inode); });
  }
  fuse_reply_err(request, error);
  return {};
}

std::int64_t time_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * second + now.tv_nsec;
}

struct stat stat_of(const Volume& volume, Ino inode) {
  struct stat stat {};
  const Attributes* attributes = volume.attributes(inode);
  if (attributes == nullptr) return stat;
  stat.st_ino = inode;
  stat.st_mode = attributes->mode;
  stat.st_nlink = volume.links(inode);
  stat.st_uid = attributes->user;
  stat.st_gid = attributes->group;
  stat.st_rdev = attributes->device;
  stat.st_size = static_cast<off_t>(volume.size(inode));
  stat.st_blksize = static_cast<blksize_t>(Content::page_size);
  stat.st_blocks = static_cast<blkcnt_t>((volume.size(inode) + 511) / 512);
  stat.st_atim = timespec_of(attributes->accessed);
  stat.st_mtim = timespec_of(attributes->modified);
  stat.st_ctim = timespec_of(attributes->changed);
  return stat;
}

void reply_entry(fuse_req_t request, Ino inode) {
  fuse_entry_param entry{};
  bool there = disk_of(request).with([&](Volume& volume, FaultRules&) {
    volume.hold(inode);
    entry = entry_of(volume, inode);
    return volume.exists(inode);
  });
  if (!there) {
    fuse_reply_err(request, ENOENT);
  } else if (fuse_reply_entry(request, &entry) != 0) {  // the program was interrupted meanwhile
    disk_of(request).with([&](Volume& volume, FaultRules&) { volume.release(inode); });
  }
}

void reply_handle(fuse_req_t request, fuse_file_info* info, Ino created) {
  auto handle = std::make_unique<Handle>();
  fuse_entry_param entry{};
  disk_of(request).with([&](Volume& volume, FaultRules&) {
    handle->crashes = volume.crashes();
    if (created == 0) return;
    volume.hold(created);
    entry = entry_of(volume, created);
  });
  info->fh = reinterpret_cast<std::uint64_t>(handle.get());
  int refused = created == 0 ? fuse_reply_open(request, info)
                             : fuse_reply_create(request, &entry, info);
  if (refused == 0) {
    (void)handle.release();  // comes back with the request `release`
  } else if (created != 0) {
    disk_of(request).with([&](Volume& volume, FaultRules&) { volume.release(created); });
  }
}

}  // namespace sunder::crashfs
