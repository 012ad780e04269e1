// The data of files.

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "harness/crashfs/volume.h"

namespace sunder::crashfs {
namespace {

/// How many bytes differ; those beyond the shorter one's end do.
std::uint64_t difference(const Content& a, const Content& b) {
  std::uint64_t size = std::max(a.size(), b.size());
  std::uint64_t count = size - std::min(a.size(), b.size());
  for (std::uint64_t at = 0; at < std::min(a.size(), b.size()); at += Content::page_size) {
    std::string left = a.read(at, Content::page_size);
    std::string right = b.read(at, Content::page_size);
    for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
      count += left[i] != right[i] ? 1 : 0;
    }
  }
  return count;
}

}  // namespace

int Volume::read(Ino number, std::uint64_t offset, std::uint64_t size, std::string& bytes) const {
  const Inode* found = inode(number);
  if (found == nullptr) return ESTALE;
  bytes = found->file.now().read(offset, size);
  return 0;
}

const Content* Volume::content(Ino number) const {
  const Inode* found = inode(number);
  bool regular = found != nullptr && S_ISREG(found->attributes.mode);
  return regular ? &found->file.now() : nullptr;
}

int Volume::read_durable(Ino number, std::uint64_t offset, std::uint64_t size,
                         std::string& bytes) const {
  const Inode* found = inode(number);
  if (found == nullptr) return ESTALE;
  bytes = found->file.durable().read(offset, size);
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

Volume Volume::durable() const {
  Volume copy = *this;  // cheap: pages are shared until somebody writes
  copy.crash(Policy::none, 0);
  return copy;
}

Volume::Reverted Volume::go_back(Volume past) {
  Reverted reverted;
  for (const auto& [number, inode] : inodes_) {
    if (!S_ISREG(inode.attributes.mode) || inode.links == 0) continue;
    const Inode* then = past.inode(number);
    std::uint64_t bytes = then == nullptr ? 0 : difference(inode.file.now(), then->file.now());
    reverted.bytes += bytes;
    reverted.files += then == nullptr || bytes > 0 ? 1 : 0;
  }
  for (auto& [number, inode] : past.inodes_) {
    const Inode* now = this->inode(number);
    inode.held = now == nullptr ? 0 : now->held;
    bool back = S_ISREG(inode.attributes.mode) && (now == nullptr || now->links == 0);
    reverted.files += back ? 1 : 0;
  }
  past.next_ = next_;
  past.sequence_ = sequence_;
  past.crashes_ = crashes_ + 1;
  *this = std::move(past);
  return reverted;
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
