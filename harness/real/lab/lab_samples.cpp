// How the lab measures its links: every agent sends a train of probes to every other one.

#include "harness/real/lab/lab_cluster.h"

namespace sunder {
namespace {

using ClockAhead = std::function<Duration(NodeId)>;

// Each machine stamps by its own clock.
void add_arrivals(const Value& reply, NodeId target, const ClockAhead& ahead,
                  LinkSamples& found) {
  const Value* bad = reply.find("bad_checksums");
  if (bad != nullptr && bad->is_integer()) found.bad_checksums += bad->integer();
  const Value* arrivals = reply.find("arrivals");
  if (arrivals == nullptr || !arrivals->is_list()) return;
  const List& flat = arrivals->list();
  for (std::size_t i = 0; i + 2 < flat.size(); i += 3) {
    Link link{NodeId::node(static_cast<std::int32_t>(flat[i].integer()) - 1), target};
    auto sample = found.links.find(link);
    if (sample == found.links.end()) continue;
    Duration delay{flat[i + 2].integer()};
    delay += ahead(link.source) - ahead(target);
    sample->second.arrivals.push_back({static_cast<int>(flat[i + 1].integer()), delay});
  }
}

}  // namespace

struct LabCluster::Sampling {
  std::uint64_t tag = 0;
  LinkSamples found;
  std::size_t awaited = 0;  // agents that have not answered yet
  std::string error;
  std::function<void(Result<LinkSamples>)> done;
  void one_answered(const Result<Value>& reply) {
    if (!reply && error.empty()) error = reply.error().context;
    --awaited;
  }
};

void LabCluster::sample_links(LinkSampling asked,
                              std::function<void(Result<LinkSamples>)> done) {
  auto sampling = std::make_shared<Sampling>();
  sampling->tag = ++probe_tag_;
  sampling->done = std::move(done);
  sampling->awaited = nodes_.size();
  Duration length = (asked.count - 1) * asked.interval + asked.patience;
  for (NodeId source : nodes_) {
    List targets;
    for (NodeId target : nodes_) {
      if (source == target) continue;
      targets.emplace_back(std::int64_t{target.index} + 1);
      sampling->found.links[{source, target}].sent = asked.count;
    }
    Map request;
    request["do"] = "train";
    request["tag"] = static_cast<std::int64_t>(sampling->tag);
    request["targets"] = std::move(targets);
    request["count"] = std::int64_t{asked.count};
    request["interval_ns"] = std::int64_t{asked.interval.count()};
    request["size"] = static_cast<std::int64_t>(asked.size);
    agent(source).ask(std::move(request), agent_limit,
                      [this, sampling, length](const Result<Value>& reply) {
                        sampling->one_answered(reply);
                        if (sampling->awaited > 0) return;
                        after(length, [this, sampling] { collect_samples(sampling); });
                      });
  }
}

Duration LabCluster::ahead(NodeId node) const {
  return parts_.clock_ahead ? parts_.clock_ahead(node) : Duration{0};
}

void LabCluster::collect_samples(const std::shared_ptr<Sampling>& sampling) {
  sampling->awaited = nodes_.size();
  for (NodeId target : nodes_) {
    Map request;
    request["do"] = "train-heard";
    request["tag"] = static_cast<std::int64_t>(sampling->tag);
    agent(target).ask(std::move(request), agent_limit,
                      [this, sampling, target](const Result<Value>& reply) {
                        auto clock = [this](NodeId node) { return ahead(node); };
                        if (reply) add_arrivals(*reply, target, clock, sampling->found);
                        sampling->one_answered(reply);
                        if (sampling->awaited > 0) return;
                        if (sampling->error.empty()) return sampling->done(sampling->found);
                        sampling->done(Error{Error::Code::refused, sampling->error});
                      });
  }
}

}  // namespace sunder
