// Hinted handoff and anti-entropy: DeCandia and others, SOSP 2007, sections 4.6 and 4.7.

#include "nodes/dynamo/node.h"

namespace sunder::dynamo {
namespace {

constexpr std::size_t hints_in_a_pass = 64;
constexpr std::size_t entries_max = 256;  // in one message
constexpr int hot_loop = 100;             // of the flaw notes-hint-hot-loop

}  // namespace

void DynamoNode::hand_off_hints() {
  ++passes_;
  std::size_t left = hints_in_a_pass;
  std::vector<std::pair<std::size_t, std::int64_t>> sent;
  for (const auto& [owner, hints] : holdings_.hints()) {
    if (!liveness_.up(owner)) continue;
    for (const auto& [key, version] : hints) {
      if (left == 0) break;
      --left;
      bool failed = config_.flaws.hint_hot_loop && !failed_.insert({owner, key}).second;
      for (int i = 0; i < (failed ? hot_loop : 1); ++i) send_hint(owner, key, version);
      sent.emplace_back(owner, key);
    }
  }
  if (!config_.flaws.hint_dropped_when_sent) return;
  for (const auto& [owner, key] : sent) {
    holdings_.drop_hint(owner, key, holdings_.hints().at(owner).at(key).stamp);
  }
}

void DynamoNode::send_hint(std::size_t owner, std::int64_t key, const Version& version) {
  runtime_.probe("a hint was handed off");
  runtime_.trace(
      {.kind = "handoff",
       .numbers = {
           {{"owner", static_cast<std::int64_t>(owner)}, {"key", key}, {"pass", passes_}}}});
  runtime_.send(runtime_.peers()[owner], Message(Handoff{key, version}));
}

// The owner may have had a newer write since: a hint is a version like any other.
void DynamoNode::on_handoff(NodeId source, const Handoff& handoff) {
  holdings_.adopt(handoff.key, handoff.version, config_.flaws.blind_replay);
  barrier();
  runtime_.send(source, Message(HandoffReply{handoff.key, handoff.version.stamp}));
}

void DynamoNode::compare_trees() {
  std::size_t peers = runtime_.peers().size();
  if (peers < 2) return;
  std::size_t peer = runtime_.rng().below(peers - 1);
  if (peer >= index_of(runtime_.self())) ++peer;
  if (!liveness_.up(peer)) return;
  std::int64_t root = holdings_.tree(peer).root();
  runtime_.trace(
      {.kind = "tree", .numbers = {{{"peer", static_cast<std::int64_t>(peer)}, {"root", root}}}});
  runtime_.send(runtime_.peers()[peer], Message(Tree{0, {{0, root}}}));
}

// Each side answers with the level below, for as long as there are differences.
void DynamoNode::on_tree(NodeId source, const Tree& tree) {
  const MerkleTree& own = holdings_.tree(index_of(source));
  std::vector<std::int64_t> different = own.differences(tree);
  if (different.empty()) return;
  if (tree.level + 1 < static_cast<std::int64_t>(MerkleTree::levels)) {
    runtime_.send(source, Message(own.children(tree.level, different)));
    return;
  }
  runtime_.probe("trees differed in a leaf");
  Leaves leaves = leaves_for(index_of(source), different, false);
  runtime_.send(source, Message(std::move(leaves)));
}

Leaves DynamoNode::leaves_for(std::size_t peer, const std::vector<std::int64_t>& indexes,
                              bool answer) const {
  Leaves message{.leaves = {}, .stamps = {}, .answer = answer};
  for (std::int64_t index : indexes) {
    if (index < 0 || index >= static_cast<std::int64_t>(MerkleTree::leaves)) continue;
    // Whole leaves only; the next comparison finds the rest.
    if (message.stamps.size() >= entries_max) break;
    message.leaves.push_back(index);
    for (std::int64_t key : holdings_.shared_keys(static_cast<std::size_t>(index), peer)) {
      message.stamps.push_back({key, holdings_.version(key).stamp});
    }
  }
  return message;
}

// Sends what is newer here, and asks for what is newer there by the same leaves of its own.
void DynamoNode::on_leaves(NodeId source, const Leaves& leaves) {
  std::map<std::int64_t, Stamp> theirs;
  bool behind = false;
  for (const auto& [key, stamp] : leaves.stamps) {
    theirs[key] = stamp;
    behind = behind || holdings_.version(key).stamp < stamp;
  }
  Leaves own = leaves_for(index_of(source), leaves.leaves, true);
  Entries newer;
  for (const auto& [key, stamp] : own.stamps) {
    auto found = theirs.find(key);
    bool differs = found == theirs.end() || found->second != stamp;
    bool ahead = found == theirs.end() || found->second < stamp;
    if (config_.flaws.anti_entropy_overwrites) ahead = differs;
    if (ahead && newer.entries.size() < entries_max) {
      newer.entries.push_back({key, holdings_.version(key)});
    }
  }
  if (!newer.entries.empty()) {
    runtime_.probe("anti-entropy sent versions");
    runtime_.send(source, Message(std::move(newer)));
  }
  if (behind && !leaves.answer) runtime_.send(source, Message(std::move(own)));
}

void DynamoNode::on_entries(const Entries& entries) {
  for (const auto& [key, version] : entries.entries) {
    holdings_.adopt(key, version, config_.flaws.anti_entropy_overwrites);
  }
  barrier();
}

}  // namespace sunder::dynamo
