#include "harness/api/cluster.h"

#include <algorithm>
#include <array>

namespace sunder {
namespace {

Error no_transport() {
  return {Error::Code::refused, "this world has no connections, only messages"};
}

Error no_names() {
  return {Error::Code::refused, "the nodes of this world look no names up"};
}

Error no_such_disks() {
  return {Error::Code::refused, "this world's disks are sound; those of --world lab need not be"};
}

}  // namespace

std::string_view to_string(Ability ability) {
  constexpr std::array<std::string_view, 14> names = {
      "links",  "processes", "clocks",  "link quality", "clock courses", "data",      "power",
      "stored", "disks",     "freezer", "resources",    "client links",  "transport", "names"};
  return names[static_cast<std::size_t>(ability)];
}

std::string_view to_string(ProcessState state) {
  constexpr std::array<std::string_view, 3> names = {"running", "paused", "stopped"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(Version version) {
  return version == Version::usual ? "usual" : "other";
}

std::string_view to_string(Resource resource) {
  constexpr std::array<std::string_view, 6> names = {"cpu",         "memory", "pids",
                                                     "descriptors", "disk",   "ports"};
  return names[static_cast<std::size_t>(resource)];
}

std::string_view to_string(LineState state) {
  constexpr std::array<std::string_view, 4> names = {"open", "refused", "reset", "silent"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(NameFault fault) {
  constexpr std::array<std::string_view, 4> names = {"right", "missing", "slow", "wrong"};
  return names[static_cast<std::size_t>(fault)];
}

void Cluster::bend_names(NodeId, NameFault, Duration, Act done) { done(no_names()); }

void Cluster::look_up_names(NodeId, Duration, std::function<void(Result<NameAnswers>)> done) {
  done(no_names());
}

void Cluster::probe_port(std::uint16_t, std::function<void(LinkProbe)> done) {
  after(Duration{0}, [done = std::move(done)] { done({}); });
}

void Cluster::probe_clients(std::function<void(std::map<NodeId, LineState>)> done) {
  after(Duration{0}, [done = std::move(done)] { done({}); });
}

void Cluster::read_tolls(std::function<void(Result<LinkTolls>)> done) {
  after(Duration{0}, [done = std::move(done)] { done(no_transport()); });
}

void Cluster::dial_links(std::string, std::function<void(Result<Lines>)> done) {
  after(Duration{0}, [done = std::move(done)] { done(no_transport()); });
}

void Cluster::talk_over_links(std::string owner, std::function<void(Result<Lines>)> done) {
  dial_links(std::move(owner), std::move(done));
}

void Cluster::sample_links(LinkSampling, std::function<void(Result<LinkSamples>)> done) {
  after(Duration{0}, [done = std::move(done)] {
    done(Error{Error::Code::refused, "this world cannot measure links"});
  });
}

void Cluster::bend_clock(NodeId, const ClockCourse&, Act done) {
  done(Error{Error::Code::refused, "this world cannot make clocks run at another rate"});
}

void Cluster::wipe(NodeId, std::function<void(Result<Erased>)> done) {
  done(Error{Error::Code::refused, "this world cannot erase what nodes have stored"});
}

void Cluster::freeze(NodeId, Act done) {
  done(Error{Error::Code::refused, "this world has no freezer"});
}

void Cluster::limit(NodeId, Resource, std::int64_t, Act done) {
  done(Error{Error::Code::refused, "this world cannot limit what nodes use"});
}

void Cluster::unlimit(NodeId, Resource, Act done) { done(Done{}); }

void Cluster::measure(NodeId, Resource, Duration, Measured done) {
  done(Error{Error::Code::refused, "this world cannot measure what nodes use"});
}

void Cluster::choose_version(NodeId, Version, Act done) {
  done(Error{Error::Code::refused, "this run has no other version of the system"});
}

void Cluster::instruct(NodeId, std::string verb, Value, Act done) {
  done(Error{Error::Code::refused, "nobody here can be asked to '" + verb + "'"});
}

void Cluster::look(NodeId node, std::function<void(NodeReport)> done) {
  survey([node, done = std::move(done)](const std::vector<NodeReport>& reports) {
    auto found = std::find_if(reports.begin(), reports.end(),
                              [&](const NodeReport& report) { return report.node == node; });
    done(found != reports.end() ? *found : NodeReport{.node = node});
  });
}

void Cluster::cut_power(NodeId, std::string, std::uint64_t, PowerCut done) {
  done(no_such_disks());
}

void Cluster::bend_disk(NodeId, Map, Act done) { done(no_such_disks()); }

void Cluster::straighten_disk(NodeId, std::string, DiskRules done) { done(no_such_disks()); }

void Cluster::disk_rules(NodeId, DiskRules done) { done(no_such_disks()); }

void Cluster::change_disk(NodeId, Map, DiskAnswer done) { done(no_such_disks()); }

}  // namespace sunder
