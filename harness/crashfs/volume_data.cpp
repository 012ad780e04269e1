// The data of files.

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "harness/crashfs/volume.h"

namespace sunder::crashfs {

int Volume::read(Ino number, std::uint64_t offset, std::uint64_t size, std::string& bytes) const {
  const Inode* found = inode(number);
  if (found == nullptr) return ESTALE;
  bytes = found->file.now().read(offset, size);
  return 0;
}

int Volume::read_stale(Ino number, std::uint64_t offset, std::uint64_t size,
                       std::string& bytes) const {
  const Inode* found = inode(number);
  if (found == nullptr) return ESTALE;
  std::string now = found->file.now().read(offset, size);
  bytes = found->file.durable().read(offset, size);
  bytes.resize(now.size(), '\0');  // the size is known, whatever the blocks hold
  return 0;
}

void Volume::account(std::uint64_t before, const FileState& file) {
  used_ += (file.now().pages() - before) * Content::page_size;
}

int Volume::write(Ino number, std::uint64_t offset, std::string_view bytes) {
  Inode* found = file(number);
  if (found == nullptr) return exists(number) ? EINVAL : ESTALE;
  FileState& state = found->file;
  if (offset > options_.file_limit || bytes.size() > options_.file_limit - offset) return EFBIG;
  std::uint64_t size = state.now().size();
  std::uint64_t end = offset + bytes.size();
  std::uint64_t growth = std::min<std::uint64_t>(end - std::min(end, size), bytes.size());
  if (growth > 0 && used_ + growth > options_.capacity) return ENOSPC;
  std::uint64_t before = state.now().pages();
  state.write(++sequence_, offset, bytes);
  account(before, state);
  if (state.pending_bytes() > options_.writeback_bytes) state.sync();
  return 0;
}

int Volume::resize(Ino number, std::uint64_t size) {
  Inode* found = file(number);
  if (found == nullptr) return exists(number) ? EINVAL : ESTALE;
  if (size > options_.file_limit) return EFBIG;
  std::uint64_t before = found->file.now().pages();
  found->file.resize(++sequence_, size);
  account(before, found->file);
  return 0;
}

int Volume::sync(Ino number) {
  if (!exists(number)) return ESTALE;
  if (options_.order == NameOrder::journaled) {
    names_.sync_all();
  } else if (is_directory(number)) {
    names_.sync(number);
  }
  if (Inode* found = file(number)) found->file.sync();
  return 0;
}

void Volume::sync_all() {
  names_.sync_all();
  for (auto& [number, inode] : inodes_) inode.file.sync();
}

int Volume::forget(Ino number) {
  if (!exists(number)) return ESTALE;
  if (Inode* found = file(number)) found->file.forget();
  return 0;
}

int Volume::damage(Ino number, const std::function<void(Content&)>& how) {
  Inode* found = file(number);
  if (found == nullptr) return exists(number) ? EINVAL : ENOENT;
  std::uint64_t before = found->file.now().pages();
  found->file.damage(how);
  account(before, found->file);
  return 0;
}

}  // namespace sunder::crashfs
