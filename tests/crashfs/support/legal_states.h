#pragma once
// Which states a power cut may leave, straight from the definitions in names.h and file_state.h:
// every set of operations and every choice of numbers is tried, over the whole history.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sunder::crashfs {

/// All that programs can see, as text: a line for each name, and the contents of each file.
struct Sight {
  std::string names;                           // "/a 2\n/d/ 3\n"
  std::map<std::uint64_t, std::string> files;  // by inode
  bool operator==(const Sight&) const = default;
};

/// The history of a volume as the test plays it, numbers and all.
class LegalStates {
 public:
  static constexpr std::uint64_t grain = 128;  // offsets and sizes are multiples of it
  static constexpr std::uint64_t unit = 512;

  struct Entry {
    std::uint64_t directory;
    std::string name;
    std::uint64_t before;
    std::uint64_t after;
  };
  void name_operation(std::vector<Entry> entries, bool needs_directory, bool shifts_directory);
  void sync_directory(std::uint64_t directory);
  void write(std::uint64_t file, std::uint64_t offset, std::uint64_t size, char letter);
  void resize(std::uint64_t file, std::uint64_t size);
  void sync_file(std::uint64_t file);

  std::set<std::string> names() const;
  std::set<std::string> contents(std::uint64_t file) const;
  /// Every state in which exactly what came before some moment is there, beside what was synced.
  std::vector<Sight> prefixes() const;

 private:
  struct Operation {
    std::vector<Entry> entries;
    bool needs_directory;
    bool shifts_directory;
    bool synced = false;
    std::size_t moment;
  };
  struct Change {
    bool resizes;
    std::uint64_t place;
    std::uint64_t size;
    char letter;
    std::size_t moment;
  };
  struct File {
    std::vector<Change> changes;
    std::size_t synced = 0;
  };
  bool depends(std::size_t later, std::size_t earlier) const;
  void mark_synced(std::size_t operation);
  std::string names_of(const std::vector<bool>& kept) const;
  static std::uint64_t size_after(const File& file, std::size_t count);
  static char byte_of(const File& file, std::uint64_t place, std::size_t sizes,
                      std::size_t writes);
  static std::string content(const File& file, std::size_t sizes,
                             const std::vector<std::size_t>& writes);

  std::vector<Operation> operations_;
  std::map<std::uint64_t, File> files_;
  std::size_t moment_ = 0;
};

}  // namespace sunder::crashfs
