#include "harness/real/lab/agent_link.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/io.hpp>
#include <boost/process/posix.hpp>
#include <cerrno>
#include <cstring>
#include <map>

#include "harness/core/assert.h"
#include "harness/core/json.h"
#include "harness/faultkit/frame.h"
#include "harness/faultkit/system_error.h"
#include "harness/real/lab/pending_answers.h"

namespace sunder {
namespace {

namespace asio = boost::asio;
namespace process = boost::process;

constexpr Duration start_limit = std::chrono::seconds(10);
constexpr auto end_limit = std::chrono::seconds(3);  // then the agent is killed
constexpr int agent_descriptor = 3;

Error gone_error() {
  return Error{Error::Code::environment, "a node's agent has ended; nothing of the node is left"};
}

Result<Value> fields_or_error(const std::string& text) {
  Result<Value> reply = parse_json(text);
  if (!reply) return reply;
  const Value* error = reply->find("error");
  if (error != nullptr && error->is_text()) {
    return Error{Error::Code::environment, error->text()};
  }
  return reply;
}

}  // namespace

struct AgentLink::Parts {
  process::child child;
  Descriptor socket;  // until attach()
  std::unique_ptr<asio::local::stream_protocol::socket> stream;  // since then
  asio::io_context* io = nullptr;
  FrameReader reader;
  std::array<char, 16384> input{};
  std::string leaving;
  std::string queued;
  PendingAnswers pending;
  std::function<void()> gone;
  bool ended = false;

  Result<Reply> receive(Duration time_limit);
  void read();
  void write();
  void take(const std::string& text);
  void end();
};

AgentLink::AgentLink(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Result<std::unique_ptr<AgentLink>> AgentLink::start(const std::filesystem::path& binary,
                                                    bool with_group) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return system_error("make a socket pair for an agent");
  }
  auto parts = std::make_unique<Parts>();
  parts->socket = Descriptor(ends[0]);
  // Binding a descriptor to itself would leave it to be closed by exec: move it out of the way.
  Descriptor theirs(::fcntl(ends[1], F_DUPFD_CLOEXEC, agent_descriptor + 1));
  ::close(ends[1]);
  std::error_code error;
  std::vector<std::string> arguments{"--control", std::to_string(agent_descriptor)};
  if (with_group) arguments.push_back("--group");
  parts->child = process::child(binary.string(), process::args(arguments),
                                process::posix::fd.bind(agent_descriptor, theirs.get()),
                                process::std_in < process::null, error);
  if (error) {
    return Error{Error::Code::environment,
                 "cannot start " + binary.string() + ": " + error.message()};
  }
  theirs.reset();
  std::unique_ptr<AgentLink> link(new AgentLink(std::move(parts)));
  Result<Reply> hello = link->parts_->receive(start_limit);
  if (!hello) return hello.error();
  return link;
}

AgentLink::~AgentLink() {
  Parts& parts = *parts_;
  parts.ended = true;
  parts.socket.reset();
  if (parts.stream) {
    boost::system::error_code ignored;
    parts.stream->close(ignored);
  }
  if (!parts.child.valid()) return;
  std::error_code ignored;
  auto give_up = std::chrono::steady_clock::now() + end_limit;
  while (parts.child.running(ignored) && std::chrono::steady_clock::now() < give_up) {
    ::poll(nullptr, 0, 2);
  }
  if (parts.child.running(ignored)) parts.child.terminate(ignored);
  parts.child.wait(ignored);
}

pid_t AgentLink::pid() const { return parts_->child.id(); }

Result<AgentLink::Reply> AgentLink::Parts::receive(Duration time_limit) {
  Reply reply;
  auto limit_ms = std::chrono::duration_cast<std::chrono::milliseconds>(time_limit).count();
  std::optional<std::string> text;
  while (!(text = reader.next())) {
    pollfd watch{socket.get(), POLLIN, 0};
    int ready = ::poll(&watch, 1, static_cast<int>(limit_ms));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      return Error{Error::Code::timed_out, "a node's agent did not answer within " +
                                               format_duration(time_limit)};
    }
    iovec part{input.data(), input.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    ssize_t size = ::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC);
    if (size <= 0) return gone_error();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
      reply.attached = Descriptor(descriptor);
    }
    reader.feed({input.data(), static_cast<std::size_t>(size)});
    if (reader.broken()) return gone_error();
  }
  Result<Value> fields = fields_or_error(*text);
  if (!fields) return fields.error();
  reply.fields = *std::move(fields);
  return reply;
}

Result<AgentLink::Reply> AgentLink::call(Map request, Duration time_limit) {
  ASSERT(parts_->stream == nullptr);
  std::string bytes;
  append_frame(bytes, to_json(Value(std::move(request))));
  std::string_view rest = bytes;
  while (!rest.empty()) {
    ssize_t sent = ::send(parts_->socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return gone_error();
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return parts_->receive(time_limit);
}

void AgentLink::attach(asio::io_context& io, std::function<void()> gone) {
  parts_->io = &io;
  parts_->gone = std::move(gone);
  parts_->stream = std::make_unique<asio::local::stream_protocol::socket>(io);
  parts_->stream->assign(asio::local::stream_protocol(), parts_->socket.release());
  parts_->read();
}

bool AgentLink::ended() const { return parts_->ended; }

void AgentLink::ask(Map request, Duration time_limit, Answered answered) {
  Parts& parts = *parts_;
  if (parts.ended) return answered(gone_error());
  request["id"] = parts.pending.add(*parts.io, time_limit, "a node's agent", std::move(answered));
  append_frame(parts.queued, to_json(Value(std::move(request))));
  if (parts.leaving.empty()) parts.write();
}

void AgentLink::Parts::write() {
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

void AgentLink::Parts::read() {
  stream->async_read_some(asio::buffer(input),
                          [this](boost::system::error_code error, std::size_t size) {
                            if (error == asio::error::operation_aborted) return;
                            if (error) return end();
                            reader.feed({input.data(), size});
                            while (std::optional<std::string> text = reader.next()) take(*text);
                            if (reader.broken()) return end();
                            read();
                          });
}

void AgentLink::Parts::take(const std::string& text) {
  Result<Value> reply = parse_json(text);
  const Value* id = reply ? reply->find("id") : nullptr;
  if (id != nullptr && id->is_integer()) pending.answer(id->integer(), fields_or_error(text));
}

void AgentLink::Parts::end() {
  if (std::exchange(ended, true)) return;
  pending.end_all(gone_error());
  gone();
}

}  // namespace sunder
