#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <thread>

#include "harness/core/assert.h"
#include "harness/real/lab/seats.h"

namespace sunder {
namespace {

namespace asio = boost::asio;

// A client has its own deadline; one that overruns it by this much is given up.
constexpr Duration overrun_limit = std::chrono::seconds(1);

/// One thread that carries ops with a blocking client. Thread-safe.
class Worker {
 public:
  using Finish = std::function<void(std::uint64_t turn, Outcome outcome)>;
  Worker(const Test& test, const ServicePlace& place, Finish finish)
      : test_(test), place_(place), finish_(std::move(finish)), thread_([this] { work(); }) {}
  ~Worker() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  void carry(std::uint64_t turn, const Op& invocation) {
    {
      std::lock_guard lock(mutex_);
      next_ = {turn, invocation};
    }
    wake_.notify_one();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return stopping_ || next_; });
      if (stopping_) return;
      auto [turn, invocation] = *std::exchange(next_, std::nullopt);
      lock.unlock();
      finish_(turn, attempt(invocation));
      lock.lock();
    }
  }

  // The border at which a store's exceptions become values.
  Outcome attempt(const Op& invocation) {
    try {
      if (!client_ || process_ != invocation.process) {
        client_.reset();
        process_ = invocation.process;
        auto home = static_cast<std::size_t>(process_.id) % place_.addresses.size();
        client_ = test_.system.service->connect(place_, place_.addresses[home].first);
      }
      Outcome outcome = client_->invoke(invocation, test_.op_timeout);
      if (outcome.phase == Phase::info) client_.reset();
      return outcome;
    } catch (const std::exception& error) {
      client_.reset();
      return Outcome::info(error.what());
    }
  }

  const Test& test_;
  const ServicePlace& place_;
  Finish finish_;
  Process process_{-1};
  std::unique_ptr<BlockingClient> client_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<std::pair<std::uint64_t, Op>> next_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the rest
};

struct BlockingSeat {
  explicit BlockingSeat(asio::io_context& io) : time_limit(io) {}
  std::mutex mutex;        // guards invocation, turn and busy
  Op invocation;
  std::uint64_t turn = 0;  // counts ops, so that a late completion is told from the present one
  bool busy = false;
  asio::steady_timer time_limit;  // of the loop's thread
  std::unique_ptr<Worker> worker;
};

class BlockingSeats final : public Seats {
 public:
  BlockingSeats(const Test& test, asio::io_context& io, ServicePlace place,
                Completions& completions)
      : test_(test), place_(std::move(place)), completions_(completions) {
    for (int i = 0; i < test.concurrency; ++i) {
      seats_.push_back(std::make_unique<BlockingSeat>(io));
      seats_.back()->worker = make_worker(*seats_.back());
    }
  }
  ~BlockingSeats() override {
    for (const auto& seat : seats_) seat->worker.reset();
  }

  void dispatch(const Op& invocation) override {
    auto concurrency = static_cast<std::int32_t>(seats_.size());
    BlockingSeat& seat = *seats_[static_cast<std::size_t>(invocation.process.id % concurrency)];
    std::uint64_t turn = 0;
    {
      std::lock_guard lock(seat.mutex);
      ASSERT(!seat.busy);
      seat.busy = true;
      seat.invocation = invocation;
      turn = ++seat.turn;
    }
    seat.time_limit.expires_after(test_.op_timeout + overrun_limit);
    seat.time_limit.async_wait([this, &seat, turn](boost::system::error_code cancelled) {
      if (!cancelled && finish(seat, turn, Outcome::info("timed out"))) replace_worker(seat);
    });
    seat.worker->carry(turn, invocation);
  }

 private:
  std::unique_ptr<Worker> make_worker(BlockingSeat& seat) {
    return std::make_unique<Worker>(test_, place_,
                                    [this, &seat](std::uint64_t turn, Outcome outcome) {
                                      finish(seat, turn, std::move(outcome));
                                    });
  }

  // The old worker is stuck in a call; it is joined at the end, when the nodes are gone.
  void replace_worker(BlockingSeat& seat) {
    stuck_.push_back(std::move(seat.worker));
    seat.worker = make_worker(seat);
  }

  /// Whether this completed the op.
  bool finish(BlockingSeat& seat, std::uint64_t turn, Outcome outcome) {
    Op completion;
    {
      std::lock_guard lock(seat.mutex);
      if (!seat.busy || seat.turn != turn) return false;
      seat.busy = false;
      completion = seat.invocation;
    }
    completion.phase = outcome.phase;
    if (outcome.phase == Phase::ok) completion.value = std::move(outcome.value);
    completion.error = std::move(outcome.why);
    completions_.put(std::move(completion));
    return true;
  }

  const Test& test_;
  ServicePlace place_;
  Completions& completions_;
  std::vector<std::unique_ptr<BlockingSeat>> seats_;
  std::vector<std::unique_ptr<Worker>> stuck_;
};

}  // namespace

std::unique_ptr<Seats> make_blocking_seats(const Test& test, asio::io_context& io,
                                           ServicePlace place, Completions& completions) {
  return std::make_unique<BlockingSeats>(test, io, std::move(place), completions);
}

}  // namespace sunder
