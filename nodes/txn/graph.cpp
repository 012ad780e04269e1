#include "nodes/txn/graph.h"

#include <algorithm>

namespace sunder::txn {
namespace {

std::string on_key(std::int64_t key) { return " of key " + std::to_string(key); }
std::string of_op(std::int64_t op) { return "op " + std::to_string(op); }

}  // namespace

void Graph::expect(Level level, bool strong) {
  level_ = level;
  strong_ = strong;
}

void Graph::begin(NodeId node, std::int64_t id, std::int64_t op) {
  auto [at, fresh] = txns_.try_emplace(id);
  if (!fresh) return;
  at->second.node = node;
  at->second.op = op;
  at->second.begun = ++clock_;
  begun_.emplace_back(clock_, id);
}

Graph::Txn* Graph::find(std::int64_t id) {
  auto found = txns_.find(id);
  return found == txns_.end() ? nullptr : &found->second;
}

bool Graph::committed(std::int64_t id) const {
  auto found = txns_.find(id);
  return found != txns_.end() && found->second.state == State::committed;
}

std::int64_t Graph::op_of(std::int64_t id) const {
  auto found = txns_.find(id);
  return found == txns_.end() ? -1 : found->second.op;
}

void Graph::read(std::int64_t id, std::int64_t key, std::int64_t writer, std::int64_t number) {
  Txn* txn = find(id);
  if (txn != nullptr && txn->state == State::active) txn->reads.push_back({key, writer, number});
}

void Graph::write(std::int64_t id, std::int64_t key, std::int64_t number) {
  Txn* txn = find(id);
  if (txn != nullptr && txn->state == State::active) txn->writes[key] = number;
}

std::vector<Graph::Version>& Graph::versions(std::int64_t key) {
  std::vector<Version>& all = keys_[key];
  if (all.empty()) all.push_back({INT64_MIN, 0, {}});
  return all;
}

void Graph::link(std::int64_t source, std::int64_t target, EdgeKind kind, std::int64_t key) {
  if (source == 0 || source == target) return;
  if (Txn* txn = find(source)) txn->out.push_back({target, kind, key});
}

BrokenInvariant Graph::tell(std::string sentence, std::int64_t op, std::string fate,
                            std::int64_t other_op, std::string other_fate) const {
  BrokenInvariant broken{std::move(sentence), {}};
  broken.ops.push_back({op, std::move(fate)});
  broken.ops.push_back({other_op, std::move(other_fate)});
  return broken;
}

Graph::Broken Graph::commit(std::int64_t id, std::int64_t time, std::int64_t counted) {
  Txn* txn = find(id);
  if (txn == nullptr || txn->state != State::active) return {};
  txn->state = State::committed;
  txn->committed = ++clock_;
  txn->counted = counted;
  commits_[txn->node.index].push_back(id);
  Broken broken = once_only(id, *txn);
  // All of these keep the graph up to date, whatever broke before them.
  Broken installed = install(id, *txn, time);
  Broken linked = link_reads(id, *txn);
  Broken cycle = find_cycle(id);
  if (!broken) broken = std::move(installed);
  if (!broken) broken = std::move(linked);
  if (!broken) broken = std::move(cycle);
  return broken;
}

Graph::Broken Graph::once_only(std::int64_t id, const Txn& txn) {
  if (txn.op < 0) return {};
  auto [at, fresh] = committed_ops_.try_emplace(txn.op, id);
  if (fresh || at->second == id) return {};
  const Txn* other = find(at->second);
  at->second = id;
  if (other != nullptr && other->state != State::committed) return {};
  return BrokenInvariant{"once only: two transactions of " + of_op(txn.op) + " were committed",
                         {{txn.op, "it was carried out twice"}}};
}

// Writes of the transaction come between the versions around its time.
Graph::Broken Graph::install(std::int64_t id, const Txn& txn, std::int64_t time) {
  Broken broken;
  auto early = early_.extract(id);
  for (const auto& [key, number] : txn.writes) {
    std::vector<Version>& all = versions(key);
    auto next = std::upper_bound(all.begin(), all.end(), time,
                                 [](std::int64_t t, const Version& v) { return t < v.time; });
    if (next != all.end()) link(id, next->writer, EdgeKind::ww, key);
    const Version& previous = *(next - 1);
    link(previous.writer, id, EdgeKind::ww, key);
    for (std::int64_t reader : previous.readers) link(reader, id, EdgeKind::rw, key);
    Version version{time, id, {}};
    if (early) {
      for (const auto& [reader, read] : early.mapped()) {
        if (read.key != key) continue;
        version.readers.push_back(reader);
        link(id, reader, EdgeKind::wr, key);
        if (next != all.end()) link(reader, next->writer, EdgeKind::rw, key);
        if (const Txn* other = find(reader); other != nullptr && !broken) {
          broken = judge_read(*other, read);
        }
      }
    }
    all.insert(next, std::move(version));
  }
  return broken;
}

Graph::Broken Graph::link_reads(std::int64_t id, const Txn& txn) {
  Broken broken;
  for (const Read& read : txn.reads) {
    const Txn* writer = find(read.writer);
    if (read.writer != 0 && writer == nullptr) continue;  // part of the trace is missing
    if (writer != nullptr && !broken) broken = judge_read(txn, read);
    if (writer != nullptr && writer->state == State::active) {
      early_[read.writer].emplace_back(id, read);
      continue;
    }
    std::vector<Version>& all = versions(read.key);
    auto at = std::find_if(all.rbegin(), all.rend(), [&](const Version& version) {
      return version.writer == read.writer;
    });
    if (at == all.rend()) continue;
    at->readers.push_back(id);
    link(read.writer, id, EdgeKind::wr, read.key);
    if (at != all.rbegin()) link(id, (at - 1)->writer, EdgeKind::rw, read.key);
  }
  return broken;
}

// G1a and G1b: read committed and above read final versions of committed transactions only.
Graph::Broken Graph::judge_read(const Txn& reader, const Read& read) {
  const Txn* writer = find(read.writer);
  if (writer == nullptr || level_ == Level::read_uncommitted) return {};
  if (writer->state == State::aborted) {
    return tell("no aborted reads (G1a): a committed transaction of " + of_op(reader.op) +
                    " read a version" + on_key(read.key) + " of " + of_op(writer->op) +
                    ", which was aborted",
                reader.op, "it read what was rolled back", writer->op, "it was rolled back");
  }
  auto last = writer->writes.find(read.key);
  bool final = writer->state != State::committed || last == writer->writes.end() ||
               last->second == read.number;
  if (final) return {};
  return tell("no intermediate reads (G1b): a committed transaction of " + of_op(reader.op) +
                  " read a version" + on_key(read.key) + " that " + of_op(writer->op) +
                  " overwrote itself",
              reader.op, "it read an intermediate version", writer->op, "it wrote again later");
}

Graph::Broken Graph::abort(std::int64_t id) {
  Txn* txn = find(id);
  if (txn == nullptr || txn->state != State::active) return {};
  txn->state = State::aborted;
  auto early = early_.extract(id);
  if (!early) return {};
  for (const auto& [reader, read] : early.mapped()) {
    const Txn* other = find(reader);
    if (other == nullptr) continue;
    if (Broken broken = judge_read(*other, read)) return broken;
  }
  return {};
}

Graph::Broken Graph::told(std::int64_t id) {
  Txn* txn = find(id);
  if (txn == nullptr) return {};
  txn->told = true;
  if (txn->state == State::lost) {
    return BrokenInvariant{"durability: the commit of " + of_op(txn->op) +
                               " was acknowledged, and the restart of " + to_string(txn->node) +
                               " had undone it",
                           {{txn->op, "its transaction was lost"}}};
  }
  if (txn->state != State::aborted) return {};
  return BrokenInvariant{"atomic commitment: " + of_op(txn->op) +
                             " was acknowledged, and its transaction had been aborted",
                         {{txn->op, "its transaction was aborted"}}};
}

Graph::Broken Graph::restart(NodeId node, std::int64_t kept) {
  std::vector<std::int64_t> active;
  // Nothing older than the node's last start is active, but a scan is rare enough.
  for (const auto& [id, txn] : txns_) {
    if (txn.state == State::active && txn.node == node) active.push_back(id);
  }
  Broken broken;
  for (std::int64_t id : active) {
    Broken aborted = abort(id);
    if (!broken) broken = std::move(aborted);
  }
  std::vector<std::int64_t>& commits = commits_[node.index];
  while (!commits.empty()) {
    Txn* txn = find(commits.back());
    if (txn == nullptr || txn->counted <= kept) break;
    forget(commits.back(), *txn);
    if (txn->told && !broken) broken = told(commits.back());
    commits.pop_back();
  }
  return broken;
}

void Graph::forget(std::int64_t id, Txn& txn) {
  txn.state = State::lost;
  for (const auto& [key, number] : txn.writes) {
    std::erase_if(versions(key), [id](const Version& version) { return version.writer == id; });
  }
  for (const Read& read : txn.reads) {
    for (Version& version : versions(read.key)) std::erase(version.readers, id);
  }
}

}  // namespace sunder::txn
