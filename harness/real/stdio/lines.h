#pragma once
// Lines over file descriptors that may be pipes, terminals or files.

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "harness/core/result.h"

namespace sunder::stdio {

/// Cuts what comes into lines. Callbacks run on the io_context's thread.
class LineReader {
 public:
  struct Handlers {
    std::function<void(std::string_view line)> line;  // without its end, never empty
    std::function<void()> too_long;                   // once for each line over the limit
    std::function<void()> ended;                      // once, after the last line
  };
  static constexpr std::size_t line_max = std::size_t{8} << 20;

  /// Owns the descriptor.
  LineReader(boost::asio::io_context& io, int descriptor);
  void open(Handlers handlers);

 private:
  void read();
  void take(std::string_view bytes);

  boost::asio::posix::stream_descriptor from_;
  Handlers handlers_;
  std::array<char, 65536> input_{};
  std::string line_;       // begun
  bool skipping_ = false;  // the rest of a line that was too long
};

/// Writes lines in order, without waiting for whoever reads them.
class LineWriter {
 public:
  /// Owns the descriptor. `failed` is called once when nobody reads any more.
  LineWriter(boost::asio::io_context& io, int descriptor, std::function<void(Error)> failed);
  void write(std::string line);
  std::size_t waiting() const { return waiting_; }  // bytes that have not left
  /// Calls back as soon as nothing waits, from within this call when that is now.
  void when_empty(std::function<void()> emptied);

 private:
  void write_next();

  boost::asio::posix::stream_descriptor to_;
  std::function<void(Error)> on_failed_;
  std::function<void()> on_emptied_;
  std::deque<std::string> queue_;
  std::string leaving_;
  std::size_t waiting_ = 0;
  bool broken_ = false;
};

}  // namespace sunder::stdio
