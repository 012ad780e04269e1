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
  if (std::vector<pid_t> strangers = clock_->strangers(); !strangers.empty()) {
    return refused("process " + std::to_string(strangers.front()) +
                   " of the node was started by a program that it does not share its clock with, "
                   "and would not notice");
  }
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

Result<Agent::Answer> Agent::look_at_clock() {
  reap();
  Result<NodeClock::Seen> seen = clock_->look();
  if (!seen) return seen.error();
  Answer answer;
  answer.fields["monotonic_ns"] = seen->monotonic;
  answer.fields["offset_ns"] = seen->offset;
  return answer;
}

}  // namespace sunder
