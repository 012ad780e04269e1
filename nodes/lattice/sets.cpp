#include "nodes/lattice/sets.h"

namespace sunder::lattice {
namespace {

constexpr std::int64_t remembered = 1'000'000'000;  // nanoseconds, by the flaw that forgets

/// Spreads a number over 64 bits (the finaliser of splitmix64).
std::uint64_t mixed(std::int64_t number) {
  auto z = static_cast<std::uint64_t>(number) + 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

void GrowSet::add(std::int64_t element, const clock::Dot& dot) {
  auto [at, fresh] = elements_.try_emplace(element, dot);
  if (fresh) {
    fingerprint_ += mixed(element);
  } else if (dot < at->second) {
    at->second = dot;
  }
}

void GrowSet::join(const GrowSet& other) {
  for (const auto& [element, dot] : other.elements_) add(element, dot);
}

GrowSet GrowSet::since(const clock::VectorClock& known) const {
  GrowSet part;
  for (const auto& [element, dot] : elements_) {
    if (!clock::covers(known, dot)) part.add(element, dot);
  }
  return part;
}

Value GrowSet::answer() const {
  List list;
  list.reserve(elements_.size());
  for (const auto& [element, dot] : elements_) list.emplace_back(element);
  return Value(std::move(list));
}

void GrowSet::put(NumberWriter& out) const {
  out.put_size(elements_.size());
  for (const auto& [element, dot] : elements_) {
    out.put(element);
    out.put(dot);
  }
}

GrowSet GrowSet::get(NumberReader& in) {
  GrowSet set;
  for (std::size_t left = in.size(); left > 0 && in.ok(); --left) {
    std::int64_t element = in.number();
    clock::Dot dot = in.dot();
    if (in.ok()) set.add(element, dot);
  }
  return set;
}

void ObservedSet::add(std::int64_t element, const clock::Dot& dot) {
  adds_[element] = {dot};  // the new add has seen those before it
}

void ObservedSet::remove(std::int64_t element, std::int64_t now) {
  auto found = adds_.find(element);
  if (found == adds_.end()) return;
  for (const clock::Dot& dot : found->second) bury(dot, now);
  adds_.erase(found);
}

bool ObservedSet::buried(const clock::Dot& dot, const Flaws& flaws, std::int64_t now) const {
  if (!flaws.removes_forgotten) return true;
  auto found = removed_.find(dot);
  return found != removed_.end() && now - found->second < remembered;
}

void ObservedSet::join(const clock::VectorClock& known, const ObservedSet& other,
                       const clock::VectorClock& theirs, const Flaws& flaws, std::int64_t now) {
  std::map<std::int64_t, Dots> joined;
  std::set<std::int64_t> removed;
  for (const auto& [element, dots] : adds_) {
    auto found = other.adds_.find(element);
    for (const clock::Dot& dot : dots) {
      bool there = found != other.adds_.end() && found->second.contains(dot);
      if (there || !clock::covers(theirs, dot)) {
        joined[element].insert(dot);
      } else {
        bury(dot, now);
        removed.insert(element);
      }
    }
  }
  for (const auto& [element, dots] : other.adds_) {
    auto found = adds_.find(element);
    for (const clock::Dot& dot : dots) {
      bool here = found != adds_.end() && found->second.contains(dot);
      bool gone = !here && clock::covers(known, dot) && buried(dot, flaws, now);
      if (gone) removed.insert(element);
      else joined[element].insert(dot);
    }
  }
  adds_ = std::move(joined);
  if (!flaws.removes_by_element) return;
  for (std::int64_t element : removed) adds_.erase(element);
}

Value ObservedSet::answer() const {
  List list;
  for (const auto& [element, dots] : adds_) list.emplace_back(element);
  return Value(std::move(list));
}

std::uint64_t ObservedSet::fingerprint() const {
  std::uint64_t sum = 0;
  for (const auto& [element, dots] : adds_) sum += mixed(element);
  return sum;
}

void ObservedSet::put(NumberWriter& out) const {
  out.put_size(adds_.size());
  for (const auto& [element, dots] : adds_) {
    out.put(element);
    out.put_size(dots.size());
    for (const clock::Dot& dot : dots) out.put(dot);
  }
}

ObservedSet ObservedSet::get(NumberReader& in) {
  ObservedSet set;
  for (std::size_t elements = in.size(); elements > 0 && in.ok(); --elements) {
    std::int64_t element = in.number();
    for (std::size_t dots = in.size(); dots > 0 && in.ok(); --dots) {
      set.adds_[element].insert(in.dot());
    }
  }
  return set;
}

}  // namespace sunder::lattice
