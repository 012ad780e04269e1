// Clocks on a wrong course: how they are put there, and how that is seen.

#include <algorithm>
#include <memory>

#include "nemesis/policy/clocks.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;
using Courses = std::map<NodeId, ClockCourse>;

constexpr const char* end_verb = "reset-clock";
// Clocks are read this often, at times that no strobe can keep in step with.
constexpr std::size_t readings = 12;
constexpr Duration reading_gap_min = std::chrono::milliseconds(20);
constexpr Duration reading_gap_max = std::chrono::milliseconds(120);

Value value_of(const ClockCourse& course) {
  Map map;
  map["rate_ppm"] = course.rate_ppm;
  map["gain_most_ns"] = course.gain_most.count();
  map["strobe_ns"] = course.strobe.count();
  map["strobe_period_ns"] = course.strobe_period.count();
  return map;
}

ClockCourse course_from(const Value& value) {
  auto integer = [&](std::string_view key) {
    const Value* found = value.find(key);
    return found != nullptr && found->is_integer() ? found->integer() : 0;
  };
  return {integer("rate_ppm"), Duration{integer("gain_most_ns")}, Duration{integer("strobe_ns")},
          Duration{integer("strobe_period_ns")}};
}

ClockCourse opposite(ClockCourse course) {
  course.rate_ppm = -course.rate_ppm;
  course.strobe = -course.strobe;
  return course;
}

struct Reading {
  Instant at;
  Duration offset{0};
};

// Whether the clock gained what its rate says, within a fifth. A strobe is not seen in this.
bool ran_as_told(const ClockCourse& course, const std::vector<Reading>& seen) {
  const Reading& first = seen.front();
  const Reading& last = seen.back();
  Duration meant = gain_of(course, last.at - first.at);
  Duration off = (last.offset - first.offset) - meant;
  return meant.count() != 0 && std::abs(off.count()) <= std::abs(meant.count()) / 5;
}

// Whether the clock was seen on both sides of its jump, and nowhere else.
bool strobed_as_told(const ClockCourse& course, const std::vector<Reading>& seen) {
  auto [low, high] = std::minmax_element(
      seen.begin(), seen.end(),
      [](const Reading& a, const Reading& b) { return a.offset < b.offset; });
  Duration size = std::chrono::abs(course.strobe);
  Duration little = size / 5;
  if (std::chrono::abs(high->offset - low->offset - size) > little) return false;
  return std::all_of(seen.begin(), seen.end(), [&, low = *low, high = *high](const Reading& one) {
    return one.offset - low.offset <= little || high.offset - one.offset <= little;
  });
}

struct Bending {
  Cluster& cluster;
  Rng& rng;
  Courses courses;
  FaultReport report;
  Complete complete;
  std::vector<std::string> errors{};
  std::map<NodeId, std::vector<Reading>> seen{};
};

void conclude(Bending& bending) {
  bool proved = true;
  Map measured;
  for (const auto& [node, course] : bending.courses) {
    const std::vector<Reading>& seen = bending.seen[node];
    bool strobes = course.strobe_period.count() > 0;
    proved = proved && (strobes ? strobed_as_told(course, seen) : ran_as_told(course, seen));
    List readings_of_node;
    for (const Reading& one : seen) {
      readings_of_node.emplace_back(
          Value::pair((one.at - seen.front().at).count(), one.offset.count()));
    }
    measured[to_string(node)] = std::move(readings_of_node);
  }
  bending.report.confirmed = proved && bending.errors.empty();
  bending.report.evidence.map()["time_and_offset_ns"] = std::move(measured);
  if (!bending.errors.empty()) bending.report.evidence.map()["errors"] = to_list(bending.errors);
  bending.complete(outcome_of(bending.report));
}

void read_clocks(const std::shared_ptr<Bending>& bending, std::size_t left) {
  bending->cluster.survey([bending, left](const Reports& reports) {
    for (const NodeReport& report : reports) {
      if (!bending->courses.contains(report.node)) continue;
      bending->seen[report.node].push_back({report.read_at, report.clock_offset});
    }
    if (left == 1) return conclude(*bending);
    bending->cluster.after(bending->rng.between(reading_gap_min, reading_gap_max),
                           [bending, left] { read_clocks(bending, left - 1); });
  });
}

void begin(const CourseFault& fault, const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  Rng& rng = scene.rng;
  std::string intention = intention_of(op.value, "targets", "one");
  ClockCourse course = course_from(op.value);
  cluster.survey([&cluster, &rng, fault, intention, course, complete](const Reports& before) {
    std::vector<NodeId> targets = choose_targets(intention, before, rng);
    Courses courses;
    Map told;
    for (NodeId node : targets) {
      courses[node] = fault.either_way && rng.chance({1, 2}) ? opposite(course) : course;
      told[to_string(node)] = value_of(courses[node]);
    }
    Map evidence;
    evidence["intention"] = intention;
    evidence["courses"] = std::move(told);
    evidence["offsets_before_ns"] = nanoseconds_of(offsets_of(before));
    evidence["roles_before"] = roles_of(before);
    FaultReport report{fault.name, names_of(targets), true, false, std::move(evidence)};
    auto bending = std::make_shared<Bending>(Bending{cluster, rng, courses, report, complete});
    auto act = [bending](NodeId node, Cluster::Act done) {
      bending->cluster.bend_clock(node, bending->courses.at(node), std::move(done));
    };
    act_on_all(targets, act, [bending](const std::vector<std::string>& errors) {
      if (errors.size() == bending->courses.size()) {
        return bending->complete(Outcome::fail(errors.empty() ? "no nodes" : errors.front()));
      }
      bending->errors = errors;
      read_clocks(bending, readings);
    });
  });
}

}  // namespace

Nemesis course_nemesis(const CourseFault& fault) {
  std::vector<OptionSpec> options = fault.options;
  options.insert(options.begin(), targets_option());
  auto schedule = [fault](const NemesisConfig& config) {
    auto intention = [fault, chosen = config.options](Rng& rng) {
      std::string targets = draw_intention(chosen.text("targets"), rng);
      Value value = value_of(fault.draw(chosen, rng));
      value.map()["targets"] = std::move(targets);
      return value;
    };
    return on_off_schedule(config, {fault.name, fault.begin, end_verb, intention});
  };
  auto apply = [fault](const Op& op, FaultScene& scene, Complete complete) {
    if (op.verb == fault.begin) return begin(fault, op, scene, std::move(complete));
    reset_clocks(fault.name, scene, std::move(complete));
  };
  return Nemesis{
      .name = fault.name,
      .summary = fault.summary,
      .needs = {Ability::clocks, Ability::clock_courses},
      .options = std::move(options),
      .verbs = {fault.begin, end_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply = apply,
      .in_all = false,
      .in_swarm = true,
  };
}

}  // namespace sunder
