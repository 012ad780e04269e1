// Connections that end under those who use them: whatever is sent over TCP for a short while is
// answered by a reset to both ends. What was under way is lost at once and nothing is late after
// it; programs must notice, connect again, and not know whether what they sent arrived. The proof
// is connections of our own beside the system's, which end with ECONNRESET, and a count of the
// system's segments that were answered so.

#include <memory>

#include "nemesis/policy/budget.h"
#include "nemesis/policy/cut_proof.h"
#include "nemesis/policy/lines.h"
#include "nemesis/policy/schedule.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "reset";
constexpr const char* strike_verb = "reset-connections";
constexpr const char* end_verb = "stop-reset";

struct Strike {
  Cluster& cluster;
  std::set<Link> links;
  std::set<NodeId> ends;  // the nodes at their ends
  Duration length;
  FaultReport report;
  Complete complete;
  LinkTolls before{};
  bool proved = false;
};
using SharedStrike = std::shared_ptr<Strike>;

void give_up(const SharedStrike& strike, const std::string& why) {
  strike->cluster.lift(kind,
                       [strike, why](const Status&) { strike->complete(Outcome::fail(why)); });
}

/// Afterwards connections stand again, everywhere.
void prove_end(const SharedStrike& strike) {
  try_lines(strike->cluster, {.own = kind, .struck = {}}, [strike](const LineFindings& after) {
    if (!after.error.empty()) return strike->complete(Outcome::fail(after.error));
    strike->report.evidence.map()["afterwards"] = after.evidence;
    strike->report.confirmed = strike->proved && after.as_expected;
    strike->complete(outcome_of(strike->report));
  });
}

void end_strike(const SharedStrike& strike) {
  strike->cluster.read_tolls([strike](const Result<LinkTolls>& tolls) {
    if (!tolls) return give_up(strike, tolls.error().context);
    std::int64_t resets = resets_since(strike->before, *tolls, strike->ends);
    strike->report.evidence.map()["segments_reset"] = resets;
    strike->proved = strike->proved && resets > 0;
    strike->cluster.lift(kind, [strike](const Status& lifted) {
      if (!lifted) return strike->complete(Outcome::fail(lifted.error().context));
      prove_end(strike);
    });
  });
}

void impose(const SharedStrike& strike) {
  LinkModel model;
  model.reset = true;
  std::vector<Link> links(strike->links.begin(), strike->links.end());
  strike->cluster.impose(kind, std::move(links), model, [strike](const Status& imposed) {
    if (!imposed) return strike->complete(Outcome::fail(imposed.error().context));
    LineTrial trial{kind, between_nodes(strike->links), LineState::reset, false};
    try_lines(strike->cluster, std::move(trial), [strike](const LineFindings& struck) {
      if (!struck.error.empty()) return give_up(strike, struck.error);
      strike->report.evidence.map()["probes"] = struck.evidence;
      strike->proved = struck.as_expected;
      strike->cluster.after(strike->length, [strike] { end_strike(strike); });
    });
  });
}

/// Our own connections stand before, so that they can be reset.
void begin_strike(const SharedStrike& strike) {
  try_lines(strike->cluster, {.own = kind, .struck = {}}, [strike](const LineFindings& before) {
    if (!before.error.empty()) return strike->complete(Outcome::fail(before.error));
    strike->report.evidence.map()["before"] = before.evidence;
    strike->cluster.read_tolls([strike](const Result<LinkTolls>& tolls) {
      if (!tolls) return strike->complete(Outcome::fail(tolls.error().context));
      strike->before = *tolls;
      impose(strike);
    });
  });
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  const Value* stated = op.value.find("length_ns");
  Duration length = std::chrono::seconds(1);
  if (stated != nullptr && stated->is_integer()) length = Duration{stated->integer()};
  choose_lines(op, scene, kind, complete, [=, &scene](const std::set<Link>& links, Map evidence) {
    Cluster& cluster = scene.cluster;
    auto strike = std::make_shared<Strike>(
        Strike{cluster,
               links,
               {},
               length,
               FaultReport{kind, names_of_links(links), true, false, std::move(evidence), true},
               releasing(scene, kind, complete)});
    for (const Link& link : links) {
      for (NodeId end : {link.source, link.target}) {
        if (end.is_node()) strike->ends.insert(end);
      }
    }
    begin_strike(strike);
  });
}

void end(FaultScene& scene, const Complete& complete) {
  lift_rule(scene, kind, complete, [&scene, complete] {
    try_lines(scene.cluster, {.own = kind, .struck = {}}, [complete](const LineFindings& after) {
      if (!after.error.empty()) return complete(Outcome::fail(after.error));
      complete(outcome_of(FaultReport{kind, {}, false, after.as_expected, after.evidence}));
    });
  });
}

Generator schedule(const NemesisConfig& config) {
  std::string targets = config.options.text("targets");
  std::string between = config.options.text("between");
  Duration length = config.options.duration("length");
  auto intention = [=](Rng& rng) {
    Map map;
    map["targets"] = draw_intention(targets, rng);
    map["between"] = between;
    map["length_ns"] = length.count();
    return Value(std::move(map));
  };
  return on_off_schedule(config, {kind, strike_verb, "", intention});
}

void apply(const Op& op, FaultScene& scene, Complete complete) {
  if (op.verb == strike_verb) return begin(op, scene, std::move(complete));
  end(scene, complete);
}

}  // namespace

void add_reset(Registry<Nemesis>& registry) {
  registry.add(Nemesis{
      .name = kind,
      .summary = "TCP connections are reset under those who use them; new ones stand again",
      .needs = {Ability::links, Ability::client_links, Ability::transport},
      .options = {targets_option(),
                  between_option(),
                  {"length", OptionSpec::Kind::duration, "1s",
                   "for so long whatever is sent over a connection ends it"}},
      .verbs = {strike_verb, end_verb},
      .schedule = schedule,
      .recovery = [](const NemesisConfig& config) { return recovery_op(config, end_verb); },
      .apply = apply,
      .in_all = false,
  });
}

}  // namespace sunder
