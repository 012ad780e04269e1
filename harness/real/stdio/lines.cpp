#include "harness/real/stdio/lines.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

namespace sunder::stdio {
namespace asio = boost::asio;

LineReader::LineReader(asio::io_context& io, int descriptor) : from_(io, descriptor) {}

void LineReader::open(Handlers handlers) {
  handlers_ = std::move(handlers);
  read();
}

void LineReader::read() {
  from_.async_read_some(asio::buffer(input_), [this](boost::system::error_code error,
                                                     std::size_t size) {
    if (error == asio::error::operation_aborted) return;
    if (error) {
      if (!line_.empty()) handlers_.line(line_);  // a last line that was not ended
      return handlers_.ended();
    }
    take({input_.data(), size});
    read();
  });
}

void LineReader::take(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t end = bytes.find('\n');
    std::string_view piece = bytes.substr(0, end);
    if (!skipping_ && line_.size() + piece.size() > line_max) {
      skipping_ = true;
      line_.clear();
      handlers_.too_long();
    }
    if (!skipping_) line_.append(piece);
    if (end == std::string_view::npos) return;
    std::string line = std::exchange(line_, {});
    skipping_ = false;
    if (!line.empty()) handlers_.line(line);
    bytes.remove_prefix(end + 1);
  }
}

LineWriter::LineWriter(asio::io_context& io, int descriptor, std::function<void(Error)> failed)
    : to_(io, descriptor), on_failed_(std::move(failed)) {}

void LineWriter::write(std::string line) {
  if (broken_) return;
  line += '\n';
  waiting_ += line.size();
  queue_.push_back(std::move(line));
  if (leaving_.empty()) write_next();
}

void LineWriter::write_next() {
  // What has gathered leaves together.
  leaving_ = std::move(queue_.front());
  queue_.pop_front();
  while (!queue_.empty() && leaving_.size() < 65536) {
    leaving_ += queue_.front();
    queue_.pop_front();
  }
  asio::async_write(to_, asio::buffer(leaving_), [this](boost::system::error_code error,
                                                        std::size_t) {
    if (error) {
      broken_ = true;
      return on_failed_(Error{Error::Code::environment,
                              "cannot write to standard output: " + error.message()});
    }
    waiting_ -= leaving_.size();
    leaving_.clear();
    if (!queue_.empty()) return write_next();
    if (on_emptied_) on_emptied_();
  });
}

void LineWriter::when_empty(std::function<void()> emptied) {
  if (waiting_ == 0 || broken_) return emptied();
  on_emptied_ = std::move(emptied);
}

}  // namespace sunder::stdio
