// What the agent of a lab node is asked about the node's clock.

#include "harness/agent/agent.h"
#include "harness/agent/fields.h"

namespace sunder {
namespace {

Error refused(std::string why) { return Error{Error::Code::refused, std::move(why)}; }

}  // namespace

bool Agent::speaks_of_clock(const std::string& act) { return act.starts_with("clock-"); }

Result<Agent::Answer> Agent::carry_out_on_clock(const std::string& act, const Value& request) {
  if (!clock_) return refused("this node's clock cannot be bent");
  if (act == "clock-look") return look_at_clock();
  if (act == "clock-reset") {
    clock_->wall().reset();
    return Answer{};
  }
  // A clock of which part of the node knows nothing would be a fault that is none.
  if (Status all = clock_->take_in_all(); !all) return all.error();
  if (act == "clock-step") {
    clock_->wall().step(integer_of(request, "nanoseconds"));
    return Answer{};
  }
  if (act == "clock-bend") {
    clock_->wall().bend({.rate_ppm = integer_of(request, "rate_ppm"),
                         .gain_most = integer_of(request, "gain_most_ns"),
                         .strobe = integer_of(request, "strobe_ns"),
                         .strobe_period = integer_of(request, "strobe_period_ns")});
    return Answer{};
  }
  return refused("the agent does not know how to '" + act + "'");
}

/// While the clock is wrong, so it is for programs that the node's processes execute.
void Agent::keep_clock_bent() {
  constexpr auto pause = std::chrono::milliseconds(50);
  if (!clock_ || !clock_->wall().is_bent() || Clock::now() < clock_kept_ + pause) return;
  (void)clock_->take_in_all();  // who cannot be made to is told when somebody looks
  clock_kept_ = Clock::now();
}

Result<Agent::Answer> Agent::look_at_clock() {
  reap();
  if (clock_->wall().is_bent()) {
    if (Status all = clock_->take_in_all(); !all) return all.error();
  }
  Result<NodeClock::Seen> seen = clock_->look();
  if (!seen) return seen.error();
  Answer answer;
  answer.fields["monotonic_ns"] = seen->monotonic;
  answer.fields["offset_ns"] = seen->offset;
  return answer;
}

}  // namespace sunder
