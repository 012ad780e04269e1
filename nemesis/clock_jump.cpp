// Big jumps: hours to years ahead or back, back while the node restarts, so that it must not trust
// what it wrote before, and over the end of 32-bit time in January 2038.

#include <algorithm>
#include <array>
#include <memory>

#include "harness/api/nemesis.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/clocks.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "clock-jump";
constexpr const char* begin_verb = "jump-clock";
constexpr const char* end_verb = "reset-clock";
constexpr const char* over_restart = "back-over-restart";
constexpr Duration least = std::chrono::minutes(1);
constexpr Duration largest = std::chrono::hours(24 * 365 * 10);
constexpr WallTime end_of_32_bit_time{std::chrono::seconds(1LL << 31)};

// So that the second after 2^31 - 1 comes while the fault is on.
constexpr Duration before_the_end = std::chrono::milliseconds(500);

struct Jump {
  Cluster& cluster;
  std::string way;
  Offsets steps;
  Offsets wanted;
  Complete complete;
};

Duration step_of(const std::string& way, const NodeReport& report, Rng& rng) {
  if (way == "2038") {
    return end_of_32_bit_time - before_the_end - report.read_wall - report.clock_offset;
  }
  Duration size = std::chrono::abs(draw_magnitude(least, largest, rng));
  return way == "ahead" ? size : -size;
}

void step(const std::shared_ptr<Jump>& jump, NodeId node, Cluster::Act done) {
  if (jump->way != over_restart) {
    return jump->cluster.step_clock(node, jump->steps.at(node), std::move(done));
  }
  jump->cluster.kill(node, [jump, node, done](const Status& killed) {
    if (!killed) return done(killed);
    jump->cluster.step_clock(node, jump->steps.at(node), [jump, node, done](const Status& stepped) {
      if (!stepped) return done(stepped);
      jump->cluster.start(node, done);
    });
  });
}

// Of a jump over a restart: that every target's process is another one than before.
void prove_restart(const std::shared_ptr<Jump>& jump, const Reports& before, Outcome outcome) {
  jump->cluster.survey([jump, before, outcome](const Reports& after) mutable {
    bool proved = true;
    for (std::size_t i = 0; i < after.size() && i < before.size(); ++i) {
      bool struck = jump->steps.contains(after[i].node);
      proved = proved && (!struck || after[i].starts > before[i].starts);
    }
    if (Map* report = outcome.value.kind() == Value::Kind::map ? &outcome.value.map() : nullptr) {
      (*report)["evidence"].map()["starts_after"] = starts_of(after);
      if (!proved) (*report)["confirmed"] = false;
    }
    if (!proved && outcome.phase == Phase::ok) {
      outcome.phase = Phase::info;
      outcome.why = "not confirmed";
    }
    jump->complete(std::move(outcome));
  });
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string intention = intention_of(op.value, "targets", "one");
  std::string way = intention_of(op.value, "way", "ahead");
  cluster.survey([&cluster, &scene, intention, way, complete](const Reports& before) {
    Rng& rng = scene.rng;
    bool restarts = way == over_restart;
    std::vector<NodeId> targets = restarts ? choose_running(intention, before, rng)
                                           : choose_targets(intention, before, rng);
    if (targets.empty()) return complete(Outcome::fail("no node is running"));
    if (restarts) targets = afford(scene, kind, targets, before);
    if (targets.empty()) return complete(Outcome::fail(over_budget));
    auto jump = std::make_shared<Jump>(Jump{cluster, way, {}, {}, complete});
    for (const NodeReport& node : before) {
      if (std::find(targets.begin(), targets.end(), node.node) == targets.end()) continue;
      jump->steps[node.node] = step_of(way, node, rng);
      jump->wanted[node.node] = node.clock_offset + jump->steps[node.node];
    }
    Map evidence;
    evidence["intention"] = intention;
    evidence["way"] = way;
    evidence["steps_ns"] = nanoseconds_of(jump->steps);
    evidence["offsets_before_ns"] = nanoseconds_of(offsets_of(before));
    evidence["roles_before"] = roles_of(before);
    auto act = [jump](NodeId node, Cluster::Act done) { step(jump, node, std::move(done)); };
    auto stepped = [jump, &scene, before](Outcome outcome) {
      release(scene, kind);
      if (jump->way != over_restart) return jump->complete(std::move(outcome));
      prove_restart(jump, before, std::move(outcome));
    };
    set_clocks(cluster, FaultReport{kind, names_of(targets), true, false, std::move(evidence)},
               targets, act, jump->wanted, stepped);
  });
}

Generator schedule(const NemesisConfig& config) {
  std::string option = config.options.text("targets");
  std::string way = config.options.text("way");
  auto intention = [option, way](Rng& rng) {
    constexpr std::array<std::string_view, 4> mix = {"ahead", "back", over_restart, "2038"};
    Map map;
    map["targets"] = draw_intention(option, rng);
    map["way"] = way == "mix" ? std::string(mix[rng.below(mix.size())]) : way;
    return Value(std::move(map));
  };
  return on_off_schedule(config, {kind, begin_verb, end_verb, intention});
}

void apply(const Op& op, FaultScene& scene, Complete complete) {
  if (op.verb == begin_verb) return begin(op, scene, std::move(complete));
  reset_clocks(kind, scene, std::move(complete));
}

}  // namespace

void add_clock_jump(Registry<Nemesis>& registry) {
  registry.add(Nemesis{
      .name = kind,
      .summary = "makes wall clocks jump by minutes to years, later sets them right",
      .needs = {Ability::clocks, Ability::processes},
      .options = {targets_option(),
                  {"way", OptionSpec::Kind::choice, "mix",
                   "ahead, back, back while the node restarts, or over the end of 32-bit time",
                   {"mix", "ahead", "back", over_restart, "2038"}}},
      .verbs = {begin_verb, end_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply = apply,
      .in_all = false,
      .in_swarm = true,
  });
}

}  // namespace sunder
