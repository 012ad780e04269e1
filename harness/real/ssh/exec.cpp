// Programs over a session: run to their end, or as a stream.

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "harness/real/ssh/session_parts.h"

namespace sunder {
namespace {

constexpr std::size_t gathered_max = std::size_t{64} << 20;  // bytes of output kept
constexpr std::size_t complaint_max = 1000;
constexpr auto forever = std::chrono::hours(24 * 365);

/// A program's three streams, moved whenever the connection allows.
class Streams {
 public:
  Streams(LIBSSH2_CHANNEL* channel, const SshExec& what, SshExit& end)
      : channel_(channel), what_(what), exit_(end) {}

  /// Moves what can be moved now. An error code, LIBSSH2_ERROR_EAGAIN to be called again once the
  /// connection can go on, or 0 when the program has closed its output.
  long step() {
    bool moved = true;
    while (moved) {
      moved = false;
      // Writing comes last: what the library waits for is known of its last call only, and a packet
      // that is half sent must be waited for.
      for (long amount : {drain(0), drain(SSH_EXTENDED_DATA_STDERR), feed()}) {
        if (amount > 0) moved = true;
        if (amount < 0 && amount != LIBSSH2_ERROR_EAGAIN) return amount;
      }
    }
    return libssh2_channel_eof(channel_) != 0 ? 0 : LIBSSH2_ERROR_EAGAIN;
  }

 private:
  long feed() {
    if (input_ended_) return 0;
    if (part_.empty() && what_.input) part_ = what_.input();
    if (part_.empty()) {
      int ended = libssh2_channel_send_eof(channel_);
      if (ended == 0) input_ended_ = true;
      return ended;
    }
    ssize_t sent = libssh2_channel_write(channel_, part_.data(), part_.size());
    // A program that has ended reads no more: what it said of that is worth more than our error.
    if (sent == LIBSSH2_ERROR_CHANNEL_CLOSED || sent == LIBSSH2_ERROR_CHANNEL_EOF_SENT) {
      input_ended_ = true;
      return 0;
    }
    if (sent > 0) part_.erase(0, static_cast<std::size_t>(sent));
    return sent;
  }

  long drain(int stream) {
    std::array<char, 32768> bytes;
    ssize_t size = libssh2_channel_read_ex(channel_, stream, bytes.data(), bytes.size());
    if (size <= 0) return size;
    std::string_view got(bytes.data(), static_cast<std::size_t>(size));
    std::string& kept = stream == 0 ? exit_.out : exit_.err;
    if (stream == 0 && what_.output) {
      what_.output(got);
    } else if (kept.size() < gathered_max) {
      kept += got;
    }
    return size;
  }

  LIBSSH2_CHANNEL* channel_;
  const SshExec& what_;
  SshExit& exit_;
  std::string part_;
  bool input_ended_ = false;
};

/// Writes all of it to a socket that may block for a moment. False: its other end is gone.
bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

Result<SshExit> SshSession::exec(const SshExec& what) {
  auto deadline = SshClock::now() + what.time_limit;
  Result<LIBSSH2_CHANNEL*> opened = parts_->open_channel(what, deadline);
  if (!opened) return opened.error();
  LIBSSH2_CHANNEL* channel = *opened;
  SshExit end;
  Streams streams(channel, what, end);
  long moved = parts_->until(deadline, [&] { return streams.step(); });
  if (moved == 0) {
    moved = parts_->until(deadline, [&] { return libssh2_channel_close(channel); });
  }
  if (moved == 0) {
    moved = parts_->until(deadline, [&] { return libssh2_channel_wait_closed(channel); });
  }
  std::optional<Error> failed;
  if (moved != 0) failed = parts_->error("finish " + what.command[0]);
  if (moved == LIBSSH2_ERROR_TIMEOUT) {
    failed = Error{Error::Code::timed_out, what.command[0] + " on " + to_string(parts_->host) +
                                               " did not end within " +
                                               format_duration(what.time_limit)};
  }
  end.code = libssh2_channel_get_exit_status(channel);
  char* signal = nullptr;
  std::size_t size = 0;
  libssh2_channel_get_exit_signal(channel, &signal, &size, nullptr, nullptr, nullptr, nullptr);
  if (signal != nullptr) {
    end.signal.assign(signal, size);
    libssh2_free(parts_->session, signal);
  }
  auto goodbye = SshClock::now() + std::chrono::milliseconds(200);
  parts_->until(goodbye, [&] { return libssh2_channel_free(channel); });
  if (failed) return *failed;
  return end;
}

Result<std::string> SshSession::output_of(const SshExec& what) {
  Result<SshExit> end = exec(what);
  if (!end) return end.error();
  if (end->code == 0 && end->signal.empty()) return std::move(end->out);
  std::string why = end->err.substr(0, end->err.find_last_not_of(" \n") + 1);
  std::string how = end->signal.empty() ? "ended with " + std::to_string(end->code)
                                         : "was ended by SIG" + end->signal;
  std::string cure;
  if (what.as_root && parts_->host.user != "root" && why.starts_with("sudo:")) {
    cure = "; give " + parts_->host.user + " sudo without a password, or log in as root";
  }
  return Error{Error::Code::environment, what.command[0] + " " + how + " on " +
                                             to_string(parts_->host) + ": " + why + cure};
}

Status SshSession::start_stream(const SshExec& what) {
  auto channel = parts_->open_channel(what, SshClock::now() + what.time_limit);
  if (!channel) return channel.error();
  parts_->stream = *channel;
  return Done{};
}

std::string SshSession::pump(int local) {
  LIBSSH2_CHANNEL* stream = parts_->stream;
  std::array<char, 16384> bytes;
  std::string complaint;
  while (true) {
    bool moved = false;
    // Read in any case: else it would fill the window for ever.
    ssize_t size = libssh2_channel_read_stderr(stream, bytes.data(), bytes.size());
    if (size > 0 && complaint.size() < complaint_max) {
      complaint.append(bytes.data(), static_cast<std::size_t>(size));
    }
    size = libssh2_channel_read(stream, bytes.data(), bytes.size());
    if (size > 0) {
      moved = true;
      if (!send_all(local, {bytes.data(), static_cast<std::size_t>(size)})) return complaint;
    } else if (size != LIBSSH2_ERROR_EAGAIN && size != 0) {
      return complaint;
    }
    if (libssh2_channel_eof(stream) != 0) return complaint;
    size = ::recv(local, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return complaint;
    if (size > 0) {
      moved = true;
      std::string_view rest(bytes.data(), static_cast<std::size_t>(size));
      auto deadline = SshClock::now() + std::chrono::seconds(30);
      while (!rest.empty()) {
        ssize_t sent = parts_->until(
            deadline, [&] { return libssh2_channel_write(stream, rest.data(), rest.size()); });
        if (sent < 0) return complaint;
        rest.remove_prefix(static_cast<std::size_t>(sent));
      }
    }
    if (!moved && !parts_->wait(SshClock::now() + forever, local)) return complaint;
  }
}

}  // namespace sunder
