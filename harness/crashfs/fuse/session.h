#pragma once
// A mounted crashfs: from mount to clean unmount, whatever ends it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/result.h"
#include "harness/crashfs/disk.h"

namespace sunder::crashfs {

class Session {
 public:
  /// Mounts at the folder. A second process watches: should this one die, it unmounts, so that
  /// nobody is left with a mount that answers "Transport endpoint is not connected".
  /// REQUIRES: the calling process has one thread. `disk` must outlive the session.
  static Result<std::unique_ptr<Session>> mount(const std::string& folder, Disk& disk);
  ~Session();  // unmounts
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Serves on several threads until SIGTERM, SIGINT or an unmount. 0, or what went wrong.
  Status serve();
  /// Makes the kernel forget cached data and attributes. From any thread but those that serve.
  void forget_caches(const std::vector<Ino>& inodes);

 private:
  struct Parts;
  explicit Session(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace sunder::crashfs
