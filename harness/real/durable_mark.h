#pragma once
// How much of a journal is durable, said beside it: its end does not show whether more was there.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "harness/core/result.h"
#include "harness/faultkit/descriptor.h"

namespace sunder {

/// A file of two slots that are written in turn, each within one sector and with a checksum of its
/// own: a write that a crash tears leaves the other one. It is never synced. So it may say less
/// than is true after a power cut, but all of it when just the process had ended, and never more.
class DurableMark {
 public:
  struct Claim {
    std::uint64_t generation = 0;  // of the journal: how often it was replaced
    std::uint64_t size = 0;        // bytes of it that are durable
  };
  /// Creates the file where it is missing. An Error: it cannot be used, or is damaged.
  static Result<std::unique_ptr<DurableMark>> open(const std::filesystem::path& path);
  /// What was said last; nothing by a new file.
  const std::optional<Claim>& claim() const { return claim_; }
  /// A failure is no error: what is said less often is no less true.
  void say(Claim claim);

 private:
  explicit DurableMark(Descriptor file) : file_(std::move(file)) {}

  Descriptor file_;
  std::uint64_t sequence_ = 0;
  std::optional<Claim> claim_;
};

}  // namespace sunder
