#include "harness/real/durable_mark.h"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr std::size_t sector = 512;
constexpr std::size_t slots = 2;

struct Slot {
  std::uint64_t sequence = 0;  // from 1; the higher one is the later
  std::uint64_t generation = 0;
  std::uint64_t size = 0;
  std::uint64_t checksum = 0;  // of what stands before it
};

std::uint64_t checksum_of(const Slot& slot) {
  return XXH3_64bits(&slot, offsetof(Slot, checksum));
}

}  // namespace

Result<std::unique_ptr<DurableMark>> DurableMark::open(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file) return system_error("open " + path.string());
  std::unique_ptr<DurableMark> mark(new DurableMark(std::move(file)));
  std::size_t damaged = 0;
  for (std::size_t i = 0; i < slots; ++i) {
    Slot slot;
    ssize_t read =
        ::pread(mark->file_.get(), &slot, sizeof slot, static_cast<off_t>(i * sector));
    if (read < 0) return system_error("read " + path.string());
    const Slot empty;
    // A power cut may leave a slot that was never durable as zeros, or not at all.
    if (read == 0 || std::memcmp(&slot, &empty, sizeof slot) == 0) continue;
    if (slot.checksum != checksum_of(slot)) {
      ++damaged;
    } else if (slot.sequence > mark->sequence_) {
      mark->sequence_ = slot.sequence;
      mark->claim_ = Claim{slot.generation, slot.size};
    }
  }
  if (damaged < slots) return mark;
  return Error{Error::Code::environment,
               path.string() + " is damaged: neither of its checksums matches"};
}

void DurableMark::say(Claim claim) {
  Slot slot{++sequence_, claim.generation, claim.size, 0};
  slot.checksum = checksum_of(slot);
  std::size_t begin = sequence_ % slots * sector;
  for (std::size_t at = 0; at < sizeof slot;) {
    ssize_t written = ::pwrite(file_.get(), reinterpret_cast<const char*>(&slot) + at,
                               sizeof slot - at, static_cast<off_t>(begin + at));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    at += static_cast<std::size_t>(written);
  }
  claim_ = claim;
}

}  // namespace sunder
