#pragma once
// A world without a system: every op completes at the next await, as a table of verbs says.

#include <deque>

#include "harness/api/world.h"

namespace sunder {

class InstantWorld final : public World {
 public:
  Instant now() const override { return now_; }

  void dispatch(const Op& invocation) override {
    Op completion = invocation;
    completion.phase = invocation.verb == "vanish" ? Phase::info : Phase::ok;
    if (invocation.verb == "read") completion.value = 1;
    completions_.push_back(std::move(completion));
  }

  std::optional<Op> await(Instant deadline) override {
    if (completions_.empty()) {
      if (deadline != never) now_ = std::max(now_, deadline);
      return {};
    }
    now_ += std::chrono::microseconds(1);
    Op completion = std::move(completions_.front());
    completions_.pop_front();
    completion.time = now_;
    return completion;
  }

 private:
  Instant now_ = at_start;
  std::deque<Op> completions_;
};

}  // namespace sunder
