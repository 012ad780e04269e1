#include "harness/api/fault_driver.h"

#include "harness/core/assert.h"

namespace sunder {
namespace {

constexpr Duration ready_poll = std::chrono::milliseconds(50);
constexpr Duration heal_poll = std::chrono::milliseconds(200);
constexpr Duration clock_tolerance = std::chrono::milliseconds(50);

Value describe(const NodeReport& report) {
  Map map;
  map["process"] = to_string(report.process);
  map["reachable"] = report.reachable;
  if (report.reachable) {
    map["ready"] = report.status.ready;
    if (!report.status.role.empty()) map["role"] = report.status.role;
    map["term"] = report.status.term;
  }
  return map;
}

Value describe(const std::vector<NodeReport>& reports) {
  Map map;
  for (const NodeReport& report : reports) map[to_string(report.node)] = describe(report);
  return map;
}

/// Of the first node that is gone for good, or nothing. Waiting for it would be in vain.
std::string who_is_gone(const std::vector<NodeReport>& reports) {
  for (const NodeReport& report : reports) {
    if (report.gone) return "the machine of " + to_string(report.node) + " is gone";
  }
  return {};
}

bool all_ready(const std::vector<NodeReport>& reports) {
  for (const NodeReport& report : reports) {
    if (!report.reachable || !report.status.ready) return false;
  }
  return true;
}

std::string what_is_left(const std::vector<NodeReport>& reports, const LinkProbe& probe,
                         const std::vector<LinkRule>& rules) {
  std::string left;
  auto add = [&](const std::string& part) { left += (left.empty() ? "" : "; ") + part; };
  for (const NodeReport& report : reports) {
    std::string node = to_string(report.node);
    if (report.process != ProcessState::running) {
      add(node + " is " + std::string(to_string(report.process)));
    }
    if (report.clock_offset > clock_tolerance || report.clock_offset < -clock_tolerance) {
      add(node + "'s clock is off by " + format_duration(report.clock_offset));
    }
    for (const std::string& resource : report.limited) {
      add(node + "'s use of " + resource + " is still limited");
    }
  }
  for (const LinkRule& rule : rules) add("the fault '" + rule.name + "' still bends links");
  for (const Link& link : probe.lost) {
    add(to_string(link.source) + " cannot reach " + to_string(link.target));
  }
  return left;
}

}  // namespace

FaultDriver::FaultDriver(const Test& test, Cluster& cluster, Journal* journal, Complete complete)
    : test_(test), cluster_(cluster), journal_(journal), complete_(std::move(complete)) {
  if (test.fault_limit != FaultLimit::any) {
    budget_ = std::make_unique<FaultBudget>(test.fault_limit, cluster.nodes());
  }
  rngs_.reserve(test.nemeses.size());
  for (std::size_t i = 0; i < test.nemeses.size(); ++i) {
    rngs_.emplace_back(test.seed, Stream::of("nemesis " + test.nemeses[i].name, i));
    scenes_.push_back(
        std::make_unique<FaultScene>(FaultScene{cluster, rngs_.back(), budget_.get()}));
  }
}

void FaultDriver::dispatch(const Op& invocation) {
  if (invocation.verb == verb_await_ready) return await_ready(invocation, Duration{0});
  if (invocation.verb == verb_verify_healed) return verify_healed(invocation, Duration{0});
  auto index = static_cast<std::size_t>(invocation.process.nemesis_index());
  ASSERT(index < test_.nemeses.size());
  apply(invocation, test_.nemeses[index]);
}

void FaultDriver::apply(const Op& invocation, const Nemesis& nemesis) {
  std::uint64_t entry = 0;
  if (journal_ != nullptr) {
    Map act;
    act["fault"] = nemesis.name;
    act["op"] = invocation.verb;
    act["value"] = invocation.value;
    act["undo"] = "nothing: it is a lease, and over when the run is";
    entry = journal_->will(act);
  }
  auto index = static_cast<std::size_t>(invocation.process.nemesis_index());
  auto once = std::make_shared<bool>(false);
  nemesis.apply(invocation, *scenes_[index], [this, invocation, entry, once](Outcome outcome) {
    ASSERT_MSG(!*once, "a nemesis completed an op twice");
    *once = true;
    auto says = [&](const char* key) {
      const Value* found = outcome.value.find(key);
      return found != nullptr && found->kind() == Value::Kind::boolean && found->boolean();
    };
    bool still_on = says("on") && !says("over");
    if (journal_ != nullptr && !still_on) journal_->undone(entry);
    finish(invocation, std::move(outcome));
  });
}

void FaultDriver::await_ready(const Op& invocation, Duration waited) {
  cluster_.survey([this, invocation, waited](const std::vector<NodeReport>& reports) {
    if (all_ready(reports)) {
      return finish(invocation, Outcome::ok(describe(reports)));
    }
    std::string gone = who_is_gone(reports);
    if (waited >= test_.ready_timeout || !gone.empty()) {
      Outcome late = Outcome::info(!gone.empty() ? gone
                                                 : "not all nodes were ready within " +
                                                       format_duration(test_.ready_timeout));
      late.value = describe(reports);
      return finish(invocation, std::move(late));
    }
    cluster_.after(ready_poll, [this, invocation, waited] {
      await_ready(invocation, waited + ready_poll);
    });
  });
}

void FaultDriver::verify_healed(const Op& invocation, Duration waited) {
  cluster_.survey([this, invocation, waited](const std::vector<NodeReport>& reports) {
    cluster_.probe_links([this, invocation, waited, reports](const LinkProbe& probe) {
      std::string left = what_is_left(reports, probe, cluster_.link_rules());
      for (std::size_t i = 0; i < scenes_.size(); ++i) {
        const auto& asked = test_.nemeses[i].left;
        std::string more = asked ? asked(reports, *scenes_[i]) : std::string();
        if (!more.empty()) left += (left.empty() ? "" : "; ") + more;
      }
      Map evidence;
      evidence["nodes"] = describe(reports);
      evidence["links_delivered"] = static_cast<std::int64_t>(probe.delivered.size());
      evidence["links_lost"] = static_cast<std::int64_t>(probe.lost.size());
      if (left.empty()) return finish(invocation, Outcome::ok(std::move(evidence)));
      if (waited < test_.ready_timeout && who_is_gone(reports).empty()) {
        return cluster_.after(heal_poll, [this, invocation, waited] {
          verify_healed(invocation, waited + heal_poll);
        });
      }
      Outcome outcome = Outcome::info("healing is not proved: " + left);
      outcome.value = std::move(evidence);
      finish(invocation, std::move(outcome));
    });
  });
}

void FaultDriver::finish(const Op& invocation, Outcome outcome) {
  Op completion = invocation;
  completion.phase = outcome.phase;
  completion.value = std::move(outcome.value);
  completion.error = std::move(outcome.why);
  complete_(std::move(completion));
}

}  // namespace sunder
