#include "nodes/lattice/object.h"

#include <algorithm>
#include <array>

namespace sunder::lattice {
namespace {

constexpr std::array<std::string_view, 6> datatypes{"crdt-g-counter",    "crdt-pn-counter",
                                                    "crdt-g-set",        "crdt-or-set",
                                                    "crdt-lww-register", "crdt-mv-register"};

State empty_state(Kind kind) {
  switch (kind) {
    case Kind::g_counter:
    case Kind::pn_counter: return Counter();
    case Kind::g_set: return GrowSet();
    case Kind::or_set: return ObservedSet();
    case Kind::lww_register: return LastWriter();
    case Kind::mv_register: return Siblings();
  }
  return Counter();
}

State read_state(Kind kind, NumberReader& in) {
  State state = empty_state(kind);
  std::visit([&](auto& one) { one = std::decay_t<decltype(one)>::get(in); }, state);
  return state;
}

void put_entry(NumberWriter& out, const Entry& entry) {
  out.put(entry.dot);
  out.put(entry.tag);
  out.put(entry.seen);
  out.put(entry.past);
  out.put(entry.time);
  out.put(entry.client);
  out.put(entry.request);
}

Entry get_entry(NumberReader& in) {
  Entry entry;
  entry.dot = in.dot();
  entry.tag = in.text();
  entry.seen = in.clock();
  entry.past = in.clock();
  entry.time = in.number();
  entry.client = in.number();
  entry.request = in.number();
  return entry;
}

/// The flaw: a clock with room for two entries, of the nodes that wrote most.
clock::VectorClock truncated(const clock::VectorClock& clock) {
  std::vector<std::int64_t> counts = clock.counts();
  std::vector<std::int64_t> sorted = counts;
  std::sort(sorted.rbegin(), sorted.rend());
  std::int64_t least = sorted.size() > 2 ? sorted[1] : 0;
  for (std::int64_t& count : counts) count = count < least ? 0 : count;
  return clock::VectorClock(std::move(counts));
}

}  // namespace

std::optional<Kind> kind_of(std::string_view datatype) {
  auto found = std::find(datatypes.begin(), datatypes.end(), datatype);
  if (found == datatypes.end()) return {};
  return static_cast<Kind>(found - datatypes.begin());
}

std::optional<Verb> verb_of(Kind kind, std::string_view verb) {
  if (verb == "read" || verb == "final-read") return Verb::read;
  if (verb == "log") return Verb::log;
  bool counts = kind == Kind::g_counter || kind == Kind::pn_counter;
  if (counts && verb == "increment") return Verb::increment;
  if (kind == Kind::pn_counter && verb == "decrement") return Verb::decrement;
  bool collects = kind == Kind::g_set || kind == Kind::or_set;
  if (collects && verb == "add") return Verb::add;
  if (kind == Kind::or_set && verb == "remove") return Verb::remove;
  if (!counts && !collects && verb == "write") return Verb::write;
  return {};
}

void Part::put(NumberWriter& out) const {
  out.put(static_cast<std::int64_t>(kind));
  out.put(base);
  out.put(context);
  std::visit([&](const auto& one) { one.put(out); }, state);
  out.put_size(entries.size());
  for (const Entry& entry : entries) put_entry(out, entry);
}

Part Part::get(NumberReader& in) {
  Part part;
  std::int64_t kind = in.number();
  if (kind < 0 || kind >= static_cast<std::int64_t>(datatypes.size())) in.spoil();
  if (!in.ok()) return part;
  part.kind = static_cast<Kind>(kind);
  part.base = in.clock();
  part.context = in.clock();
  part.state = read_state(part.kind, in);
  for (std::size_t left = in.size(); left > 0 && in.ok(); --left) {
    part.entries.push_back(get_entry(in));
  }
  return part;
}

Object::Object(Kind kind) : kind_(kind), state_(empty_state(kind)) {}

Value Object::answer() const {
  return std::visit([](const auto& one) { return one.answer(); }, state_);
}

std::uint64_t Object::fingerprint() const {
  return std::visit([](const auto& one) { return one.fingerprint(); }, state_);
}

clock::VectorClock Object::context_of_readers() const {
  clock::VectorClock context = context_;
  if (const auto* siblings = std::get_if<Siblings>(&state_)) context.merge(siblings->ceiling());
  return context;
}

const Entry& Object::update(const Update& wanted, const clock::Dot& dot, std::int64_t time,
                            std::int64_t now, const Flaws& flaws) {
  Entry entry{.dot = dot, .tag = wanted.tag};
  // Whatever a client has read elsewhere, this write replaces it: it need not come here any more.
  if (kind_ == Kind::mv_register) context_.merge(wanted.past);
  entry.seen = context_;
  entry.past = kind_ == Kind::mv_register ? wanted.past : clock::VectorClock();
  entry.client = wanted.client;
  entry.request = wanted.request;
  auto node = static_cast<std::size_t>(dot.node);
  if (auto* counter = std::get_if<Counter>(&state_)) {
    counter->add(node, wanted.verb == Verb::decrement ? -wanted.value : wanted.value);
  } else if (auto* grows = std::get_if<GrowSet>(&state_)) {
    grows->add(wanted.value, dot);
  } else if (auto* set = std::get_if<ObservedSet>(&state_)) {
    bool skipped = flaws.present_not_added && set->has(wanted.value);
    if (wanted.verb == Verb::remove) set->remove(wanted.value, now);
    else if (!skipped) set->add(wanted.value, dot);
  } else if (auto* last = std::get_if<LastWriter>(&state_)) {
    entry.time = time;
    last->write(wanted.value, {time, dot.node}, flaws);
  } else if (auto* siblings = std::get_if<Siblings>(&state_)) {
    siblings->write(sibling(wanted, dot, flaws));
  }
  context_.raise(node, dot.count);
  add(std::move(entry));
  return entries_.at(dot);
}

// The clock of a new sibling: its past is what its client had read, but for the flaws.
Sibling Object::sibling(const Update& wanted, const clock::Dot& dot, const Flaws& flaws) const {
  Sibling made{{dot, wanted.past}, wanted.value, false};
  auto node = static_cast<std::size_t>(dot.node);
  if (flaws.one_clock) made.clock.past = context_;
  if (flaws.own_clock_only) {
    made.clock.past = {};
    made.clock.past.raise(node, wanted.past.at(node));
  }
  if (flaws.stale_context_keeps_all && !wanted.past.covers(context_)) made.clock.past = {};
  if (flaws.past_truncated) made.clock.past = truncated(wanted.past);
  return made;
}

void Object::add(Entry entry) {
  clock::Dot dot = entry.dot;
  entries_.try_emplace(dot, std::move(entry));
  auto node = static_cast<std::size_t>(dot.node);
  std::int64_t count = listed_.at(node);
  while (entries_.contains({dot.node, count + 1})) ++count;
  listed_.raise(node, count);
}

bool Object::join(const Part& part, std::int64_t now, const Flaws& flaws) {
  if (part.kind != kind_ || part.state.index() != state_.index()) return false;
  if (!context_.covers(part.base) && !flaws.gaps_joined) return false;
  bool news = !context_.covers(part.context);
  if (auto* counter = std::get_if<Counter>(&state_)) {
    counter->join(std::get<Counter>(part.state), flaws);
  } else if (auto* grows = std::get_if<GrowSet>(&state_)) {
    grows->join(std::get<GrowSet>(part.state));
  } else if (auto* set = std::get_if<ObservedSet>(&state_)) {
    set->join(context_, std::get<ObservedSet>(part.state), part.context, flaws, now);
  } else if (auto* last = std::get_if<LastWriter>(&state_)) {
    last->join(std::get<LastWriter>(part.state), flaws);
  } else if (auto* siblings = std::get_if<Siblings>(&state_)) {
    siblings->join(std::get<Siblings>(part.state), flaws);
  }
  context_.merge(part.context);
  for (const Entry& entry : part.entries) {
    if (entry.dot.count < 1 || entries_.contains(entry.dot)) continue;
    news = true;
    add(entry);
  }
  return news;
}

Part Object::since(const clock::VectorClock& context, const clock::VectorClock& listed,
                   std::size_t entries_max) const {
  Part part{.kind = kind_, .base = {}, .context = context_, .state = state_, .entries = {}};
  // All states but this one are small: a count a node, or what no later update has replaced.
  if (const auto* grows = std::get_if<GrowSet>(&state_)) {
    part.base = context;
    part.state = grows->since(context);
  }
  for (std::size_t node = 0; node < listed_.counts().size(); ++node) {
    auto index = static_cast<std::int64_t>(node);
    auto at = entries_.upper_bound({index, listed.at(node)});
    for (; at != entries_.end() && at->first.node == index; ++at) {
      if (part.entries.size() == entries_max) return part;
      part.entries.push_back(at->second);
    }
  }
  return part;
}

void Object::forget_own_total(std::size_t node) {
  if (auto* counter = std::get_if<Counter>(&state_)) counter->forget(node);
}

std::int64_t latest_time(const Part& part) {
  const auto* last = std::get_if<LastWriter>(&part.state);
  return last == nullptr ? 0 : last->time();
}

}  // namespace sunder::lattice
