#include "nodes/lattice/registers.h"

#include <algorithm>

namespace sunder::lattice {
namespace {

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t text_ids = clock::VectorClock::nodes_max / 2;
constexpr std::size_t repeated_max = 8;  // copies double with each join, by the flaw

bool before(const Stamp& one, const Stamp& other, const Flaws& flaws) {
  if (flaws.coarse_stamps) return one.time / millisecond < other.time / millisecond;
  return one < other;
}

/// What the authors of these siblings knew.
clock::VectorClock pasts(const std::vector<Sibling>& siblings) {
  clock::VectorClock all;
  for (const Sibling& sibling : siblings) all.merge(sibling.clock.past);
  return all;
}

bool replaced(const Sibling& sibling, const clock::VectorClock& pasts) {
  return clock::covers(pasts, sibling.clock.dot);
}

/// The flaw's text form: entries in order of insertion, which is a node's own first where it made
/// the clock, and the order of names in a copy.
std::string text_of(const Sibling& sibling) {
  clock::VectorClock all = sibling.clock.ceiling();
  std::string text = sibling.copied ? "" : std::to_string(sibling.clock.dot.node) + " ";
  for (std::size_t i = 0; i < all.counts().size(); ++i) {
    if (all.at(i) > 0) text += std::to_string(i) + ":" + std::to_string(all.at(i)) + " ";
  }
  return text;
}

std::uint64_t folded(std::uint64_t so_far, std::int64_t next) {
  return (so_far ^ static_cast<std::uint64_t>(next)) * 0x100000001b3U;  // FNV-1a, by words
}

}  // namespace

void LastWriter::write(std::int64_t value, const Stamp& stamp, const Flaws& flaws) {
  LastWriter written;
  written.stamp_ = stamp;
  written.value_ = value;
  join(written, flaws);
}

void LastWriter::join(const LastWriter& other, const Flaws& flaws) {
  if (!other.value_) return;
  if (!value_ || before(stamp_, other.stamp_, flaws)) *this = other;
}

std::uint64_t LastWriter::fingerprint() const {
  if (!value_) return 0;
  return folded(folded(folded(1, stamp_.time), stamp_.node), *value_);
}

void LastWriter::put(NumberWriter& out) const {
  out.put(value_.has_value());
  if (!value_) return;
  out.put(stamp_.time);
  out.put(stamp_.node);
  out.put(*value_);
}

LastWriter LastWriter::get(NumberReader& in) {
  LastWriter read;
  if (in.number() == 0) return read;
  read.stamp_.time = in.number();
  read.stamp_.node = in.number();
  read.value_ = in.number();
  return read;
}

void Siblings::write(Sibling written) {
  std::erase_if(siblings_,
                [&](const Sibling& held) { return replaced(held, written.clock.past); });
  auto at = std::upper_bound(
      siblings_.begin(), siblings_.end(), written,
      [](const Sibling& a, const Sibling& b) { return a.clock.dot < b.clock.dot; });
  siblings_.insert(at, std::move(written));
}

void Siblings::join(const Siblings& other, const Flaws& flaws) {
  clock::VectorClock ours = pasts(siblings_);
  clock::VectorClock theirs = pasts(other.siblings_);
  std::erase_if(siblings_, [&](const Sibling& held) { return replaced(held, theirs); });
  for (const Sibling& sibling : other.siblings_) {
    if (!replaced(sibling, ours)) insert(sibling, flaws);
  }
  if (flaws.one_sibling && siblings_.size() > 1) {
    siblings_.erase(siblings_.begin(), siblings_.end() - 1);
  }
}

void Siblings::insert(const Sibling& sibling, const Flaws& flaws) {
  auto known = std::find_if(siblings_.begin(), siblings_.end(), [&](const Sibling& held) {
    if (flaws.text_order) return text_of(held) == text_of(sibling);
    return held.clock.compare(sibling.clock) == clock::Order::equal;
  });
  bool repeats = flaws.siblings_repeated && siblings_.size() < repeated_max;
  if (known != siblings_.end() && !repeats) return;
  auto at = std::upper_bound(
      siblings_.begin(), siblings_.end(), sibling,
      [](const Sibling& a, const Sibling& b) { return a.clock.dot < b.clock.dot; });
  siblings_.insert(at, sibling);
}

clock::VectorClock Siblings::ceiling() const {
  clock::VectorClock all;
  for (const Sibling& sibling : siblings_) all.merge(sibling.clock.ceiling());
  return all;
}

void Siblings::use_text_ids() {
  for (Sibling& sibling : siblings_) {
    clock::DottedVector& clock = sibling.clock;
    if (clock.dot.node < text_ids) clock.dot.node += text_ids;
    clock::VectorClock moved;
    for (std::size_t i = 0; i < clock.past.counts().size(); ++i) {
      bool is_number = i < static_cast<std::size_t>(text_ids);
      moved.raise(is_number ? i + static_cast<std::size_t>(text_ids) : i, clock.past.at(i));
    }
    clock.past = std::move(moved);
  }
}

Value Siblings::answer() const {
  List list;
  for (const Sibling& sibling : siblings_) list.emplace_back(sibling.value);
  return Value(std::move(list));
}

std::uint64_t Siblings::fingerprint() const {
  std::uint64_t sum = 0;
  for (const Sibling& sibling : siblings_) {
    sum = folded(folded(folded(sum, sibling.clock.dot.node), sibling.clock.dot.count),
                 sibling.value);
  }
  return sum;
}

void Siblings::put(NumberWriter& out) const {
  out.put_size(siblings_.size());
  for (const Sibling& sibling : siblings_) {
    out.put(sibling.clock.dot);
    out.put(sibling.clock.past);
    out.put(sibling.value);
  }
}

Siblings Siblings::get(NumberReader& in) {
  Siblings read;
  for (std::size_t left = in.size(); left > 0 && in.ok(); --left) {
    Sibling sibling;
    sibling.clock.dot = in.dot();
    sibling.clock.past = in.clock();
    sibling.value = in.number();
    read.siblings_.push_back(std::move(sibling));
  }
  return read;
}

}  // namespace sunder::lattice
