#include "checker/weak/one_order/instance.h"

#include <algorithm>
#include <numeric>

namespace sunder::weak::one_order {

Instance::Instance(const Registers& registers, Base base_order)
    : base(base_order), keys(registers.keys) {
  lay_out(registers);
  find_values(registers);
  if (base == Base::sessions_and_times) find_returns(registers);
}

void Instance::lay_out(const Registers& registers) {
  std::size_t count = registers.size();
  operation.reserve(count);
  chain.reserve(count);
  auto add = [&](Index at) {
    operation.push_back(at);
    chain.push_back(static_cast<std::uint32_t>(chain_begin.size()));
  };
  auto end_chain = [&] { chain_begin.push_back(static_cast<Slot>(operation.size())); };
  chain_begin.push_back(0);
  for (std::size_t session = 0; session < registers.sessions(); ++session) {
    Index begin = registers.session_begin[session];
    Index end = registers.session_begin[session + 1];
    if (base != Base::prefixes) {
      for (Index at = begin; at < end; ++at) add(at);
      end_chain();
      continue;
    }
    for (Kind kind : {Kind::read, Kind::write}) {
      for (Index at = begin; at < end; ++at) {
        if (registers[at].kind == kind) add(at);
      }
      end_chain();
    }
  }
  for (std::uint32_t& which : chain) --which;
}

void Instance::find_values(const Registers& registers) {
  std::size_t count = size();
  std::vector<Slot> slot_of(count);
  for (Slot at = 0; at < count; ++at) slot_of[operation[at]] = at;
  key.resize(count);
  value.resize(count);
  readers_begin_.assign(count + static_cast<std::size_t>(keys) + 1, 0);
  for (Slot at = 0; at < count; ++at) {
    const Operation& what = registers[operation[at]];
    key[at] = what.key;
    value[at] = at;
    if (what.is_write()) continue;
    value[at] = what.source == initial ? initial_of(what.key) : slot_of[what.source];
    ++readers_begin_[value[at] + 1];
  }
  std::partial_sum(readers_begin_.begin(), readers_begin_.end(), readers_begin_.begin());
  readers_.resize(readers_begin_.back());
  std::vector<std::uint32_t> filled(readers_begin_.begin(), readers_begin_.end() - 1);
  for (Slot at = 0; at < count; ++at) {
    if (!is_write(at)) readers_[filled[value[at]]++] = at;
  }
  if (base != Base::prefixes) return;
  earlier.assign(count, nowhere);
  Slot last_read = nowhere;
  for (Index at = 0; at < count; ++at) {
    if (!registers.has_previous(at)) last_read = nowhere;
    if (registers[at].is_read()) last_read = slot_of[at];
    if (registers[at].is_write()) earlier[slot_of[at]] = last_read;
  }
}

void Instance::find_returns(const Registers& registers) {
  std::size_t count = size();
  by_return.resize(count);
  std::iota(by_return.begin(), by_return.end(), Slot{0});
  auto returned = [&](Slot at) { return registers[operation[at]].returned; };
  std::sort(by_return.begin(), by_return.end(),
            [&](Slot a, Slot b) { return std::pair(returned(a), a) < std::pair(returned(b), b); });
  return_rank.resize(count);
  for (std::uint32_t rank = 0; rank < count; ++rank) return_rank[by_return[rank]] = rank;
  returned_before.assign(count, 0);
  for (Slot at = 0; at < count; ++at) {
    if (!is_write(at)) continue;
    auto first_later = std::partition_point(by_return.begin(), by_return.end(), [&](Slot other) {
      return returned(other) < registers[operation[at]].invoked;
    });
    returned_before[at] = static_cast<std::uint32_t>(first_later - by_return.begin());
  }
}

}  // namespace sunder::weak::one_order
