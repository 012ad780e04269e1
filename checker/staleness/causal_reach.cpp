#include "checker/staleness/causal_reach.h"

#include <algorithm>
#include <numeric>

namespace sunder::staleness {

CausalReach::CausalReach(const Registers& registers, const Clusters& clusters)
    : registers_(registers), clusters_(clusters) {
  for (std::int32_t key = 0; key < clusters.keys(); ++key) {
    std::span<const Cluster> all = clusters.of_key(key);
    forward_in_time_ = forward_in_time_ && std::none_of(all.begin(), all.end(), [](auto& cluster) {
      return cluster.from_future();
    });
  }
}

void CausalReach::list_readers() {
  readers_begin_.assign(registers_.size() + 1, 0);
  auto each = [&](auto visit) {
    for (Index i = 0; i < registers_.size(); ++i) {
      const Operation& operation = registers_[i];
      if (operation.is_read() && operation.source != weak::initial) visit(operation.source, i);
    }
  };
  each([&](Index source, Index) { ++readers_begin_[source + 1]; });
  std::partial_sum(readers_begin_.begin(), readers_begin_.end(), readers_begin_.begin());
  readers_.resize(readers_begin_.back());
  std::vector<std::uint32_t> next = readers_begin_;
  each([&](Index source, Index reader) { readers_[next[source]++] = reader; });
  reached_.resize(registers_.sessions());
  for (std::uint32_t s = 0; s < registers_.sessions(); ++s) {
    reached_[s] = registers_.session_begin[s + 1];
  }
}

void CausalReach::reach(Index operation) {
  std::uint32_t session = registers_[operation].session;
  Index& from = reached_[session];
  if (operation >= from) return;
  if (from == registers_.session_begin[session + 1]) touched_.push_back(session);
  waiting_.push_back({operation, from});
  from = operation;
}

CausalReach::Answer CausalReach::overwriter_of(Index write, const weak::Limits& limits) {
  if (readers_begin_.empty()) list_readers();
  std::int32_t key = registers_[write].key;
  std::uint32_t horizon = forward_in_time_ ? 0 : weak::never;
  for (const Cluster& other : clusters_.of_key(key)) {
    if (other.write != weak::initial) {
      horizon = std::max(horizon, registers_[other.write].invoked);
    }
  }
  Answer answer{.decided = !limits.over()};
  std::uint64_t steps = 0;
  reach(write);
  while (!waiting_.empty() && answer.decided && answer.overwriter == weak::initial) {
    Stretch stretch = waiting_.back();
    waiting_.pop_back();
    for (Index i = stretch.begin; i < stretch.end; ++i) {
      const Operation& operation = registers_[i];
      if (operation.invoked > horizon) break;
      if (++steps % 4096 == 0 && limits.over()) answer.decided = false;
      if (operation.is_read()) continue;
      if (operation.key == key && i != write) answer.overwriter = i;
      for (Index r = readers_begin_[i]; r < readers_begin_[i + 1]; ++r) reach(readers_[r]);
    }
  }
  waiting_.clear();
  for (std::uint32_t s : touched_) reached_[s] = registers_.session_begin[s + 1];
  touched_.clear();
  return answer;
}

}  // namespace sunder::staleness
