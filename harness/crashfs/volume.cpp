#include "harness/crashfs/volume.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "harness/core/assert.h"

namespace sunder::crashfs {
namespace {

constexpr std::size_t name_limit = 255;
constexpr std::uint64_t collect_after = 256;  // names removed

}  // namespace

Volume::Volume(VolumeOptions options) : options_(options) {
  inodes_[root].attributes.mode = S_IFDIR | 0755;
  inodes_[root].links = 1;
}

Ino Volume::find(Ino directory, std::string_view name) const {
  return names_.find(directory, name);
}

const Volume::Inode* Volume::inode(Ino inode) const {
  auto found = inodes_.find(inode);
  return found == inodes_.end() ? nullptr : &found->second;
}

Volume::Inode* Volume::file(Ino inode) {
  auto found = inodes_.find(inode);
  bool regular = found != inodes_.end() && S_ISREG(found->second.attributes.mode);
  return regular ? &found->second : nullptr;
}

bool Volume::is_directory(Ino number) const {
  const Inode* found = inode(number);
  return found != nullptr && S_ISDIR(found->attributes.mode);
}

const Attributes* Volume::attributes(Ino number) const {
  const Inode* found = inode(number);
  return found == nullptr ? nullptr : &found->attributes;
}

std::uint64_t Volume::size(Ino number) const {
  const Inode* found = inode(number);
  if (found == nullptr) return 0;
  return S_ISLNK(found->attributes.mode) ? found->target.size() : found->file.now().size();
}

std::uint64_t Volume::links(Ino number) const {
  const Inode* found = inode(number);
  if (found == nullptr) return 0;
  return S_ISDIR(found->attributes.mode) && found->links > 0 ? 2 : found->links;
}

Ino Volume::parent(Ino number) const {
  const Inode* found = inode(number);
  return found == nullptr || found->parent == 0 ? root : found->parent;
}

const std::string& Volume::target(Ino number) const {
  static const std::string none;
  const Inode* found = inode(number);
  return found == nullptr ? none : found->target;
}

std::string Volume::path(Ino number) const {
  std::string path;
  // A directory that was removed keeps the name that it had, so this ends at the root.
  for (const Inode* at = inode(number); at != nullptr && at->parent != 0; at = inode(at->parent)) {
    path = "/" + at->name + path;
  }
  return path.empty() ? "/" : path;
}

Ino Volume::resolve(std::string_view path) const {
  Ino at = root;
  while (at != 0 && !path.empty()) {
    std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) at = find(at, path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return at;
}

std::vector<Ino> Volume::all() const {
  std::vector<Ino> numbers;
  for (const auto& [number, inode] : inodes_) numbers.push_back(number);
  return numbers;
}

void Volume::apply(NameOperation operation) {
  operation.sequence = ++sequence_;
  for (const EntryChange& entry : operation.changes) {
    if (entry.before != 0) {
      Inode& gone = inodes_.at(entry.before);
      --gone.links;
      removed_ += gone.links == 0 ? 1 : 0;
    }
    if (entry.after == 0) continue;
    Inode& there = inodes_.at(entry.after);
    ++there.links;
    there.parent = entry.directory;
    there.name = entry.name;
  }
  names_.apply(std::move(operation));
  if (names_.pending().size() > options_.writeback_names) names_.sync_all();
  if (removed_ > collect_after) collect();
}

int Volume::make(Ino directory, std::string_view name, Attributes kind, std::string_view target,
                 Ino& made) {
  if (!is_directory(directory) || inodes_.at(directory).links == 0) return ENOENT;
  if (name.size() > name_limit) return ENAMETOOLONG;
  if (find(directory, name) != 0) return EEXIST;
  made = next_++;
  Inode& fresh = inodes_[made];
  fresh.attributes = kind;
  fresh.target = target;
  NameOperation operation;
  operation.what = S_ISDIR(kind.mode) ? "mkdir" : "create";
  operation.needs_directory = S_ISDIR(kind.mode);
  operation.changes = {{directory, std::string(name), 0, made}};
  apply(std::move(operation));
  return 0;
}

int Volume::link(Ino number, Ino directory, std::string_view name) {
  if (!exists(number) || !is_directory(directory)) return ENOENT;
  if (is_directory(number)) return EPERM;
  if (name.size() > name_limit) return ENAMETOOLONG;
  if (find(directory, name) != 0) return EEXIST;
  NameOperation operation;
  operation.what = "link";
  operation.needs_directory = true;
  operation.changes = {{directory, std::string(name), 0, number}};
  apply(std::move(operation));
  return 0;
}

int Volume::remove(Ino directory, std::string_view name, bool is_rmdir) {
  Ino number = find(directory, name);
  if (number == 0) return ENOENT;
  if (is_rmdir && !is_directory(number)) return ENOTDIR;
  if (!is_rmdir && is_directory(number)) return EISDIR;
  if (is_rmdir && !entries(number).empty()) return ENOTEMPTY;
  NameOperation operation;
  operation.what = is_rmdir ? "rmdir" : "unlink";
  operation.shifts_directory = is_rmdir;
  operation.changes = {{directory, std::string(name), number, 0}};
  apply(std::move(operation));
  return 0;
}

bool Volume::is_below(Ino number, Ino ancestor) const {
  while (number != ancestor && number != 0) {
    const Inode* at = inode(number);
    number = at == nullptr ? 0 : at->parent;
  }
  return number == ancestor;
}

int Volume::rename(const Move& move) {
  Ino moved = find(move.directory, move.name);
  Ino other = find(move.to_directory, move.to_name);
  if (moved == 0 || (move.exchange && other == 0)) return ENOENT;
  if (!is_directory(move.to_directory)) return ENOTDIR;
  if (move.to_name.size() > name_limit) return ENAMETOOLONG;
  if (move.only_new && other != 0) return EEXIST;
  if (moved == other) return 0;
  if (is_directory(moved) && is_below(move.to_directory, moved)) return EINVAL;
  if (move.exchange && is_directory(other) && is_below(move.directory, other)) return EINVAL;
  if (other != 0 && !move.exchange) {
    if (is_directory(moved) && !is_directory(other)) return ENOTDIR;
    if (!is_directory(moved) && is_directory(other)) return EISDIR;
    if (!entries(other).empty()) return ENOTEMPTY;
  }
  if (options_.order == NameOrder::journaled && other != 0) {
    if (Inode* data = file(moved)) data->file.sync();
  }
  NameOperation operation;
  operation.what = move.exchange ? "exchange" : "rename";
  operation.needs_directory = true;
  operation.shifts_directory = is_directory(moved) || is_directory(other);
  operation.changes = {
      {move.directory, std::string(move.name), moved, move.exchange ? other : 0},
      {move.to_directory, std::string(move.to_name), other, moved}};
  apply(std::move(operation));
  return 0;
}

int Volume::change(Ino number, const Attributes& attributes) {
  auto found = inodes_.find(number);
  if (found == inodes_.end()) return ESTALE;
  found->second.attributes = attributes;
  return 0;
}

void Volume::hold(Ino number, std::uint64_t times) {
  auto found = inodes_.find(number);
  if (found != inodes_.end()) found->second.held += times;
}

void Volume::release(Ino number, std::uint64_t times) {
  auto found = inodes_.find(number);
  if (found == inodes_.end()) return;  // it went with a power cut
  Inode& inode = found->second;
  inode.held -= std::min(times, inode.held);
  if (inode.held == 0 && inode.links == 0) ++removed_;
}

void Volume::collect() {
  removed_ = 0;
  std::set<Ino> live;
  std::vector<Ino> next{root};
  for (const NameOperation& operation : names_.pending()) {
    for (const EntryChange& entry : operation.changes) {
      next.insert(next.end(), {entry.before, entry.after});
    }
  }
  for (const auto& [number, inode] : inodes_) {
    if (inode.held > 0) next.push_back(number);
  }
  while (!next.empty()) {
    Ino number = next.back();
    next.pop_back();
    if (number == 0 || !live.insert(number).second) continue;
    for (const auto& [name, entry] : names_.entries(number)) next.push_back(entry);
    for (const auto& [name, entry] : names_.durable_entries(number)) next.push_back(entry);
  }
  std::erase_if(inodes_, [&](const auto& item) {
    if (live.contains(item.first)) return false;
    used_ -= item.second.file.now().pages() * Content::page_size;
    names_.drop(item.first);
    return true;
  });
}

}  // namespace sunder::crashfs
