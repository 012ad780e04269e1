#include "harness/crashfs/damage.h"

#include <fnmatch.h>

#include <algorithm>
#include <optional>
#include <set>

#include "harness/core/rng.h"

namespace sunder::crashfs {
namespace {

/// A page that was written.
struct Stored {
  Ino inode;
  std::uint64_t offset;
  std::uint64_t size;
  std::uint64_t before;  // bytes of all pages in front of it
};

/// All that is stored in the files whose path the pattern matches. Holes are not: nobody would ever
/// know that they had rotted.
std::vector<Stored> stored(const Volume& volume, const std::string& pattern) {
  constexpr std::uint64_t page = Content::page_size;
  std::vector<Stored> pages;
  std::uint64_t sum = 0;
  for (Ino inode : volume.all()) {
    const Content* content = volume.content(inode);
    if (content == nullptr || volume.links(inode) == 0) continue;
    if (::fnmatch(pattern.c_str(), volume.path(inode).c_str(), 0) != 0) continue;
    for (std::uint64_t number : content->page_numbers()) {
      if (number * page >= content->size()) continue;
      std::uint64_t size = std::min(page, content->size() - number * page);
      pages.push_back({inode, number * page, size, sum});
      sum += size;
    }
  }
  return pages;
}

std::uint64_t total_size(const std::vector<Stored>& pages) {
  return pages.empty() ? 0 : pages.back().before + pages.back().size;
}

/// The page in which the byte lies when all stand one behind the other.
const Stored& page_of(const std::vector<Stored>& pages, std::uint64_t byte) {
  auto behind = std::upper_bound(
      pages.begin(), pages.end(), byte,
      [](std::uint64_t wanted, const Stored& page) { return wanted < page.before; });
  return *std::prev(behind);
}

std::optional<char> byte_at(const Volume& volume, Ino inode, std::uint64_t offset) {
  std::string bytes;
  if (volume.read(inode, offset, 1, bytes) != 0 || bytes.empty()) return {};
  return bytes[0];
}

char with_flipped(char byte, unsigned bit) {
  return static_cast<char>(static_cast<unsigned char>(byte) ^ (1u << bit));
}

void put_byte(Volume& volume, Ino inode, std::uint64_t offset, char byte) {
  volume.damage(inode, [&](Content& content) { content.write(offset, {&byte, 1}); });
}

bool holds(const Volume& volume, Ino inode, const Content& content) {
  std::string bytes;
  return volume.size(inode) == content.size() &&
         volume.read(inode, 0, content.size(), bytes) == 0 &&
         bytes == content.read(0, content.size());
}

}  // namespace

std::vector<Damage::Flip> Damage::flip(Volume& volume, const std::string& pattern,
                                       std::uint64_t bits, std::uint64_t seed) {
  std::vector<Flip> done;
  std::vector<Stored> pages = stored(volume, pattern);
  std::uint64_t bytes = total_size(pages);
  Rng rng(seed, Stream::of("bit rot"));
  std::set<std::uint64_t> struck;
  while (struck.size() < std::min(bits, bytes)) {
    std::uint64_t byte = rng.below(bytes);
    auto bit = static_cast<unsigned>(rng.below(8));
    if (!struck.insert(byte).second) continue;
    const Stored& page = page_of(pages, byte);
    std::uint64_t offset = page.offset + (byte - page.before);
    std::optional<char> before = byte_at(volume, page.inode, offset);
    if (!before) continue;
    char rotten = with_flipped(*before, bit);
    put_byte(volume, page.inode, offset, rotten);
    if (byte_at(volume, page.inode, offset) != rotten) continue;
    Flip flip{page.inode, volume.path(page.inode), offset, bit};
    flipped_.push_back({flip, rotten});
    done.push_back(std::move(flip));
  }
  return done;
}

std::vector<Damage::Cut> Damage::cut_short(Volume& volume, const std::string& pattern,
                                           std::uint64_t bytes_most, std::uint64_t seed) {
  std::vector<Stored> pages = stored(volume, pattern);
  if (pages.empty() || bytes_most == 0) return {};
  Rng rng(seed, Stream::of("truncation"));
  Ino inode = page_of(pages, rng.below(total_size(pages))).inode;
  std::uint64_t end = 0;
  for (const Stored& page : pages) {
    if (page.inode == inode) end = page.offset + page.size;
  }
  std::uint64_t was = volume.size(inode);
  std::uint64_t left = end - 1 - rng.below(std::min(bytes_most, end));
  Shortened shortened{inode, {}, {}};
  int error = volume.damage(inode, [&](Content& content) {
    shortened.before = content;
    content.resize(left);
    shortened.after = content;
  });
  if (error != 0 || volume.size(inode) != left) return {};
  shortened_.push_back(std::move(shortened));
  return {{inode, volume.path(inode), was, left}};
}

// The last damage is mended first: a file may have been struck twice.

Damage::Mended Damage::mend_cuts(Volume& volume) {
  Mended done;
  for (auto cut = shortened_.rbegin(); cut != shortened_.rend(); ++cut) {
    bool untouched = holds(volume, cut->inode, cut->after);
    if (untouched) volume.damage(cut->inode, [&](Content& content) { content = cut->before; });
    ++(untouched ? done.mended : done.overwritten);
  }
  shortened_.clear();
  return done;
}

Damage::Mended Damage::mend_flips(Volume& volume) {
  Mended done;
  for (auto flipped = flipped_.rbegin(); flipped != flipped_.rend(); ++flipped) {
    const Flip& flip = flipped->flip;
    bool untouched = byte_at(volume, flip.inode, flip.offset) == flipped->rotten;
    if (untouched) {
      put_byte(volume, flip.inode, flip.offset, with_flipped(flipped->rotten, flip.bit));
    }
    ++(untouched ? done.mended : done.overwritten);
  }
  flipped_.clear();
  return done;
}

}  // namespace sunder::crashfs
