#pragma once
// The controller's side of one node's disk: a sunder-crashfs, mounted where the node keeps its
// data.

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>

#include "harness/core/result.h"
#include "harness/core/time.h"
#include "harness/core/value.h"
#include "harness/real/disk_asker.h"

namespace sunder {

class DiskLink final : public DiskAsker {
 public:
  struct Place {
    std::filesystem::path binary;
    std::filesystem::path folder;  // to mount at; the disk's root gets its owner
    std::filesystem::path log;     // of what is lost
    std::uint64_t seed = 0;
  };
  /// Mounts an empty disk. It ends with its control socket, so with this process at the latest.
  static Result<std::unique_ptr<DiskLink>> start(const Place& place);
  ~DiskLink() override;  // unmounts
  DiskLink(const DiskLink&) = delete;
  DiskLink& operator=(const DiskLink&) = delete;

  pid_t pid() const;
  /// From now on ask() works, on the loop's thread.
  void attach(boost::asio::io_context& io);
  void ask(Map request, Duration time_limit, Answered answered) override;

 private:
  struct Parts;
  explicit DiskLink(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sunder
