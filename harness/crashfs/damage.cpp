#include "harness/crashfs/damage.h"

#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <set>

#include "harness/core/rng.h"

namespace sunder::crashfs {
namespace {

struct Candidate {
  Ino inode;
  std::string path;
  std::uint64_t size;
};

std::vector<Candidate> candidates(const Volume& volume, const std::string& pattern) {
  std::vector<Candidate> found;
  for (Ino inode : volume.all()) {
    std::uint64_t size = volume.size(inode);
    std::string path = volume.path(inode);
    bool regular = S_ISREG(volume.attributes(inode)->mode) && volume.links(inode) > 0;
    if (!regular || size == 0 || ::fnmatch(pattern.c_str(), path.c_str(), 0) != 0) continue;
    found.push_back({inode, std::move(path), size});
  }
  return found;
}

std::uint64_t total_size(const std::vector<Candidate>& files) {
  std::uint64_t sum = 0;
  for (const Candidate& file : files) sum += file.size;
  return sum;
}

/// The file in which the byte lies when all stand one behind the other, and its offset there.
std::pair<const Candidate*, std::uint64_t> place_of(const std::vector<Candidate>& files,
                                                    std::uint64_t byte) {
  auto file = files.begin();
  for (; byte >= file->size; ++file) byte -= file->size;
  return {&*file, byte};
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
  std::vector<Candidate> files = candidates(volume, pattern);
  std::uint64_t bytes = total_size(files);
  Rng rng(seed, Stream::of("bit rot"));
  std::set<std::uint64_t> struck;
  while (struck.size() < std::min(bits, bytes)) {
    std::uint64_t byte = rng.below(bytes);
    auto bit = static_cast<unsigned>(rng.below(8));
    if (!struck.insert(byte).second) continue;
    auto [file, offset] = place_of(files, byte);
    std::optional<char> before = byte_at(volume, file->inode, offset);
    if (!before) continue;
    char rotten = with_flipped(*before, bit);
    put_byte(volume, file->inode, offset, rotten);
    if (byte_at(volume, file->inode, offset) != rotten) continue;
    Flip flip{file->inode, file->path, offset, bit};
    flipped_.push_back({flip, rotten});
    done.push_back(std::move(flip));
  }
  return done;
}

std::vector<Damage::Cut> Damage::cut_short(Volume& volume, const std::string& pattern,
                                           std::uint64_t bytes_most, std::uint64_t seed) {
  std::vector<Candidate> files = candidates(volume, pattern);
  if (files.empty() || bytes_most == 0) return {};
  Rng rng(seed, Stream::of("truncation"));
  const Candidate& file = *place_of(files, rng.below(total_size(files))).first;
  std::uint64_t left = file.size - 1 - rng.below(std::min(bytes_most, file.size));
  Shortened shortened{file.inode, {}, {}};
  int error = volume.damage(file.inode, [&](Content& content) {
    shortened.before = content;
    content.resize(left);
    shortened.after = content;
  });
  if (error != 0 || volume.size(file.inode) != left) return {};
  shortened_.push_back(std::move(shortened));
  return {{file.inode, file.path, file.size, left}};
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
