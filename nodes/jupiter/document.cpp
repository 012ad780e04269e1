#include "nodes/jupiter/document.h"

#include <algorithm>

namespace sunder::jupiter {
namespace {

constexpr std::size_t early_max = 1000;
constexpr std::int64_t nobody = -1;

}  // namespace

Document::Document(std::size_t sites, const std::vector<std::int64_t>& peers, LinkFlaws flaws)
    : flaws_(flaws), updates_(sites) {
  for (std::int64_t peer : peers) peers_.emplace(peer, Peer{Link(flaws), {}, {}});
}

std::optional<std::int64_t> Document::position_of(std::int64_t element) const {
  auto found = std::find(text_.begin(), text_.end(), element);
  if (found == text_.end()) return {};
  return found - text_.begin();
}

void Document::edit(std::int64_t self, const Edit& edit, text::Update update) {
  apply({edit}, flaws_.mistakes, text_);
  updates_.add(self, update);
  draft_updates_.push_back(std::move(update));
  add_to_draft(edit);
}

// Neighbours that are deleted one after the other become one range.
void Document::add_to_draft(const Edit& edit) {
  if (!draft_.empty() && edit.kind() == Kind::erase && draft_.back().kind() == Kind::erase) {
    Edit& last = draft_.back();
    bool behind = edit.position == last.position;
    bool before = edit.position + edit.length == last.position;
    if (behind || before) {
      last.position = edit.position;
      last.length += edit.length;
      return;
    }
  }
  draft_.push_back(edit);
}

void Document::seal(std::int64_t self) {
  Operation operation{.origin = self};
  operation.change.swap(draft_);
  operation.updates.swap(draft_updates_);
  forward(std::move(operation), nobody);
}

void Document::forward(Operation operation, std::int64_t except) {
  for (auto& [index, peer] : peers_) {
    if (index == except) continue;
    peer.stream.push_back({operations_.size(), peer.link.received()});
    peer.link.send(operation.change);
  }
  operations_.push_back(std::move(operation));
}

Progress Document::progress(std::int64_t key, std::int64_t peer) const {
  const Peer& other = at(peer);
  return {key, static_cast<std::int64_t>(other.stream.size()), other.link.received()};
}

void Document::keep(std::int64_t peer, std::int64_t index, const Operation& operation) {
  Peer& other = at(peer);
  if (index <= other.link.received()) return;
  other.early.try_emplace(index, operation);
  // The last ones come again, but the one that is due must find room.
  if (other.early.size() > early_max) other.early.erase(std::prev(other.early.end()));
}

std::optional<Operation> Document::take_due(std::int64_t peer) {
  Peer& other = at(peer);
  auto first = other.early.begin();
  while (first != other.early.end() && first->first <= other.link.received()) {
    first = other.early.erase(first);
  }
  if (first == other.early.end() || first->first != other.link.received() + 1) return {};
  Operation due = std::move(first->second);
  other.early.erase(first);
  return due;
}

bool Document::receive(std::int64_t peer, const Operation& operation) {
  if (!updates_.fits(operation.origin) || operation.updates.empty()) return false;
  Operation mine = operation;
  at(peer).link.receive(mine.change, operation.confirmed);
  if (has_draft()) transform(mine.change, draft_, flaws_.mistakes);
  apply(mine.change, flaws_.mistakes, text_);
  for (const text::Update& update : mine.updates) updates_.add(mine.origin, update);
  if (peers_.size() > 1) forward(std::move(mine), peer);
  return true;
}

std::vector<Operation> Document::stream(std::int64_t peer, std::int64_t first,
                                        std::size_t limit) const {
  std::vector<Operation> found;
  const std::vector<Sent>& stream = at(peer).stream;
  auto from = static_cast<std::size_t>(std::max<std::int64_t>(first, 1) - 1);
  for (; from < stream.size() && found.size() < limit; ++from) {
    found.push_back(operations_[stream[from].operation]);
    found.back().confirmed = stream[from].confirmed;
  }
  return found;
}

std::int64_t Document::begin_push(std::int64_t peer) {
  Peer& other = at(peer);
  std::int64_t first = other.pushed + 1;
  other.pushed = static_cast<std::int64_t>(other.stream.size());
  return first;
}

void Document::confirm(std::int64_t peer, std::int64_t received) {
  Peer& other = at(peer);
  other.confirmed = std::max(other.confirmed, received);
}

bool Document::all_confirmed() const {
  return std::all_of(peers_.begin(), peers_.end(), [](const auto& entry) {
    return entry.second.confirmed >= static_cast<std::int64_t>(entry.second.stream.size());
  });
}

void Document::forget_waiting() {
  for (auto& [index, peer] : peers_) peer.link.forget_waiting();
}

bool Document::grow_last(std::int64_t peer) {
  Peer& other = at(peer);
  bool same_base = has_draft() && !all_confirmed() && !other.stream.empty() &&
                   other.stream.back().confirmed == other.link.received();
  if (!same_base) return false;
  Operation& last = operations_[other.stream.back().operation];
  other.link.grow(draft_);
  last.change.insert(last.change.end(), draft_.begin(), draft_.end());
  last.updates.insert(last.updates.end(), draft_updates_.begin(), draft_updates_.end());
  draft_.clear();
  draft_updates_.clear();
  return true;
}

}  // namespace sunder::jupiter
