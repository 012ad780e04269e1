// MTU black holes: large frames vanish and no one is told, as behind a tunnel whose router drops
// the ICMP that says so. Small messages pass, heartbeats above all; what is large never arrives,
// and the stream that it is part of waits for it in vain.

#include <algorithm>
#include <memory>
#include <set>

#include "harness/api/nemesis.h"
#include "nemesis/policy/budget.h"
#include "nemesis/policy/cut_proof.h"
#include "nemesis/policy/link_fault.h"
#include "nemesis/policy/schedule.h"
#include "nemesis/policy/targets.h"

namespace sunder {
namespace {

using Complete = std::function<void(Outcome)>;

constexpr const char* kind = "black-hole";
constexpr const char* begin_verb = "start-black-hole";
constexpr const char* end_verb = "stop-black-hole";
constexpr std::size_t small = 64;     // of probes: well below every limit
constexpr std::size_t large = 1200;   // and well above, yet within a usual link's
constexpr std::int64_t headers = 60;  // that a frame has beside a probe, at most

struct Proof {
  Cluster& cluster;
  std::set<Link> struck;  // empty: none is to be
  FaultReport report;
  Complete complete;
  LinkSamples small_ones{};
};

// Links over which nothing came, among those of interest.
std::vector<std::string> silent(const LinkSamples& samples, const std::set<Link>& links,
                                bool among) {
  std::set<Link> found;
  for (const auto& [link, sample] : samples.links) {
    if (links.contains(link) == among && sample.arrivals.empty()) found.insert(link);
  }
  return names_of_links(found);
}

std::vector<std::string> leaking(const LinkSamples& samples, const std::set<Link>& links) {
  std::set<Link> found;
  for (const auto& [link, sample] : samples.links) {
    if (links.contains(link) && !sample.arrivals.empty()) found.insert(link);
  }
  return names_of_links(found);
}

void conclude(const std::shared_ptr<Proof>& proof, const LinkSamples& large_ones) {
  // Small ones pass where large ones do not; elsewhere both do.
  std::vector<std::string> dead = silent(proof->small_ones, proof->struck, true);
  std::vector<std::string> leaks = leaking(large_ones, proof->struck);
  std::vector<std::string> hit = silent(large_ones, proof->struck, false);
  FaultReport& report = proof->report;
  report.confirmed = dead.empty() && leaks.empty() && hit.empty();
  Map& evidence = report.evidence.map();
  evidence["swallow_large"] =
      static_cast<std::int64_t>(silent(large_ones, proof->struck, true).size());
  if (!dead.empty()) evidence["swallow_small"] = to_list(dead);
  if (!leaks.empty()) evidence["leaked"] = to_list(leaks);
  if (!hit.empty()) evidence["lost_elsewhere"] = to_list(hit);
  proof->complete(outcome_of(report));
}

void prove(const std::shared_ptr<Proof>& proof) {
  proof->cluster.sample_links({.size = small}, [proof](const Result<LinkSamples>& samples) {
    if (!samples) return proof->complete(Outcome::fail(samples.error().context));
    proof->small_ones = *samples;
    proof->cluster.sample_links({.size = large}, [proof](const Result<LinkSamples>& others) {
      if (!others) return proof->complete(Outcome::fail(others.error().context));
      conclude(proof, *others);
    });
  });
}

std::int64_t bytes_of(const Value& value) {
  const Value* stated = value.find("bytes");
  std::int64_t bytes = stated != nullptr && stated->is_integer() ? stated->integer() : 500;
  auto least = static_cast<std::int64_t>(small) + headers;
  return std::clamp(bytes, least, static_cast<std::int64_t>(large));
}

void begin(const Op& op, FaultScene& scene, Complete complete) {
  Cluster& cluster = scene.cluster;
  std::string intention = intention_of(op.value, "targets", "one");
  std::int64_t bytes = bytes_of(op.value);
  cluster.survey([&cluster, &scene, intention, bytes, complete](const NodeReports& before) {
    std::vector<NodeId> targets = choose_targets(intention, before, scene.rng);
    std::set<Link> links = links_of("around", targets, cluster.nodes(), scene.rng);
    if (links.empty()) {
      return complete(Outcome::fail("there is no link to strike between so few nodes"));
    }
    // A stream in which something never arrives carries nothing any more.
    if (!afford_links(scene, kind, {links.begin(), links.end()})) {
      return complete(Outcome::fail(over_budget));
    }
    Map evidence;
    evidence["intention"] = intention;
    evidence["bytes"] = bytes;
    evidence["roles_before"] = roles_of(before);
    auto proof = std::make_shared<Proof>(Proof{
        cluster, links, FaultReport{kind, names_of_links(links), true, false, std::move(evidence)},
        complete});
    LinkModel model;
    model.frame_max = bytes;
    cluster.impose(kind, {links.begin(), links.end()}, model, [proof](const Status& imposed) {
      if (!imposed) return proof->complete(Outcome::fail(imposed.error().context));
      prove(proof);
    });
  });
}

void end(FaultScene& scene, const Complete& complete) {
  lift_rule(scene, kind, complete, [&scene, complete] {
    prove(std::make_shared<Proof>(
        Proof{scene.cluster, {}, FaultReport{kind, {}, false, false, Map{}}, complete}));
  });
}

std::function<Value(Rng&)> intention(const Options& options) {
  std::string option = options.text("targets");
  std::int64_t bytes = options.integer("bytes");
  return [option, bytes](Rng& rng) {
    Map map;
    map["targets"] = draw_intention(option, rng);
    map["bytes"] = bytes;
    return Value(std::move(map));
  };
}

}  // namespace

void add_black_hole(Registry<Nemesis>& registry) {
  registry.add(on_off_nemesis(
      Nemesis{
          .name = kind,
          .summary =
              "links swallow large frames without a word (an MTU black hole), small ones pass",
          .needs = {Ability::links, Ability::link_quality},
          .options = {targets_option(),
                      {"bytes",
                       OptionSpec::Kind::integer,
                       "500",
                       "the largest frame that passes",
                       {},
                       false,
                       static_cast<std::int64_t>(small) + headers,
                       static_cast<std::int64_t>(large)}},
          .in_all = false,
      },
      {begin_verb, end_verb, intention, begin, end}));
}

}  // namespace sunder
