#include "harness/agent/host_links.h"

#include <set>

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
  return read->empty() ? straighten() : bend_by(*read);
}

Status HostLinks::bend_by(const std::vector<LinkRule>& rules) {
  if (!bender_) {
    Result<std::unique_ptr<LinkBender>> opened =
        LinkBender::open({place_.self, place_.addresses, place_.seed});
    if (!opened) return opened.error();
    bender_ = *std::move(opened);
  }
  bender_->set_rules(rules);
  Status done = journal_.will(UndoJournal::bends);
  if (done && !laid_) done = lay_queueing(place_.ports);
  if (!done) return done;
  laid_ = true;
  std::set<std::string> targets;
  for (const LinkRule& rule : rules) {
    for (const Link& link : rule.links) {
      targets.insert(place_.addresses[static_cast<std::size_t>(link.target.index)]);
    }
  }
  return queue_what_leaves_for({targets.begin(), targets.end()});
}

/// The kernel drops what is queued when the rule that queued it goes, so nothing may be by then.
Status HostLinks::straighten() {
  if (!journal_.has(UndoJournal::bends)) return Done{};
  if (laid_) (void)queue_what_leaves_for({});
  if (bender_) bender_->let_all_go();
  Status done = remove_queueing();
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
