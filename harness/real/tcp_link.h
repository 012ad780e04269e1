#pragma once
// TCP connections that carry frames. The only header of ours that shows Asio: for the .cpp files of
// harness/real.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "harness/core/time.h"
#include "harness/faultkit/frame.h"

namespace sunder {

namespace asio = boost::asio;

/// One connection, from either side. Callbacks run on the io_context's thread; none after close().
class FrameStream : public std::enable_shared_from_this<FrameStream> {
 public:
  using OnFrame = std::function<void(std::string)>;
  explicit FrameStream(asio::ip::tcp::socket socket);
  /// Sets the socket's options and begins to read. `closed` is called once if the other side goes.
  void open(OnFrame frame, std::function<void()> closed);
  /// Queues a frame; past the limit the oldest that has not begun to leave is dropped.
  void write(std::string_view body);
  void close();

 private:
  void read();
  void write_next();
  void fail();

  asio::ip::tcp::socket socket_;
  OnFrame on_frame_;
  std::function<void()> on_closed_;
  FrameReader reader_;
  std::array<char, 16384> input_{};
  std::deque<std::string> queue_;  // whole frames
  std::string leaving_;            // what the kernel is being given
  bool open_ = false;
};

/// A connection to one fixed endpoint that is tried again and again until close().
class TcpLink : public std::enable_shared_from_this<TcpLink> {
 public:
  TcpLink(asio::io_context& io, asio::ip::tcp::endpoint target)
      : io_(io), target_(target), timer_(io) {}
  /// `connected` is called each time a connection stands, before queued frames leave.
  void open(std::function<void()> connected, FrameStream::OnFrame frame);
  /// Sends, or keeps for the next connection; of the kept, the oldest are dropped.
  void send(std::string body);
  /// Sends only if a connection stands.
  void send_now(std::string_view body);
  bool connected() const { return stream_ != nullptr; }
  void reset();  // drops the connection; a new one is tried at once
  void close();

 private:
  void connect();
  void retry();

  asio::io_context& io_;
  asio::ip::tcp::endpoint target_;
  asio::steady_timer timer_;
  std::shared_ptr<asio::ip::tcp::socket> attempt_;
  std::shared_ptr<FrameStream> stream_;
  std::deque<std::string> kept_;
  std::function<void()> on_connected_;
  FrameStream::OnFrame on_frame_;
  bool closed_ = false;
};

}  // namespace sunder
