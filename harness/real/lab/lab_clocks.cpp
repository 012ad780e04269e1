// Clocks of the lab's nodes: bent by their agents, and read by programs in the nodes' place.

#include "harness/real/lab/lab_cluster.h"

namespace sunder {
namespace {

// A clock that drifts, or the node that is busy, may part two readings by so much.
constexpr Duration agreement = std::chrono::milliseconds(25);

// On hosts, services that set the clock are stopped and started on the way.
constexpr Duration clock_limit = std::chrono::seconds(60);

}  // namespace

void LabCluster::ask_clock(NodeId node, Map request, Act done) {
  if (!parts_.abilities.contains(Ability::clocks)) {
    return done(Error{Error::Code::refused, "this run's clocks cannot be bent"});
  }
  agent(node).ask(std::move(request), clock_limit,
                  [done = std::move(done)](const Result<Value>& reply) {
                    if (!reply) return done(reply.error());
                    done(Done{});
                  });
}

void LabCluster::step_clock(NodeId node, Duration step, Act done) {
  Map request;
  request["do"] = "clock-step";
  request["nanoseconds"] = std::int64_t{step.count()};
  ask_clock(node, std::move(request), std::move(done));
}

void LabCluster::reset_clock(NodeId node, Act done) {
  if (!parts_.abilities.contains(Ability::clocks)) return done(Done{});  // nothing can be bent
  Map request;
  request["do"] = "clock-reset";
  ask_clock(node, std::move(request), std::move(done));
}

void LabCluster::bend_clock(NodeId node, const ClockCourse& course, Act done) {
  Map request;
  request["do"] = "clock-bend";
  request["rate_ppm"] = course.rate_ppm;
  request["gain_most_ns"] = std::int64_t{course.gain_most.count()};
  request["strobe_ns"] = std::int64_t{course.strobe.count()};
  request["strobe_period_ns"] = std::int64_t{course.strobe_period.count()};
  ask_clock(node, std::move(request), std::move(done));
}

void LabCluster::look_at_clock(NodeReport report, Looked done) {
  if (!parts_.abilities.contains(Ability::clocks)) {
    return ask_status(std::move(report), false, std::move(done));
  }
  Map request;
  request["do"] = "clock-look";
  NodeId node = report.node;
  agent(node).ask(std::move(request), agent_limit,
                  [this, report = std::move(report), done = std::move(done)](
                      const Result<Value>& reply) mutable {
                    const Value* offset = reply ? reply->find("offset_ns") : nullptr;
                    const Value* at = reply ? reply->find("monotonic_ns") : nullptr;
                    if (offset != nullptr && offset->is_integer() && at != nullptr &&
                        at->is_integer()) {
                      report.clock_offset = Duration{offset->integer()};
                      report.read_at = instant_at(at->integer());
                    }
                    ask_status(std::move(report), false, std::move(done));
                  });
}

/// The look into the node's place is exact; but where the node itself surely sees another time,
/// that is what counts.
void LabCluster::believe_clock(NodeReport& report, const ClientHub::Status& told) const {
  bool looked = parts_.abilities.contains(Ability::clocks);
  Duration apart = std::chrono::abs(told.clock_offset - report.clock_offset);
  if (!looked || apart > told.clock_doubt + agreement) report.clock_offset = told.clock_offset;
}

}  // namespace sunder
