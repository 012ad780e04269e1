#include "harness/real/stdio/clients.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "harness/real/trace_file.h"

namespace sunder::stdio {
namespace asio = boost::asio;
namespace {

// Of this node. With nine nodes, fewer than the thousand that the key-value machine remembers.
constexpr std::size_t sessions_max = 64;

using Alarm = std::unique_ptr<asio::steady_timer>;

}  // namespace

/// A client and its channel. Work that was queued for it finds it by its name, or not at all.
class Clients::Session final : public Channel {
 public:
  Session(Clients& clients, NodeId self, std::string whose)
      : clients_(clients), self_(self), whose_(std::move(whose)),
        rng_(clients.setup_.seed, Stream::of("client", static_cast<std::uint64_t>(self.index))) {
    client_ = clients_.setup_.system->make_client(*this, clients_.setup_.config);
  }
  ~Session() override { client_.reset(); }  // while the channel is still whole

  NodeId self() const override { return self_; }
  std::span<const NodeId> servers() const override { return clients_.servers_; }
  NodeId home() const override { return clients_.setup_.roster.self(); }
  Instant now() const override { return instant_at(host_nanoseconds()); }
  void send(NodeId target, Message message) override {
    clients_.setup_.send(self_, target, message);
  }
  void on_receive(std::function<void(const Envelope&)> handler) override {
    handler_ = std::move(handler);
  }
  Timer start_timer(Duration delay, std::function<void()> fire) override {
    std::uint64_t id = ++last_timer_;
    timers_.emplace(id, alarm(delay, [id, fire = std::move(fire)](Session& session) {
                      if (session.timers_.erase(id) > 0) fire();
                    }));
    return Timer{id};
  }
  void cancel_timer(Timer timer) override { timers_.erase(timer.id); }
  Rng& rng() override { return rng_; }

  const std::string& whose() const { return whose_; }
  std::uint64_t op() const { return op_; }
  std::uint64_t last_op() const { return last_op_; }
  void receive(const Envelope& envelope) {
    if (handler_) handler_(envelope);
  }
  void invoke(std::uint64_t op, const Draft& draft, Done done) {
    op_ = last_op_ = op;
    done_ = std::move(done);
    Duration limit = clients_.setup_.time_limit;
    limit_ = alarm(limit, [op, limit](Session& session) {
      Outcome late = Outcome::info("no answer within " + format_duration(limit));
      session.clients_.complete(session.self_, op, {std::move(late), true});
    });
    Op invocation{.index = op, .time = now(), .process = Process{self_.index}};
    invocation.verb = draft.verb;
    invocation.value = draft.value;
    // The client must not go while it is on the stack.
    client_->invoke(invocation, [&clients = clients_, self = self_, op](const Outcome& outcome) {
      asio::post(clients.io_, [&clients, self, op, outcome] {
        clients.complete(self, op, {outcome, false});
      });
    });
  }
  Done end() {
    limit_.reset();
    op_ = 0;
    return std::exchange(done_, nullptr);
  }

 private:
  template <class Ring>
  Alarm alarm(Duration delay, Ring ring) {
    auto timer = std::make_unique<asio::steady_timer>(clients_.io_, delay);
    timer->async_wait([&clients = clients_, self = self_,
                       ring = std::move(ring)](boost::system::error_code cancelled) {
      if (cancelled) return;
      auto session = clients.sessions_.find(self);
      if (session != clients.sessions_.end()) ring(*session->second);
    });
    return timer;
  }

  Clients& clients_;
  NodeId self_;
  std::string whose_;
  Rng rng_;
  std::unique_ptr<Client> client_;
  std::function<void(const Envelope&)> handler_;
  std::map<std::uint64_t, Alarm> timers_;
  std::uint64_t last_timer_ = 0;
  std::uint64_t op_ = 0;  // under way; 0: none
  std::uint64_t last_op_ = 0;
  Done done_;
  Alarm limit_;
};

Clients::Clients(asio::io_context& io, Setup setup)
    : io_(io), setup_(std::move(setup)), servers_(setup_.roster.nodes()),
      turn_(setup_.first_turn) {}

Clients::~Clients() = default;

void Clients::invoke(const std::string& whose, const Draft& draft, Done done) {
  Session* session = free_session(whose);
  if (session == nullptr) {
    waiting_.push_back({whose, draft, std::move(done), instant_at(host_nanoseconds())});
    return;
  }
  ++busy_;
  session->invoke(++ops_, draft, std::move(done));
}

Clients::Session* Clients::free_session(const std::string& whose) {
  auto idle = idle_.find(whose);
  if (idle != idle_.end()) {
    NodeId id = idle->second.back();
    idle->second.pop_back();
    if (idle->second.empty()) idle_.erase(idle);
    return sessions_.at(id).get();
  }
  if (sessions_.size() >= sessions_max && !retire_one()) return nullptr;
  NodeId id = setup_.roster.client(turn_);
  turn_ = (turn_ + 1) % Roster::turns_max;
  return sessions_.emplace(id, std::make_unique<Session>(*this, id, whose)).first->second.get();
}

// The idle session that was not asked for longest. False when all are busy.
bool Clients::retire_one() {
  auto oldest = sessions_.end();
  for (auto session = sessions_.begin(); session != sessions_.end(); ++session) {
    if (session->second->op() != 0) continue;
    bool older = oldest == sessions_.end() ||
                 session->second->last_op() < oldest->second->last_op();
    if (older) oldest = session;
  }
  if (oldest == sessions_.end()) return false;
  auto idle = idle_.find(oldest->second->whose());
  std::erase(idle->second, oldest->first);
  if (idle->second.empty()) idle_.erase(idle);
  sessions_.erase(oldest);
  return true;
}

void Clients::deliver(const Envelope& envelope) {
  auto session = sessions_.find(envelope.target);
  if (session != sessions_.end()) session->second->receive(envelope);
}

void Clients::complete(NodeId id, std::uint64_t op, Ended ended) {
  auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second->op() != op) return;  // it had timed out
  Session& session = *found->second;
  Done done = session.end();
  --busy_;
  if (ended.outcome.phase == Phase::info) {
    sessions_.erase(found);
  } else {
    idle_[session.whose()].push_back(id);
  }
  done(std::move(ended));
  start_waiting();
}

void Clients::start_waiting() {
  while (!waiting_.empty() && busy_ < sessions_max) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    if (instant_at(host_nanoseconds()) - next.since > setup_.time_limit) {
      next.done({Outcome::fail("refused: too many requests at a time"), false});
    } else {
      invoke(next.whose, next.draft, std::move(next.done));
    }
  }
}

}  // namespace sunder::stdio
