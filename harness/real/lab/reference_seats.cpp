#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "harness/core/assert.h"
#include "harness/real/lab/seats.h"

namespace sunder {
namespace {

namespace asio = boost::asio;

/// One client and its channel; the client goes first.
struct Connection {
  std::unique_ptr<Channel> channel;
  std::unique_ptr<Client> client;
};

struct Seat {
  explicit Seat(asio::io_context& io) : time_limit(io) {}
  Process process{-1};
  Connection connection;
  Op invocation;
  bool busy = false;
  std::uint64_t turn = 0;  // counts ops, so that a late completion is told from the present one
  asio::steady_timer time_limit;
};

class ReferenceSeats final : public Seats {
 public:
  ReferenceSeats(const Test& test, asio::io_context& io, ClientHub& hub, Completions& completions)
      : test_(test), io_(io), hub_(hub), completions_(completions) {
    for (int i = 0; i < test.concurrency; ++i) seats_.push_back(std::make_unique<Seat>(io));
  }

  void dispatch(const Op& invocation) override {
    auto concurrency = static_cast<std::int32_t>(seats_.size());
    auto index = static_cast<std::size_t>(invocation.process.id % concurrency);
    Seat& seat = *seats_[index];
    ASSERT(!seat.busy);
    if (seat.process != invocation.process) {
      seat.process = invocation.process;
      close(seat);
      seat.connection.channel = hub_.open(invocation.process);
      seat.connection.client = test_.system.make_client(*seat.connection.channel, test_.config);
    }
    seat.busy = true;
    seat.invocation = invocation;
    std::uint64_t turn = ++seat.turn;
    seat.time_limit.expires_after(test_.op_timeout);
    seat.time_limit.async_wait([this, &seat, turn](boost::system::error_code cancelled) {
      if (!cancelled) finish(seat, turn, Outcome::info("timed out"));
    });
    seat.connection.client->invoke(seat.invocation, [this, &seat, turn](Outcome outcome) {
      finish(seat, turn, std::move(outcome));
    });
  }

 private:
  void finish(Seat& seat, std::uint64_t turn, Outcome outcome) {
    if (!seat.busy || seat.turn != turn) return;
    seat.busy = false;
    seat.time_limit.cancel();
    Op completion = seat.invocation;
    completion.phase = outcome.phase;
    if (outcome.phase == Phase::ok) completion.value = std::move(outcome.value);
    completion.error = std::move(outcome.why);
    if (completion.phase == Phase::info) {
      close(seat);
      seat.process = Process{-1};
    }
    completions_.put(std::move(completion));
  }

  // A client may be closed from within its own callback: it goes once that has returned.
  void close(Seat& seat) {
    if (!seat.connection.client) return;
    auto old = std::make_shared<Connection>(std::move(seat.connection));
    seat.connection = Connection{};
    asio::post(io_, [old] {
      old->client.reset();
      old->channel.reset();
    });
  }

  const Test& test_;
  asio::io_context& io_;
  ClientHub& hub_;
  Completions& completions_;
  std::vector<std::unique_ptr<Seat>> seats_;
};

}  // namespace

std::unique_ptr<Seats> make_reference_seats(const Test& test, asio::io_context& io, ClientHub& hub,
                                            Completions& completions) {
  return std::make_unique<ReferenceSeats>(test, io, hub, completions);
}

}  // namespace sunder
