#pragma once
// The whole disk in memory: files, directories, and what a power cut makes of them. It knows no
// FUSE and no clock; every act names its error as an errno, 0 is none. Not safe to share: its owner
// locks.

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/crashfs/file_state.h"
#include "harness/crashfs/names.h"
#include "harness/crashfs/policy.h"

namespace sunder::crashfs {

/// What a sync makes durable of names.
enum class NameOrder : std::uint8_t {
  strict,     // POSIX: the names of a directory only when that is synced
  journaled,  // as ext4: any sync makes all earlier operations durable, in order, and a file that
              // replaces another by rename is written out first
};

struct VolumeOptions {
  NameOrder order = NameOrder::strict;
  std::uint64_t capacity = std::uint64_t{2} << 30;    // bytes of data; more is ENOSPC
  std::uint64_t file_limit = std::uint64_t{1} << 40;  // a larger size is EFBIG
  // More unsynced data of one file, or names, makes those durable, as a kernel does in time.
  std::uint64_t writeback_bytes = std::uint64_t{64} << 20;
  std::size_t writeback_names = 10'000;
};

/// Attributes change at once and for good: no policy takes them back.
struct Attributes {
  std::uint32_t mode = 0;  // type and permissions, as in struct stat
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  std::uint64_t device = 0;
  std::int64_t accessed = 0;  // nanoseconds since 1970
  std::int64_t modified = 0;
  std::int64_t changed = 0;
};

struct LostRange {
  std::string path;
  Range range;
};
struct LostName {
  std::string path;
  std::string_view what;  // the operation that is undone
};
struct LostSize {
  std::string path;
  std::uint64_t was = 0;
  std::uint64_t left = 0;
};
/// What is gone, or would be if the power were cut now under the policy none.
struct Losses {
  std::vector<LostRange> ranges;
  std::vector<LostSize> sizes;
  std::vector<LostName> names;
};

class Volume {
 public:
  explicit Volume(VolumeOptions options);

  // Looking. Unknown inodes are ESTALE or 0.
  bool exists(Ino inode) const { return inodes_.contains(inode); }
  Ino find(Ino directory, std::string_view name) const;
  const Attributes* attributes(Ino inode) const;  // null when there is no such inode
  std::uint64_t size(Ino inode) const;
  std::uint64_t links(Ino inode) const;
  const Names::Entries& entries(Ino directory) const { return names_.entries(directory); }
  Ino parent(Ino inode) const;
  const std::string& target(Ino inode) const;  // of a symbolic link
  std::string path(Ino inode) const;           // "/a/b": its last name, for people and patterns
  Ino resolve(std::string_view path) const;    // 0 when there is none
  std::uint64_t used() const { return used_; }
  const VolumeOptions& options() const { return options_; }
  std::vector<Ino> all() const;

  // Names. `kind.mode` says what is made.
  int make(Ino directory, std::string_view name, Attributes kind, std::string_view target,
           Ino& made);
  int link(Ino inode, Ino directory, std::string_view name);
  int remove(Ino directory, std::string_view name, bool is_directory);
  struct Move {
    Ino directory;
    std::string_view name;
    Ino to_directory;
    std::string_view to_name;
    bool exchange = false;
    bool only_new = false;
  };
  int rename(const Move& move);
  int change(Ino inode, const Attributes& attributes);

  // Data.
  int read(Ino inode, std::uint64_t offset, std::uint64_t size, std::string& bytes) const;
  const Content* content(Ino inode) const;  // as programs see it; null when it is no file
  int read_durable(Ino inode, std::uint64_t offset, std::uint64_t size, std::string& bytes) const;
  int write(Ino inode, std::uint64_t offset, std::string_view bytes);
  int resize(Ino inode, std::uint64_t size);
  int sync(Ino inode);  // of a file its data, of a directory its names
  void sync_all();
  /// A failed sync after which the data counts as clean and is not (see FileState::forget).
  int forget(Ino inode);
  int damage(Ino inode, const std::function<void(Content&)>& how);

  /// What the medium holds: all that is durable, and nothing else.
  Volume durable() const;
  /// The disk goes back to an earlier durable(), as a machine's does that returns to a snapshot.
  /// Open files are dead. What is other than it was just now.
  struct Reverted {
    std::uint64_t files = 0;  // with other content, gone, or there again
    std::uint64_t bytes = 0;  // that differ, of files that are in both
  };
  Reverted go_back(Volume past);

  // Power.
  Losses unsynced() const;
  Losses crash(Policy policy, std::uint64_t seed);
  std::uint64_t crashes() const { return crashes_; }

  /// Somebody outside refers to the inode, so that it stays although it has no name.
  void hold(Ino inode, std::uint64_t times = 1);
  void release(Ino inode, std::uint64_t times = 1);

 private:
  struct Inode {
    Attributes attributes;
    std::string target;
    FileState file;
    Ino parent = 0;          // of the last name
    std::string name;
    std::uint64_t links = 0; // as programs see them
    std::uint64_t held = 0;
  };
  struct Choice;
  Inode* file(Ino inode);
  const Inode* inode(Ino inode) const;
  bool is_directory(Ino inode) const;
  bool is_below(Ino inode, Ino ancestor) const;
  void apply(NameOperation operation);
  void account(std::uint64_t before, const FileState& file);
  void collect();
  void recount();
  FileFate fate_of(Ino inode, const FileState& file, const Choice& choice) const;

  VolumeOptions options_;
  std::map<Ino, Inode> inodes_;
  Names names_;
  Ino next_ = root + 1;
  std::uint64_t sequence_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t crashes_ = 0;
  std::uint64_t removed_ = 0;  // names, since the last collection
};

}  // namespace sunder::crashfs
