#include "harness/store/history_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sunder {
namespace {

constexpr std::chrono::milliseconds flush_interval{20};
constexpr std::size_t buffer_soon = std::size_t{1} << 20;  // bytes that call the flusher early

}  // namespace

Result<std::unique_ptr<HistoryWriter>> HistoryWriter::create(const std::filesystem::path& path) {
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) {
    std::string cause = std::strerror(errno);
    return Error{Error::Code::environment, "cannot write " + path.string() + ": " + cause};
  }
  return std::unique_ptr<HistoryWriter>(new HistoryWriter(file));
}

HistoryWriter::HistoryWriter(int file) : file_(file), flusher_([this] { flush_until_stopped(); }) {}

HistoryWriter::~HistoryWriter() {
  if (flusher_.joinable()) static_cast<void>(finish());
}

void HistoryWriter::add(const Op& op) {
  std::lock_guard lock(mutex_);
  append_json(buffer_, op);
  buffer_ += '\n';
  if (buffer_.size() >= buffer_soon) wake_.notify_one();
}

Status HistoryWriter::finish() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  flusher_.join();
  ::close(file_);
  if (failure_ == 0) return Done{};
  return Error{Error::Code::environment,
               std::string("the history could not be written: ") + std::strerror(failure_)};
}

void HistoryWriter::flush_until_stopped() {
  std::string bytes;
  for (bool stopping = false; !stopping;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, flush_interval,
                     [this] { return stopping_ || buffer_.size() >= buffer_soon; });
      stopping = stopping_;
      bytes.swap(buffer_);
    }
    write_out(bytes);
    bytes.clear();
  }
}

void HistoryWriter::write_out(const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size() && failure_ == 0;) {
    ssize_t written = ::write(file_, bytes.data() + done, bytes.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno != EINTR) {
      failure_ = errno;
    }
  }
}

}  // namespace sunder
