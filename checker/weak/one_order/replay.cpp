#include "checker/weak/one_order/replay.h"

#include <algorithm>

namespace sunder::weak::one_order {
namespace {

std::vector<std::uint32_t> places_in(std::span<const Index> order, std::size_t size) {
  std::vector<std::uint32_t> places(size, never);
  if (order.size() != size) return {};
  for (std::uint32_t place = 0; place < order.size(); ++place) {
    if (order[place] >= size || places[order[place]] != never) return {};
    places[order[place]] = place;
  }
  return places;
}

bool is_legal(const Registers& registers, std::span<const Index> order) {
  std::vector<Index> present(static_cast<std::size_t>(registers.keys), initial);
  for (Index at : order) {
    Index& value = present[static_cast<std::size_t>(registers[at].key)];
    if (registers[at].is_write()) value = at;
    if (registers[at].is_read() && registers[at].source != value) return false;
  }
  return true;
}

bool keeps_sessions(const Registers& registers, Base base,
                    const std::vector<std::uint32_t>& places) {
  std::int64_t last = -1;       // the latest place in the session so far
  std::int64_t last_read = -1;  // of its reads
  for (Index at = 0; at < registers.size(); ++at) {
    if (!registers.has_previous(at)) last = last_read = -1;
    bool may_be_missing = base == Base::prefixes && registers[at].is_read();
    if (places[at] < (may_be_missing ? last_read : last)) return false;
    last = std::max<std::int64_t>(last, places[at]);
    if (registers[at].is_read()) last_read = std::max<std::int64_t>(last_read, places[at]);
  }
  return true;
}

// No write was invoked after what follows it in the order had returned.
bool keeps_times(const Registers& registers, std::span<const Index> order) {
  std::uint32_t first_return = never;
  for (std::size_t i = order.size(); i-- > 0;) {
    const Operation& what = registers[order[i]];
    if (what.is_write() && first_return < what.invoked) return false;
    first_return = std::min(first_return, what.returned);
  }
  return true;
}

}  // namespace

bool is_witness(const Registers& registers, Base base, std::span<const Index> order) {
  std::vector<std::uint32_t> places = places_in(order, registers.size());
  if (places.size() != registers.size()) return false;
  if (!is_legal(registers, order) || !keeps_sessions(registers, base, places)) return false;
  return base != Base::sessions_and_times || keeps_times(registers, order);
}

}  // namespace sunder::weak::one_order
