// Requests about the data of files, and syncs.

#include <fcntl.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <memory>

#include "harness/crashfs/fuse/request.h"

namespace sunder::crashfs {
namespace {

bool is_dead(const Volume& volume, const fuse_file_info* info) {
  return handle_of(info)->crashes != volume.crashes();
}

void on_open(fuse_req_t request, fuse_ino_t inode, fuse_file_info* info) {
  if (!pass(request, Operation::open, inode)) return;
  int error = disk_of(request).with([&](Volume& volume, FaultRules&) {
    return (info->flags & O_TRUNC) != 0 ? volume.resize(inode, 0) : 0;
  });
  if (error != 0) {
    fuse_reply_err(request, error);
  } else {
    reply_handle(request, info, 0);
  }
}

void on_release(fuse_req_t request, fuse_ino_t, fuse_file_info* info) {
  std::unique_ptr<Handle> done(handle_of(info));
  fuse_reply_err(request, 0);
}

void on_read(fuse_req_t request, fuse_ino_t inode, std::size_t size, off_t offset,
             fuse_file_info* info) {
  std::optional<Injection> injection = pass(request, Operation::read, inode);
  if (!injection) return;
  Disk::Place place{inode, static_cast<std::uint64_t>(offset), size, handle_of(info)->crashes};
  std::string bytes;
  int error = disk_of(request).read(place, *injection, bytes);
  if (error != 0) {
    fuse_reply_err(request, error);
  } else {
    fuse_reply_buf(request, bytes.data(), bytes.size());
  }
}

void on_write(fuse_req_t request, fuse_ino_t inode, const char* data, std::size_t size,
              off_t offset, fuse_file_info* info) {
  std::optional<Injection> injection = pass(request, Operation::write, inode);
  if (!injection) return;
  if (injection->short_write && size > 1) size /= 2;
  int error = disk_of(request).with([&](Volume& volume, FaultRules&) {
    if (is_dead(volume, info)) return EIO;
    int refused = volume.write(inode, static_cast<std::uint64_t>(offset), {data, size});
    if (refused != 0) return refused;
    Attributes attributes = *volume.attributes(inode);
    attributes.modified = attributes.changed = time_now();
    volume.change(inode, attributes);
    return (info->flags & O_DSYNC) != 0 ? volume.sync(inode) : 0;
  });
  if (error != 0) {
    fuse_reply_err(request, error);
  } else {
    fuse_reply_write(request, size);
  }
}

void on_flush(fuse_req_t request, fuse_ino_t, fuse_file_info*) { fuse_reply_err(request, 0); }

void on_fsync(fuse_req_t request, fuse_ino_t inode, int, fuse_file_info* info) {
  if (!pass(request, Operation::fsync, inode)) return;
  fuse_reply_err(request, disk_of(request).with([&](Volume& volume, FaultRules&) {
    return is_dead(volume, info) ? EIO : volume.sync(inode);
  }));
}

void on_fallocate(fuse_req_t request, fuse_ino_t inode, int mode, off_t offset, off_t length,
                  fuse_file_info* info) {
  if (!pass(request, Operation::write, inode)) return;
  auto end = static_cast<std::uint64_t>(offset) + static_cast<std::uint64_t>(length);
  fuse_reply_err(request, disk_of(request).with([&](Volume& volume, FaultRules&) {
    if (is_dead(volume, info)) return EIO;
    if (mode == FALLOC_FL_KEEP_SIZE) return 0;
    if (mode != 0) return EOPNOTSUPP;
    return end > volume.size(inode) ? volume.resize(inode, end) : 0;
  }));
}

void on_statfs(fuse_req_t request, fuse_ino_t inode) {
  if (!pass(request, Operation::space, inode)) return;
  struct statvfs space {};
  disk_of(request).with([&](Volume& volume, FaultRules&) {
    std::uint64_t capacity = volume.options().capacity;
    std::uint64_t used = std::min(volume.used(), capacity);
    space.f_bsize = space.f_frsize = Content::page_size;
    space.f_blocks = capacity / Content::page_size;
    space.f_bfree = space.f_bavail = (capacity - used) / Content::page_size;
    space.f_namemax = 255;
  });
  fuse_reply_statfs(request, &space);
}

}  // namespace

void add_data_handlers(fuse_lowlevel_ops& handlers) {
  handlers.open = on_open;
  handlers.release = on_release;
  handlers.releasedir = on_release;
  handlers.read = on_read;
  handlers.write = on_write;
  handlers.flush = on_flush;
  handlers.fsync = on_fsync;
  handlers.fsyncdir = on_fsync;
  handlers.fallocate = on_fallocate;
  handlers.statfs = on_statfs;
}

}  // namespace sunder::crashfs
