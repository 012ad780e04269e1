#pragma once
// Durability without waiting for it.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "harness/faultkit/descriptor.h"

namespace sunder {

/// A node's one helper thread: fdatasync may take long, and handlers go on meanwhile.
class Syncer {
 public:
  using Synced = std::function<void(int error)>;
  Syncer();
  ~Syncer();  // waits for a sync under way
  /// One at a time. `synced` runs on the helper thread, with errno of the sync or 0.
  void sync(std::shared_ptr<const Descriptor> file, Synced synced);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::shared_ptr<const Descriptor> file_;
  Synced synced_;
  std::thread thread_;  // last: it uses the rest
};

}  // namespace sunder
