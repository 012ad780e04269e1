#include "harness/real/ssh/ssh_agent_link.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <mutex>
#include <thread>

#include "harness/core/json.h"
#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/frame.h"
#include "harness/faultkit/system_error.h"
#include "harness/real/ssh/session.h"

namespace sunder {
namespace {

namespace asio = boost::asio;

constexpr Duration connect_limit = std::chrono::seconds(10);
constexpr Duration pause_before_retry = std::chrono::milliseconds(300);
constexpr std::int64_t hello_id = 0;

/// One connection: a thread that carries bytes between SSH and a socket pair until either ends.
class Bridge {
 public:
  Bridge(SshHost host, std::vector<std::string> command, Descriptor far)
      : thread_([this, host = std::move(host), command = std::move(command),
                 far = std::move(far)]() mutable { work(host, command, std::move(far)); }) {}
  ~Bridge() { thread_.join(); }  // REQUIRES: the near end is closed or shut down
  std::string why() const {
    std::lock_guard lock(mutex_);
    return why_;
  }

 private:
  void work(const SshHost& host, const std::vector<std::string>& command, Descriptor far) {
    // The far end closes last: then whoever sees that may join this thread at once.
    Result<std::unique_ptr<SshSession>> session = SshSession::open(host, connect_limit);
    if (!session) return say(session.error().context);
    Status started = (*session)->start_stream(
        {.command = command, .as_root = true, .time_limit = connect_limit});
    if (!started) return say(started.error().context);
    std::string complaint = (*session)->pump(far.get());
    while (complaint.ends_with('\n')) complaint.pop_back();
    say("the connection to " + to_string(host) + " has ended" +
        (complaint.empty() ? "" : ": " + complaint));
  }
  void say(std::string why) {
    std::lock_guard lock(mutex_);
    why_ = std::move(why);
  }

  mutable std::mutex mutex_;
  std::string why_;
  std::thread thread_;  // last: it uses the rest
};

Error machine_off(const SshHost& host) {
  return {Error::Code::refused, "the machine of " + host.name + " is off"};
}

Result<Value> fields_or_error(Value reply) {
  const Value* error = reply.find("error");
  if (error == nullptr || !error->is_text()) return reply;
  return Error{Error::Code::environment, error->text()};
}

}  // namespace

struct SshAgentLink::Parts {
  struct Waiting {
    std::string frame;
    Answered answered;
    std::unique_ptr<asio::steady_timer> limit;
  };
  Parts(asio::io_context& context, Setup with)
      : io(context), setup(std::move(with)), retry(context) {}

  void connect();
  void read();
  void write();
  void queue(const std::string& frame);
  void take(const std::string& text);
  void greeted(Value reply);
  void answer(std::int64_t id, Result<Value> result);
  void lose(const std::string& why);

  asio::io_context& io;
  Setup setup;
  asio::steady_timer retry;
  std::unique_ptr<Bridge> bridge;
  std::unique_ptr<asio::local::stream_protocol::socket> near;
  FrameReader reader;
  std::array<char, 16384> input{};
  std::string leaving;
  std::string queued;
  bool writing = false;
  bool up = false;  // the agent has answered our greeting
  bool parting = false;
  bool off = false;
  Value greeting;
  std::map<std::int64_t, Waiting> waiting;
  std::int64_t last_id = hello_id;
};

SshAgentLink::SshAgentLink(asio::io_context& io, Setup setup)
    : parts_(std::make_unique<Parts>(io, std::move(setup))) {}

SshAgentLink::~SshAgentLink() { drop(); }

void SshAgentLink::drop() {
  boost::system::error_code ignored;
  if (!parts_->near) return;
  parts_->near->shutdown(asio::local::stream_protocol::socket::shutdown_both, ignored);
}

const Value& SshAgentLink::greeting() const { return parts_->greeting; }

void SshAgentLink::part() { parts_->parting = true; }

bool SshAgentLink::off() const { return parts_->off; }

void SshAgentLink::note_off(bool off) {
  parts_->off = off;
  while (off && !parts_->waiting.empty()) {
    parts_->answer(parts_->waiting.begin()->first, machine_off(parts_->setup.host));
  }
}

void SshAgentLink::open() { parts_->connect(); }

void SshAgentLink::ask(Map request, Duration time_limit, Answered answered) {
  if (!parts_->off) return ask_though_off(std::move(request), time_limit, std::move(answered));
  asio::post(parts_->io, [host = parts_->setup.host, answered = std::move(answered)] {
    answered(machine_off(host));
  });
}

void SshAgentLink::ask_though_off(Map request, Duration time_limit, Answered answered) {
  Parts& parts = *parts_;
  std::int64_t id = ++parts.last_id;
  request["id"] = id;
  std::string frame;
  append_frame(frame, to_json(Value(std::move(request))));
  auto limit = std::make_unique<asio::steady_timer>(parts.io, time_limit);
  limit->async_wait([&parts, id, time_limit](boost::system::error_code cancelled) {
    if (cancelled) return;
    parts.answer(id, Error{Error::Code::timed_out,
                           "the agent on " + to_string(parts.setup.host) +
                               " did not answer within " + format_duration(time_limit)});
  });
  if (parts.up) parts.queue(frame);
  parts.waiting.emplace(
      id, Parts::Waiting{std::move(frame), std::move(answered), std::move(limit)});
}

void SshAgentLink::Parts::connect() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return lose(system_error("make a socket pair").context);
  }
  near = std::make_unique<asio::local::stream_protocol::socket>(io);
  near->assign(asio::local::stream_protocol(), ends[0]);
  bridge = std::make_unique<Bridge>(setup.host, setup.attach, Descriptor(ends[1]));
  reader = FrameReader();
  leaving.clear();
  queued.clear();
  writing = false;
  Map hello;
  hello["do"] = "hello";
  hello["id"] = hello_id;
  hello["controller"] = setup.controller;
  std::string frame;
  append_frame(frame, to_json(Value(std::move(hello))));
  queue(frame);
  read();
}

void SshAgentLink::Parts::queue(const std::string& frame) {
  queued += frame;
  if (!writing) write();
}

void SshAgentLink::Parts::write() {
  writing = !queued.empty();
  if (!writing) return;
  leaving = std::exchange(queued, "");
  asio::async_write(*near, asio::buffer(leaving),
                    [this](boost::system::error_code error, std::size_t) {
                      // The reader sees a lost connection, too, and deals with it.
                      if (!error) write();
                    });
}

void SshAgentLink::Parts::read() {
  near->async_read_some(asio::buffer(input),
                        [this](boost::system::error_code error, std::size_t size) {
                          if (error == asio::error::operation_aborted) return;
                          if (error) return lose("");
                          reader.feed({input.data(), size});
                          while (std::optional<std::string> text = reader.next()) take(*text);
                          if (!near->is_open()) return;  // lost on the way
                          if (reader.broken()) return lose("the agent talks nonsense");
                          read();
                        });
}

void SshAgentLink::Parts::take(const std::string& text) {
  Result<Value> reply = parse_json(text);
  const Value* id = reply ? reply->find("id") : nullptr;
  if (id == nullptr || !id->is_integer()) return;
  if (id->integer() == hello_id) return greeted(*std::move(reply));
  answer(id->integer(), fields_or_error(*std::move(reply)));
}

void SshAgentLink::Parts::greeted(Value reply) {
  Result<Value> fields = fields_or_error(std::move(reply));
  if (!fields) return lose(fields.error().context);  // another run's lease may end soon
  greeting = *std::move(fields);
  up = true;
  for (const auto& [id, request] : waiting) queue(request.frame);
  setup.changed(Done{});
}

void SshAgentLink::Parts::answer(std::int64_t id, Result<Value> result) {
  auto found = waiting.find(id);
  if (found == waiting.end()) return;  // it came after its time limit
  Waiting done = std::move(found->second);
  waiting.erase(found);
  done.answered(std::move(result));
}

void SshAgentLink::Parts::lose(const std::string& why) {
  up = false;
  boost::system::error_code ignored;
  if (near) near->close(ignored);
  std::string reason = why;
  if (bridge) {
    std::string told = bridge->why();
    if (reason.empty()) reason = told;
    bridge.reset();
  }
  setup.changed(Error{Error::Code::environment, reason});
  if (parting) return;
  retry.expires_after(pause_before_retry);
  retry.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) connect();
  });
}

}  // namespace sunder
