#include "harness/real/tcp_link.h"

#include <netinet/tcp.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace sunder {
namespace {

// A healed partition must be usable within a second, so nothing here waits longer than that.
constexpr auto connect_limit = std::chrono::milliseconds(500);
constexpr auto retry_pause = std::chrono::milliseconds(100);
constexpr int unacknowledged_limit_ms = 750;
constexpr std::size_t queue_limit = 1024;  // frames
constexpr std::size_t write_batch = 64;    // frames in one system call

void set_option(int socket, int level, int name, int value) {
  // A kernel without one of these options only notices dead peers later.
  (void)::setsockopt(socket, level, name, &value, sizeof value);
}

void set_options(int socket) {
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, unacknowledged_limit_ms);
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 2);
}

void shut(asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.close(ignored);
}

}  // namespace

FrameStream::FrameStream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

void FrameStream::open(OnFrame frame, std::function<void()> closed) {
  on_frame_ = std::move(frame);
  on_closed_ = std::move(closed);
  open_ = true;
  set_options(socket_.native_handle());
  read();
}

void FrameStream::read() {
  socket_.async_read_some(
      asio::buffer(input_), [self = shared_from_this()](boost::system::error_code error,
                                                        std::size_t size) {
        if (!self->open_) return;
        if (error) return self->fail();
        self->reader_.feed({self->input_.data(), size});
        while (std::optional<std::string> body = self->reader_.next()) {
          self->on_frame_(std::move(*body));
          if (!self->open_) return;
        }
        if (self->reader_.broken()) return self->fail();
        self->read();
      });
}

void FrameStream::write(std::string_view body) {
  if (!open_ || body.size() > frame_limit) return;
  std::string frame;
  append_frame(frame, body);
  queue_.push_back(std::move(frame));
  if (queue_.size() > queue_limit) queue_.pop_front();
  if (leaving_.empty()) write_next();
}

void FrameStream::write_next() {
  for (std::size_t i = 0; i < write_batch && !queue_.empty(); ++i) {
    leaving_ += queue_.front();
    queue_.pop_front();
  }
  if (leaving_.empty()) return;
  asio::async_write(socket_, asio::buffer(leaving_),
                    [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                      self->leaving_.clear();
                      if (!self->open_) return;
                      if (error) return self->fail();
                      self->write_next();
                    });
}

void FrameStream::fail() {
  auto closed = std::move(on_closed_);
  close();
  if (closed) closed();
}

void FrameStream::close() {
  open_ = false;
  shut(socket_);
  on_closed_ = nullptr;
}

void TcpLink::open(std::function<void()> connected, FrameStream::OnFrame frame) {
  on_connected_ = std::move(connected);
  on_frame_ = std::move(frame);
  connect();
}

void TcpLink::connect() {
  if (closed_) return;
  auto socket = std::make_shared<asio::ip::tcp::socket>(io_);
  attempt_ = socket;
  timer_.expires_after(connect_limit);
  timer_.async_wait([socket](boost::system::error_code cancelled) {
    if (!cancelled) shut(*socket);  // the attempt below then ends with an error
  });
  socket->async_connect(target_, [self = shared_from_this(),
                                  socket](boost::system::error_code error) {
    if (self->closed_ || self->attempt_ != socket) return;
    self->attempt_ = nullptr;
    if (error || !socket->is_open()) return self->retry();
    self->timer_.cancel();
    self->stream_ = std::make_shared<FrameStream>(std::move(*socket));
    self->stream_->open(self->on_frame_, [self] {
      self->stream_ = nullptr;
      self->retry();
    });
    self->on_connected_();
    for (const std::string& body : self->kept_) self->stream_->write(body);
    self->kept_.clear();
  });
}

void TcpLink::retry() {
  if (closed_) return;
  timer_.expires_after(retry_pause);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (!cancelled) self->connect();
  });
}

void TcpLink::send(std::string body) {
  if (stream_) return stream_->write(body);
  kept_.push_back(std::move(body));
  if (kept_.size() > queue_limit) kept_.pop_front();
}

void TcpLink::send_now(std::string_view body) {
  if (stream_) stream_->write(body);
}

void TcpLink::reset() {
  if (closed_) return;
  if (stream_) stream_->close();
  stream_ = nullptr;
  if (attempt_) shut(*attempt_);
  attempt_ = nullptr;
  connect();
}

void TcpLink::close() {
  closed_ = true;
  timer_.cancel();
  if (attempt_) shut(*attempt_);
  if (stream_) stream_->close();
  stream_ = nullptr;
}

}  // namespace sunder
