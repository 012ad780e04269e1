#include "harness/real/lab/disk_link.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <boost/process/child.hpp>
#include <boost/process/io.hpp>
#include <boost/process/posix.hpp>
#include <istream>
#include <map>

#include "harness/core/json.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/system_error.h"
#include "harness/real/lab/pending_answers.h"

namespace sunder {
namespace {

namespace asio = boost::asio;
namespace process = boost::process;

constexpr int disk_descriptor = 3;
// If a sync took no time, hardly a power cut would fall into one.
constexpr int sync_ms = 5;
constexpr auto unmount_limit = std::chrono::seconds(3);  // then it is killed

Error disk_gone() {
  return Error{Error::Code::environment, "a node's disk has ended; its data is lost"};
}

}  // namespace

struct DiskLink::Parts {
  process::child child;
  Descriptor socket;  // until attach()
  std::unique_ptr<asio::local::stream_protocol::socket> stream;  // since then
  asio::io_context* io = nullptr;
  asio::streambuf input;
  std::string leaving;
  std::string queued;
  PendingAnswers pending;
  bool ended = false;

  void read();
  void write();
  void take(const std::string& line);
  void end();
};

DiskLink::DiskLink(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<DiskLink>> DiskLink::start(const Place& place) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return system_error("make a socket pair for a disk");
  }
  auto parts = std::make_unique<Parts>();
  parts->socket = Descriptor(ends[0]);
  // Binding a descriptor to itself would leave it to be closed by exec: move it out of the way.
  Descriptor theirs(::fcntl(ends[1], F_DUPFD_CLOEXEC, disk_descriptor + 1));
  ::close(ends[1]);
  std::error_code error;
  process::ipstream output;
  process::ipstream errors;
  parts->child = process::child(
      place.binary.string(), place.folder.string(), "--control-descriptor",
      std::to_string(disk_descriptor), "--log", place.log.string(), "--seed",
      std::to_string(place.seed), "--sync-ms", std::to_string(sync_ms),
      process::posix::fd.bind(disk_descriptor, theirs.get()), process::std_in < process::null,
      process::std_out > output, process::std_err > errors, error);
  if (error) {
    return Error{Error::Code::environment,
                 "cannot start " + place.binary.string() + ": " + error.message()};
  }
  theirs.reset();
  std::unique_ptr<DiskLink> link(new DiskLink(std::move(parts)));
  std::string line;
  if (!std::getline(output, line) || line != "ready") {
    std::string why;
    std::getline(errors, why);
    return Error{Error::Code::environment, "no disk at " + place.folder.string() + ": " + why};
  }
  return link;
}

DiskLink::~DiskLink() {
  Parts& parts = *parts_;
  parts.ended = true;
  parts.socket.reset();
  if (parts.stream) {
    boost::system::error_code ignored;
    parts.stream->close(ignored);
  }
  std::error_code ignored;
  auto give_up = std::chrono::steady_clock::now() + unmount_limit;
  while (parts.child.running(ignored) && std::chrono::steady_clock::now() < give_up) {
    ::poll(nullptr, 0, 2);
  }
  if (parts.child.running(ignored)) parts.child.terminate(ignored);
  parts.child.wait(ignored);
}

pid_t DiskLink::pid() const { return parts_->child.id(); }

void DiskLink::attach(asio::io_context& io) {
  parts_->io = &io;
  parts_->stream = std::make_unique<asio::local::stream_protocol::socket>(io);
  parts_->stream->assign(asio::local::stream_protocol(), parts_->socket.release());
  parts_->read();
}

void DiskLink::ask(Map request, Duration time_limit, Answered answered) {
  Parts& parts = *parts_;
  if (parts.ended) return answered(disk_gone());
  request["id"] = parts.pending.add(*parts.io, time_limit, "a node's disk", std::move(answered));
  parts.queued += to_json(Value(std::move(request))) + "\n";
  if (parts.leaving.empty()) parts.write();
}

void DiskLink::Parts::write() {
  if (queued.empty() || ended) return;
  leaving.swap(queued);
  asio::async_write(*stream, asio::buffer(leaving),
                    [this](boost::system::error_code error, std::size_t) {
                      if (error == asio::error::operation_aborted) return;
                      leaving.clear();
                      if (error) return end();
                      write();
                    });
}

void DiskLink::Parts::read() {
  asio::async_read_until(*stream, input, '\n', [this](boost::system::error_code error,
                                                      std::size_t) {
    if (error == asio::error::operation_aborted) return;
    if (error) return end();
    std::istream lines(&input);
    std::string line;
    std::getline(lines, line);
    take(line);
    read();
  });
}

void DiskLink::Parts::take(const std::string& line) {
  Result<Value> reply = parse_json(line);
  const Value* id = reply ? reply->find("id") : nullptr;
  if (id == nullptr || !id->is_integer()) return;
  const Value* error = reply->find("error");
  if (error != nullptr && error->is_text()) {
    return pending.answer(id->integer(), Error{Error::Code::refused, error->text()});
  }
  pending.answer(id->integer(), std::move(reply));
}

void DiskLink::Parts::end() {
  ended = true;
  pending.end_all(disk_gone());
}

}  // namespace sunder
