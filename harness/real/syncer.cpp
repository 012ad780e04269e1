#include "harness/real/syncer.h"

#include <unistd.h>

#include <cerrno>

namespace sunder {

Syncer::Syncer() : thread_([this] { work(); }) {}

Syncer::~Syncer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Syncer::sync(std::shared_ptr<const Descriptor> file, Synced synced) {
  {
    std::lock_guard lock(mutex_);
    file_ = std::move(file);
    synced_ = std::move(synced);
  }
  wake_.notify_one();
}

void Syncer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || file_ != nullptr; });
    if (stopping_) return;
    std::shared_ptr<const Descriptor> file = std::exchange(file_, nullptr);
    Synced synced = std::move(synced_);
    lock.unlock();
    int error = ::fdatasync(file->get()) == 0 ? 0 : errno;
    synced(error);
    lock.lock();
  }
}

}  // namespace sunder
