#include "nodes/clock/dotted.h"

#include <charconv>

namespace sunder::clock {
namespace {

/// Takes a number that is not negative from the front of a text.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Order DottedVector::compare(const DottedVector& other) const {
  if (dot == other.dot) return Order::equal;
  if (covers(past, other.dot)) return Order::after;
  return covers(other.past, dot) ? Order::before : Order::concurrent;
}

VectorClock DottedVector::ceiling() const {
  VectorClock all = past;
  if (dot.count > 0) all.raise(static_cast<std::size_t>(dot.node), dot.count);
  return all;
}

std::string to_string(const DottedVector& clock) {
  return std::to_string(clock.dot.node) + ":" + std::to_string(clock.dot.count) + " " +
         to_string(clock.past);
}

std::optional<DottedVector> parse_dotted_vector(std::string_view text) {
  std::optional<std::int64_t> node = take_number(text);
  if (!node || *node >= static_cast<std::int64_t>(VectorClock::nodes_max)) return {};
  if (!take(text, ':')) return {};
  std::optional<std::int64_t> count = take_number(text);
  if (!count || !take(text, ' ')) return {};
  std::optional<VectorClock> past = parse_vector_clock(text);
  if (!past) return {};
  return DottedVector{{*node, *count}, *std::move(past)};
}

}  // namespace sunder::clock
