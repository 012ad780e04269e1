#include "nodes/text/invariants.h"

#include <algorithm>

namespace sunder::text {
namespace {

// Traces may be damaged, so that a number may be missing.
std::int64_t number(const Event& event, std::string_view name) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return 0;
}

clock::VectorClock counts_of(const Event& event) {
  return clock::parse_vector_clock(event.text).value_or(clock::VectorClock{});
}

bool plausible(std::int64_t origin) {
  return origin >= 0 && origin < static_cast<std::int64_t>(clock::VectorClock::nodes_max);
}

std::string update_text(std::int64_t origin, std::int64_t sequence, std::int64_t key) {
  return "update " + std::to_string(sequence) + " of n" + std::to_string(origin + 1) + " on key " +
         std::to_string(key);
}

}  // namespace

std::optional<BrokenInvariant> TextInvariants::observe(NodeId node, Instant, const Event& event) {
  if (event.kind == "apply") return on_apply(node, event);
  if (event.kind == "state") return on_state(node, event);
  if (event.kind == "edit") return on_edit(node, event);
  if (event.kind == "recovered") return on_recovered(node, event);
  if (event.kind == "boot") on_boot(node);
  return {};
}

BrokenInvariant TextInvariants::about(std::string sentence, const Name& name,
                                      std::string fate) const {
  BrokenInvariant broken{std::move(sentence)};
  auto found = updates_.find(name);
  if (found != updates_.end() && found->second.op >= 0) {
    broken.ops.push_back({found->second.op, std::move(fate)});
  }
  return broken;
}

// What only this site has been in may have been forgotten by the crash, and may come otherwise.
void TextInvariants::on_boot(NodeId node) {
  sites_[node.index].clear();
  std::erase_if(states_,
                [&](const auto& entry) { return entry.second.by == node && !entry.second.shared; });
}

TextInvariants::Broken TextInvariants::on_edit(NodeId node, const Event& event) {
  Name name{number(event, "key"), node.index, number(event, "sequence")};
  Known known{number(event, "element"), number(event, "op"), counts_of(event)};
  auto [at, fresh] = updates_.try_emplace(name, known);
  if (plausible(name.origin)) {
    sites_[node.index][name.key].raise(static_cast<std::size_t>(name.origin), name.sequence);
  }
  if (fresh) return {};
  // Unless the first was never told of, in which case nobody can mix them up.
  auto told = told_.find({name.key, name.origin});
  if (told == told_.end() || told->second < name.sequence) {
    at->second = known;
    return {};
  }
  return about("unique names: " + to_string(node) + " accepts a second " +
                   update_text(name.origin, name.sequence, name.key),
               name, "its name was given to another update");
}

TextInvariants::Broken TextInvariants::on_apply(NodeId node, const Event& event) {
  Name name{number(event, "key"), number(event, "origin"), number(event, "sequence")};
  if (!plausible(name.origin)) return {};
  auto origin = static_cast<std::size_t>(name.origin);
  clock::VectorClock& counts = sites_[node.index][name.key];
  std::int64_t before = counts.at(origin);
  auto found = updates_.find(name);
  bool ready = found == updates_.end() || counts.covers(found->second.seen);
  counts.raise(origin, name.sequence);
  if (name.origin != node.index) {
    std::int64_t& told = told_[{name.key, name.origin}];
    told = std::max(told, name.sequence);
  }
  std::string who =
      to_string(node) + " applied " + update_text(name.origin, name.sequence, name.key);
  if (name.sequence <= before) return about("once only: " + who + " twice", name, "applied twice");
  if (name.sequence != before + 1) {
    return about("order of a site: " + who + " after " + std::to_string(before), name,
                 "applied out of order");
  }
  if (ready) return {};
  return about("causality: " + who + " before what it was made after", name,
               "applied at " + to_string(node) + " too early");
}

TextInvariants::Broken TextInvariants::on_state(NodeId node, const Event& event) {
  std::int64_t key = number(event, "key");
  State state{number(event, "sum"), number(event, "length"), node};
  auto [at, fresh] = states_.try_emplace({key, event.text}, state);
  if (fresh) return {};
  State& other = at->second;
  if (other.by != node) other.shared = true;
  if (other.sum == state.sum && other.length == state.length) return {};
  clock::VectorClock counts = counts_of(event);
  Name last{key, node.index, counts.at(static_cast<std::size_t>(std::max(node.index, 0)))};
  return about("convergence: " + to_string(node) + " and " + to_string(other.by) +
                   " have applied the same updates on key " + std::to_string(key) + " (" +
                   event.text + ") and have documents of " + std::to_string(state.length) +
                   " and " + std::to_string(other.length) + " elements that differ",
               last, "part of a document that differs between sites");
}

// That another site applied an update proves that its origin had made it durable.
TextInvariants::Broken TextInvariants::on_recovered(NodeId node, const Event& event) {
  std::int64_t key = number(event, "key");
  clock::VectorClock& counts = sites_[node.index][key];
  counts = counts_of(event);
  std::int64_t own = counts.at(static_cast<std::size_t>(std::max(node.index, 0)));
  auto told = told_.find({key, node.index});
  if (told != told_.end() && told->second > own) {
    return about("durability: " + to_string(node) + " came back with " + std::to_string(own) +
                     " of its own updates on key " + std::to_string(key) +
                     ", but others have its update " + std::to_string(told->second),
                 {key, node.index, told->second}, "forgotten by the site that accepted it");
  }
  return on_state(node, event);
}

}  // namespace sunder::text
