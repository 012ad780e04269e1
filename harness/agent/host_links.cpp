#include "harness/agent/host_links.h"

#include <algorithm>

#include "harness/agent/fields.h"
#include "harness/agent/peer.h"
#include "harness/faultkit/queueing.h"

namespace sunder {
namespace {

NodeId node_numbered(std::int64_t number) {
  return NodeId::node(static_cast<std::int32_t>(number) - 1);
}

}  // namespace

void HostLinks::settle(Place place) {
  undo();
  bender_.reset();
  counted_ = {};
  place_ = std::move(place);
  place_.ports.insert(place_.ports.end(), {probe_port, train_port});
  std::vector<std::string> others;
  for (std::size_t i = 0; i < place_.addresses.size(); ++i) {
    if (i + 1 != place_.self) others.push_back(place_.addresses[i]);
  }
  shaper_ = LinkShaper(std::move(others));
  const Error unwanted{Error::Code::refused, "the run is to go without"};
  means_.netem = place_.packets == Packets::queue ? unwanted : shaper_.possible();
  means_.queue = place_.packets == Packets::netem ? unwanted : queueing_is_possible();
}

CutPlace HostLinks::cut_place() const {
  return {place_.addresses, place_.spared, place_.client_ports, line_port};
}

Status HostLinks::cut(const Cuts& cuts) {
  if (Result<CutCounts> so_far = counts()) counted_ = *so_far;  // the table goes, or is made anew
  if (cuts.any()) {
    Status noted = journal_.will(UndoJournal::cuts);
    return noted ? cut_off(cuts, cut_place()) : noted;
  }
  if (!journal_.has(UndoJournal::cuts)) return Done{};
  Status done = remove_cuts();
  return done ? journal_.undone(UndoJournal::cuts) : done;
}

Result<CutCounts> HostLinks::counts() const {
  if (!journal_.has(UndoJournal::cuts)) return counted_;
  Result<CutCounts> present = count_cuts();
  if (!present) return present.error();
  return CutCounts{counted_.requests + present->requests, counted_.replies + present->replies,
                   counted_.resets + present->resets};
}

Status HostLinks::bend(const List& rules) {
  Result<std::vector<LinkRule>> read = rules_from(rules);
  if (!read) return read.error();
  if (read->empty()) return straighten();
  return bend_by(plan_links(*read, static_cast<bool>(means_.netem)));
}

Status HostLinks::bend_by(const LinkPlan& plan) {
  if (!plan.queued.empty() && !means_.queue) {
    return Error{Error::Code::refused, "netem cannot do this to links, and to queue packets: " +
                                           means_.queue.error().context};
  }
  if (!plan.queued.empty() && !bender_) {
    Result<std::unique_ptr<LinkBender>> opened =
        LinkBender::open({place_.self, place_.addresses, place_.seed});
    if (!opened) return opened.error();
    bender_ = *std::move(opened);
  }
  if (bender_) bender_->set_rules(plan.queued);
  Status done = journal_.will(UndoJournal::bends);
  if (done && !laid_) done = lay_queueing(place_.ports, static_cast<bool>(means_.queue));
  if (!done) return done;
  laid_ = true;
  done = shape(plan);
  return done ? treat(plan) : done;
}

Status HostLinks::shape(const LinkPlan& plan) {
  if (!means_.netem) return Done{};
  std::vector<std::uint16_t> ending = shaper_.ending(plan.classes);
  Status done = ending.empty() ? Done{} : treat(plan, ending);
  if (!done) return done;
  return plan.classes.empty() ? shaper_.end() : shaper_.set(plan.classes);
}

/// Sends what leaves where the plan says, but nothing to these classes.
Status HostLinks::treat(const LinkPlan& plan, const std::vector<std::uint16_t>& without) {
  Leaving leaving;
  for (const auto& [target, number] : plan.classed) {
    if (std::find(without.begin(), without.end(), number) != without.end()) continue;
    leaving.classed[place_.addresses[target]] = number;
  }
  for (const LinkRule& rule : plan.queued) {
    for (const Link& link : rule.links) {
      leaving.queued.push_back(place_.addresses[static_cast<std::size_t>(link.target.index)]);
    }
  }
  return treat_what_leaves(leaving);
}

/// The kernel drops what is queued when the rule that queued it goes, and what waits to be sent
/// when the discipline goes in which it waits, so nothing should by then.
Status HostLinks::straighten() {
  if (!journal_.has(UndoJournal::bends)) return Done{};
  if (laid_) (void)treat_what_leaves({});
  if (bender_) bender_->let_all_go();
  Status shaped = shaper_.end();
  Status done = remove_queueing();
  if (done) done = shaped;
  if (!done) return done;
  laid_ = false;
  return journal_.undone(UndoJournal::bends);
}

bool HostLinks::undo() {
  bool something = journal_.has(UndoJournal::cuts) || journal_.has(UndoJournal::bends);
  (void)cut({});
  (void)straighten();
  return something;
}

Result<std::vector<LinkRule>> HostLinks::rules_from(const List& rules) const {
  std::vector<LinkRule> read;
  auto nodes = static_cast<std::int64_t>(place_.addresses.size());
  for (const Value& rule : rules) {
    const Value* model = rule.find("model");
    Result<LinkModel> parsed = link_model_from(model != nullptr ? *model : Value());
    if (!parsed) return parsed.error();
    LinkRule one{text_of(rule, "name"), {}, *parsed};
    for (const Value& target : list_of(rule, "targets")) {
      bool known = target.is_integer() && target.integer() >= 1 && target.integer() <= nodes;
      if (!known || target.integer() == place_.self) {
        return Error{Error::Code::malformed, "a link's target is the number of another node"};
      }
      one.links.push_back({node_numbered(place_.self), node_numbered(target.integer())});
    }
    if (!one.links.empty()) read.push_back(std::move(one));
  }
  return read;
}

}  // namespace sunder
