#pragma once
// Requests over a socket that have not been answered yet, each with its time limit.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "harness/core/result.h"
#include "harness/core/time.h"
#include "harness/core/value.h"

namespace sunder {

/// On the loop's thread only. Every request is answered once: by its reply, at its time limit, or
/// when all of them end.
class PendingAnswers {
 public:
  using Answered = std::function<void(Result<Value>)>;

  /// Returns the number that the request is to carry. `whose` begins the sentence of a late one:
  /// "a node's agent".
  std::int64_t add(boost::asio::io_context& io, Duration time_limit, std::string_view whose,
                   Answered answered) {
    std::int64_t id = ++last_id_;
    auto limit = std::make_unique<boost::asio::steady_timer>(io, time_limit);
    std::string late =
        std::string(whose) + " did not answer within " + format_duration(time_limit);
    limit->async_wait([this, id, late](boost::system::error_code cancelled) {
      if (!cancelled) answer(id, Error{Error::Code::timed_out, late});
    });
    waiting_.emplace(id, Waiting{std::move(answered), std::move(limit)});
    return id;
  }
  /// What nobody waits for any more, is too late.
  void answer(std::int64_t id, Result<Value> result) {
    auto found = waiting_.find(id);
    if (found == waiting_.end()) return;
    Waiting done = std::move(found->second);
    waiting_.erase(found);
    done.answered(std::move(result));
  }
  void end_all(const Error& error) {
    while (!waiting_.empty()) answer(waiting_.begin()->first, error);
  }

 private:
  struct Waiting {
    Answered answered;
    std::unique_ptr<boost::asio::steady_timer> limit;
  };
  std::map<std::int64_t, Waiting> waiting_;
  std::int64_t last_id_ = 0;
};

}  // namespace sunder
