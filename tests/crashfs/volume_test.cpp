// Random histories: what power cuts leave is held to the definitions, both ways.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "harness/core/rng.h"
#include "harness/crashfs/volume.h"
#include "tests/crashfs/support/legal_states.h"

namespace sunder::crashfs {
namespace {

void look(const Volume& volume, Ino directory, const std::string& path, Sight& sight) {
  for (const auto& [name, inode] : volume.entries(directory)) {
    sight.names += path + name + " " + std::to_string(inode) + "\n";
    if (S_ISDIR(volume.attributes(inode)->mode)) {
      look(volume, inode, path + name + "/", sight);
      continue;
    }
    std::string bytes;
    EXPECT_EQ(volume.read(inode, 0, volume.size(inode), bytes), 0);
    std::string& text = sight.files[inode];
    text.clear();
    for (std::size_t at = 0; at < bytes.size(); at += LegalStates::grain) {
      text += bytes[at] == '\0' ? '.' : bytes[at];
    }
  }
}

Sight sight_of(const Volume& volume) {
  Sight sight;
  look(volume, root, "/", sight);
  return sight;
}

/// Plays random operations on a volume and tells them to the definition.
class Player {
 public:
  explicit Player(std::uint64_t seed) : rng_(seed, Stream::of("player")) {}

  void play(int operations) {
    for (int i = 0; i < operations; ++i) step();
  }
  const Volume& volume() const { return volume_; }
  const LegalStates& legal() const { return legal_; }

  void make(Ino directory, const std::string& name, bool is_directory) {
    Attributes kind;
    kind.mode = is_directory ? S_IFDIR | 0755 : S_IFREG | 0644;
    Ino made = 0;
    if (volume_.make(directory, name, kind, "", made) != 0) return;
    legal_.name_operation({{directory, name, 0, made}}, is_directory, false);
    (is_directory ? directories_ : files_).push_back(made);
  }
  void remove(Ino directory, const std::string& name) {
    Ino gone = volume_.find(directory, name);
    bool is_directory = gone != 0 && S_ISDIR(volume_.attributes(gone)->mode);
    if (volume_.remove(directory, name, is_directory) != 0) return;
    legal_.name_operation({{directory, name, gone, 0}}, false, is_directory);
  }
  void rename(Ino from, const std::string& name, Ino to, const std::string& new_name) {
    Ino moved = volume_.find(from, name);
    Ino other = volume_.find(to, new_name);
    if (moved == other || volume_.rename({from, name, to, new_name}) != 0) return;
    auto is_directory = [&](Ino inode) {
      return inode != 0 && S_ISDIR(volume_.attributes(inode)->mode);
    };
    legal_.name_operation({{from, name, moved, 0}, {to, new_name, other, moved}}, true,
                          is_directory(moved) || is_directory(other));
  }
  void write(Ino file, std::uint64_t offset, std::uint64_t size) {
    letter_ = letter_ == 'z' ? 'a' : static_cast<char>(letter_ + 1);
    std::string bytes(static_cast<std::size_t>(size), letter_);
    if (volume_.write(file, offset, bytes) == 0) legal_.write(file, offset, size, letter_);
  }
  void resize(Ino file, std::uint64_t size) {
    if (volume_.resize(file, size) == 0) legal_.resize(file, size);
  }
  void sync(Ino inode) {
    if (volume_.sync(inode) != 0) return;
    if (S_ISDIR(volume_.attributes(inode)->mode)) {
      legal_.sync_directory(inode);
    } else {
      legal_.sync_file(inode);
    }
  }

 private:
  template <class T>
  const T& any(const std::vector<T>& items) {
    return items[static_cast<std::size_t>(rng_.below(items.size()))];
  }
  std::uint64_t grains(std::uint64_t below) { return rng_.below(below) * LegalStates::grain; }

  void step() {
    static const std::vector<std::string> names{"a", "b"};
    std::uint64_t act = rng_.below(12);
    Ino directory = any(directories_);
    Ino other = any(directories_);
    const std::string& name = any(names);
    const std::string& new_name = any(names);
    if (act < 2 || files_.empty()) return make(directory, name, false);
    Ino file = any(files_);
    if (act == 2) return make(directory, name, true);
    if (act == 3) return remove(directory, name);
    if (act < 6) return rename(directory, name, other, new_name);
    if (act == 6) return link(file, directory, name);
    if (act < 9) {
      std::uint64_t offset = grains(6);
      return write(file, offset, LegalStates::grain + grains(6));
    }
    if (act == 9) return resize(file, grains(10));
    sync(act == 10 ? file : directory);
  }
  void link(Ino file, Ino directory, const std::string& name) {
    // A file without a name cannot be linked through any program's hands.
    if (volume_.links(file) == 0 || volume_.link(file, directory, name) != 0) return;
    legal_.name_operation({{directory, name, 0, file}}, true, false);
  }

  Volume volume_{VolumeOptions{}};
  LegalStates legal_;
  Rng rng_;
  std::vector<Ino> directories_{root};
  std::vector<Ino> files_;
  char letter_ = 'z';
};

bool is_among(const Sight& sight, const std::vector<Sight>& all) {
  for (const Sight& one : all) {
    bool same = one.names == sight.names;
    for (const auto& [file, content] : sight.files) {
      auto found = one.files.find(file);
      same = same && (found == one.files.end() ? content.empty() : found->second == content);
    }
    if (same) return true;
  }
  return false;
}

bool empty(const Losses& losses) {
  return losses.ranges.empty() && losses.sizes.empty() && losses.names.empty();
}

TEST(CrashStates, EveryCutOfEveryPolicyLeavesALegalState) {
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Player player(seed);
    player.play(12);
    const std::set<std::string> names = player.legal().names();
    const Sight before = sight_of(player.volume());
    ASSERT_TRUE(names.contains(before.names)) << before.names;
    for (Policy policy : all_policies()) {
      SCOPED_TRACE(to_string(policy));
      Volume volume = player.volume();
      bool all_synced = empty(volume.unsynced());
      Losses losses = volume.crash(policy, seed * 100);
      const Sight after = sight_of(volume);
      ASSERT_TRUE(names.contains(after.names)) << before.names << "became\n" << after.names;
      for (const auto& [file, content] : after.files) {
        ASSERT_TRUE(player.legal().contents(file).contains(content)) << file << " " << content;
      }
      if (policy == Policy::prefix || policy == Policy::none || policy == Policy::all) {
        ASSERT_TRUE(is_among(after, player.legal().prefixes())) << after.names;
      }
      if (policy == Policy::all || all_synced || empty(losses)) {
        ASSERT_EQ(before.names, after.names);
        ASSERT_EQ(before.files, after.files);
      }
      changed += before == after ? 0 : 1;
      volume.crash(Policy::none, seed);
      ASSERT_EQ(sight_of(volume), after) << "what a cut leaves is durable";
      ASSERT_TRUE(empty(volume.unsynced()));
    }
  }
  EXPECT_GT(changed, 2000);
}

TEST(CrashStates, AFileThatWasMovedOutOfARemovedDirectoryIsNotLost) {
  Player player(1);
  player.make(root, "d", true);  // 2
  player.make(root, "e", true);  // 3
  player.make(2, "f", false);    // 4
  for (Ino directory : {root, Ino{2}}) player.sync(directory);
  player.rename(2, "f", 3, "f");
  player.remove(root, "d");
  player.sync(root);
  Volume volume = player.volume();
  volume.crash(Policy::none, 1);
  EXPECT_EQ(sight_of(volume).names, "/e 3\n/e/f 4\n");
  EXPECT_EQ(player.legal().names(), std::set<std::string>{"/e 3\n/e/f 4\n"});
}

TEST(CrashStates, AJournalOfNamesKeepsTheirOrder) {
  Volume volume(VolumeOptions{.order = NameOrder::journaled});
  Attributes kind;
  kind.mode = S_IFREG | 0644;
  Ino first = 0;
  Ino second = 0;
  EXPECT_EQ(volume.make(root, "a", kind, "", first), 0);
  EXPECT_EQ(volume.make(root, "b", kind, "", second), 0);
  EXPECT_EQ(volume.write(second, 0, "text"), 0);
  EXPECT_EQ(volume.sync(first), 0);  // both names, not the data of the other file
  EXPECT_EQ(volume.make(root, "c", kind, "", first), 0);
  EXPECT_EQ(volume.make(root, "d", kind, "", first), 0);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Volume cut = volume;
    cut.crash(Policy::subset, seed);
    EXPECT_NE(cut.find(root, "b"), 0u);
    EXPECT_TRUE(cut.find(root, "d") == 0 || cut.find(root, "c") != 0);
  }
  EXPECT_EQ(volume.rename({root, "b", root, "a"}), 0);  // writes out what replaces
  volume.crash(Policy::all, 1);
  volume.crash(Policy::none, 1);
  std::string bytes;
  EXPECT_EQ(volume.read(volume.find(root, "a"), 0, 10, bytes), 0);
  EXPECT_EQ(bytes, "text");
}

TEST(CrashStates, TornPolicyReachesEveryLegalState) {
  std::size_t several = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Player player(seed);
    player.play(7);
    std::set<std::string> names;
    std::map<Ino, std::set<std::string>> contents;
    for (std::uint64_t cut = 0; cut < 600; ++cut) {
      Volume volume = player.volume();
      volume.crash(Policy::torn_512, cut);
      Sight sight = sight_of(volume);
      names.insert(sight.names);
      for (const auto& [file, content] : sight.files) contents[file].insert(content);
    }
    EXPECT_EQ(names, player.legal().names());
    several += names.size() > 2 ? 1 : 0;
  }
  EXPECT_GT(several, 20u);
}

TEST(CrashStates, TornPolicyReachesEveryLegalContent) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng(seed, Stream::of("content"));
    Player player(seed);
    player.make(root, "a", false);
    player.sync(root);
    for (int i = 0; i < 4; ++i) {
      std::uint64_t offset = rng.below(6) * LegalStates::grain;
      std::uint64_t size = (1 + rng.below(2)) * LegalStates::grain;
      std::uint64_t act = rng.below(5);
      if (act < 3) player.write(2, offset, size);
      if (act == 3) player.resize(2, offset);
      if (act == 4) player.sync(2);
    }
    std::set<std::string> reached;
    for (std::uint64_t cut = 0; cut < 3000; ++cut) {
      Volume volume = player.volume();
      volume.crash(Policy::torn_512, cut);
      reached.insert(sight_of(volume).files[2]);
    }
    EXPECT_EQ(reached, player.legal().contents(2));
  }
}

}  // namespace
}  // namespace sunder::crashfs
