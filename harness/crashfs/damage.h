#pragma once
// Damage of what a disk holds: bits that flip, files that lose their end. It can be mended as long
// as nobody has written over it.

#include <cstdint>
#include <string>
#include <vector>

#include "harness/crashfs/volume.h"

namespace sunder::crashfs {

/// Not safe to share: its owner locks.
class Damage {
 public:
  struct Flip {
    Ino inode = 0;
    std::string path;
    std::uint64_t offset = 0;
    unsigned bit = 0;
  };
  struct Cut {
    Ino inode = 0;
    std::string path;
    std::uint64_t was = 0;
    std::uint64_t left = 0;
  };
  struct Mended {
    std::int64_t mended = 0;
    std::int64_t overwritten = 0;  // or with its file gone
  };

  /// Flips so many bits of the files whose path the pattern matches, each byte as likely as any
  /// that was ever written; fewer where there are not so many. What was done, read back.
  std::vector<Flip> flip(Volume& volume, const std::string& pattern, std::uint64_t bits,
                         std::uint64_t seed);
  /// Cuts at most so many bytes off what was written to one file, the larger ones more likely: none
  /// when there is no file. What was only reserved behind that is cut off with it.
  std::vector<Cut> cut_short(Volume& volume, const std::string& pattern, std::uint64_t bytes_most,
                             std::uint64_t seed);
  /// Takes all of one kind back, except for what was written over.
  Mended mend_flips(Volume& volume);
  Mended mend_cuts(Volume& volume);

 private:
  struct Flipped {
    Flip flip;
    char rotten;
  };
  struct Shortened {
    Ino inode;
    Content before;
    Content after;
  };
  std::vector<Flipped> flipped_;
  std::vector<Shortened> shortened_;
};

}  // namespace sunder::crashfs
