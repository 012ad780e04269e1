// The search for a cycle through a transaction that has just been committed. All edges that are new
// begin or end there, so that every new cycle passes through it.

#include <algorithm>

#include "nodes/txn/graph.h"

namespace sunder::txn {
namespace {

std::string_view name_of(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::ww: return "was overwritten by";
    case EdgeKind::wr: return "was read by";
    case EdgeKind::rw: return "did not see";
    case EdgeKind::rt: return "had ended before";
  }
  return "";
}

std::string_view promise(Level level) {
  switch (level) {
    case Level::read_uncommitted: return "read uncommitted";
    case Level::read_committed: return "read committed";
    case Level::snapshot: return "snapshot isolation";
    case Level::serializable: return "serializability";
  }
  return "";
}

/// Adya's name of a cycle, or Elle's where he has none.
std::string phenomenon(const std::vector<EdgeKind>& kinds) {
  auto count = [&](EdgeKind kind) { return std::count(kinds.begin(), kinds.end(), kind); };
  bool adjacent = false;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    EdgeKind next = kinds[(i + 1) % kinds.size()];
    adjacent = adjacent || (kinds[i] == EdgeKind::rw && next == EdgeKind::rw);
  }
  std::string name = "G1c";
  if (count(EdgeKind::rw) > 1) {
    name = adjacent ? "G2-item" : "G-nonadjacent";
  } else if (count(EdgeKind::rw) == 1) {
    name = "G-single";
  } else if (count(EdgeKind::wr) == 0) {
    name = "G0";
  }
  return count(EdgeKind::rt) > 0 ? name + "-realtime" : name;
}

}  // namespace

bool Graph::follows(EdgeKind kind) const {
  switch (kind) {
    case EdgeKind::ww: return true;
    case EdgeKind::wr: return level_ >= Level::read_committed;
    case EdgeKind::rw: return level_ >= Level::snapshot;
    case EdgeKind::rt: return strong_;
  }
  return false;
}

Graph::Broken Graph::find_cycle(std::int64_t id) {
  bool snapshot = level_ == Level::snapshot;
  if (Broken broken = search(id, snapshot, false)) return broken;
  // Where two anti-dependencies in a row are no harm, the first edge decides what the last may be.
  if (snapshot) return search(id, snapshot, true);
  return {};
}

Graph::Broken Graph::search(std::int64_t id, bool snapshot, bool begins_with_rw) {
  Search search{.start = id, .begins_with_rw = begins_with_rw, .visits = {}, .open = {}};
  const Place start{id, false};
  Broken broken;
  const Txn* first = find(id);
  for (const Edge& edge : first->out) {
    if (!follows(edge.kind)) continue;
    if (snapshot && (edge.kind == EdgeKind::rw) != begins_with_rw) continue;
    if (visit(search, start, edge, broken)) return broken;
  }
  while (!search.open.empty()) {
    Place place = search.open.back();
    search.open.pop_back();
    const Txn* txn = find(place.txn);
    if (strong_ && visit_later(search, place, broken)) return broken;
    for (const Edge& edge : txn->out) {
      if (!follows(edge.kind)) continue;
      bool rw = edge.kind == EdgeKind::rw;
      if (snapshot && rw && place.by_rw) continue;
      if (snapshot && rw && begins_with_rw && edge.target == id) continue;
      if (visit(search, place, edge, broken)) return broken;
    }
  }
  return {};
}

/// True when the cycle is closed.
bool Graph::visit(Search& search, const Place& from, const Edge& edge, Broken& broken) {
  if (edge.target == search.start) {
    broken = tell_cycle(search, {from, edge});
    return true;
  }
  const Txn* txn = find(edge.target);
  if (txn == nullptr || txn->state != State::committed) return false;
  // Only snapshot isolation asks how it came to a place.
  Place place{edge.target, level_ == Level::snapshot && edge.kind == EdgeKind::rw};
  if (search.visits.try_emplace(place, Visit{from, edge}).second) search.open.push_back(place);
  return false;
}

// All that began after the commit of this one.
bool Graph::visit_later(Search& search, const Place& from, Broken& broken) {
  std::size_t committed = find(from.txn)->committed;
  if (find(search.start)->begun > committed) {
    broken = tell_cycle(search, {from, {search.start, EdgeKind::rt, 0}});
    return true;
  }
  auto at = std::upper_bound(begun_.begin(), begun_.end(), std::pair(committed, INT64_MAX));
  for (; at != begun_.end() && at->first < search.real_time_from; ++at) {
    if (visit(search, from, {at->second, EdgeKind::rt, 0}, broken)) return true;
  }
  search.real_time_from = std::min(search.real_time_from, committed);
  return false;
}

BrokenInvariant Graph::tell_cycle(const Search& search, const Visit& last) {
  std::vector<Visit> path{last};
  while (path.back().from.txn != search.start) path.push_back(search.visits.at(path.back().from));
  std::reverse(path.begin(), path.end());
  std::vector<EdgeKind> kinds;
  std::string circle;
  BrokenInvariant broken;
  for (const Visit& step : path) {
    kinds.push_back(step.edge.kind);
    const Txn* from = find(step.from.txn);
    const Txn* to = find(step.edge.target);
    std::string fate = std::string(name_of(step.edge.kind)) + " op " + std::to_string(to->op);
    if (step.edge.kind != EdgeKind::rt) fate += " on key " + std::to_string(step.edge.key);
    circle += (circle.empty() ? "op " : ", op ") + std::to_string(from->op) + " " + fate;
    broken.ops.push_back({from->op, fate});
  }
  broken.sentence = std::string(promise(level_)) + ": the committed transactions make a circle, " +
                    phenomenon(kinds) + ": " + circle;
  constexpr std::size_t ops_max = 6;
  if (broken.ops.size() > ops_max) {
    broken.ops_left_out = broken.ops.size() - ops_max;
    broken.ops.resize(ops_max);
  }
  return broken;
}

}  // namespace sunder::txn
