#pragma once
// One file between two syncs: what is durable, what programs see, and the changes that lie between.
//
// What a power cut may leave of a file is defined here, after what a page cache and a journal of
// metadata can do. Let the changes since the last sync be c0 .. cn-1, each a write or a resize.
// A state is legal when there are
//   - a number k <= n: the sizes, that is the effect of c0 .. ck-1 on the file's size, are kept;
//   - for every unit (a sector or a page) a number j <= n: the unit holds the writes among
//     c0 .. cj-1, so that a later write of a unit is never kept without the earlier ones;
// and no j reaches past the first resize at or after k that makes the file smaller: what is written
// after such a resize goes to new blocks, which nothing refers to unless the resize is kept.
// So a file may have grown without its data, which then reads as zeros, and data may be there
// without the size that would show it.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/crashfs/content.h"

namespace sunder::crashfs {

struct Range {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  bool operator==(const Range&) const = default;
};

/// What a crash keeps of a file's unsynced changes.
struct FileFate {
  std::size_t sizes = 0;                             // k
  std::uint64_t unit = Content::page_size;
  std::function<std::size_t(std::uint64_t)> writes;  // j of a unit; cut to what is legal
};

class FileState {
 public:
  const Content& now() const { return now_; }
  const Content& durable() const { return durable_; }
  std::size_t changes() const { return changes_.size(); }
  bool is_durable() const { return changes_.empty() && doomed_.empty(); }
  std::uint64_t pending_bytes() const { return pending_bytes_; }
  /// How many of the changes came before this moment.
  std::size_t changes_before(std::uint64_t sequence) const;
  std::vector<std::uint64_t> moments() const;  // the sequence of each change
  std::vector<Range> unsynced() const;         // merged, in order

  void write(std::uint64_t sequence, std::uint64_t offset, std::string_view bytes);
  void resize(std::uint64_t sequence, std::uint64_t size);
  /// All changes become durable.
  void sync();
  /// A sync that failed as Linux lets it: sizes become durable, written data does not, neither now
  /// nor by a later sync, while programs go on seeing it.
  void forget();
  /// Damage: changes what programs see and what is durable alike. First all changes become durable,
  /// as a kernel may make them at any time, or they would come back over the damage.
  void damage(const std::function<void(Content&)>& how);

  /// The power is cut. The ranges that unsynced changes had changed and that are as before.
  std::vector<Range> crash(const FileFate& fate);

 private:
  struct Change {
    std::uint64_t sequence;
    bool resizes;
    std::uint64_t place;  // the offset of a write, or the new size
    std::string bytes;
    bool shrinks;
  };
  std::vector<Range> lose(const FileFate& fate, Content& left) const;

  Content durable_;
  Content now_;
  std::vector<Change> changes_;
  std::vector<Range> doomed_;  // by forget(), and not made durable by a later write
  std::uint64_t pending_bytes_ = 0;
};

}  // namespace sunder::crashfs
