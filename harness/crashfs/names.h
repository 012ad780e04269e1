#pragma once
// Directories between two syncs: which names are durable, which programs see, and the operations
// that lie between.
//
// What a power cut may leave of unsynced operations on names is any set of them in which no
// operation is kept without those that it depends on: the earlier ones that
//   - touched the same name of the same directory;
//   - touched the same file, or a file would be lost that was linked anew before its old name went;
//   - made the directory into which it moves or links a file or makes a directory, or a file would
//     be lost with a directory that it had never been in alone;
//   - came before at all, if it removes or moves a directory, or one might hang below itself.
// A file that is only created in a new directory does not make that durable. An operation is kept
// or lost as a whole: rename is atomic.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sunder::crashfs {

using Ino = std::uint64_t;  // 0 is none
inline constexpr Ino root = 1;

/// The name changes what it refers to.
struct EntryChange {
  Ino directory = 0;
  std::string name;
  Ino before = 0;
  Ino after = 0;
};

struct NameOperation {
  std::uint64_t sequence = 0;
  std::string_view what;  // "create", "rename" ...
  std::vector<EntryChange> changes;
  bool needs_directory = false;   // moves, links or makes a directory in one
  bool shifts_directory = false;  // removes or moves one
};

class Names {
 public:
  using Entries = std::map<std::string, Ino, std::less<>>;

  Ino find(Ino directory, std::string_view name) const;  // as programs see it; 0 when absent
  const Entries& entries(Ino directory) const;           // as programs see them
  const Entries& durable_entries(Ino directory) const;
  const std::vector<NameOperation>& pending() const { return pending_; }

  void apply(NameOperation operation);
  /// Makes durable all operations in this directory, and what they depend on.
  void sync(Ino directory);
  void sync_all();
  /// The power is cut: operations are kept that `wanted` wants and whose dependencies are kept. The
  /// lost ones.
  std::vector<NameOperation> crash(const std::function<bool(const NameOperation&)>& wanted);
  /// Forgets a directory that nothing refers to any more.
  void drop(Ino directory);

 private:
  using Tree = std::map<Ino, Entries>;
  static void change(Tree& tree, const NameOperation& operation);

  Tree now_;
  Tree durable_;
  std::vector<NameOperation> pending_;
};

}  // namespace sunder::crashfs
