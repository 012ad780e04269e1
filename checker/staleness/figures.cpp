#include "checker/staleness/figures.h"

#include <algorithm>
#include <map>

#include "checker/staleness/distribution.h"

namespace sunder::staleness {
namespace {

constexpr std::int64_t stretches = 100;
constexpr std::size_t processes_told = 50;

std::int64_t stale_ones(std::span<const Bound> bounds) {
  return std::count_if(bounds.begin(), bounds.end(), [](const Bound& one) { return one.stale(); });
}

std::int64_t invoked_at(const Registers& registers, const Bound& bound) {
  return registers[bound.read].invoked_at;
}

Value stretch_figures(std::int64_t begin, std::int64_t end, std::span<const Bound> bounds) {
  std::vector<std::int64_t> lags;
  for (const Bound& one : bounds) lags.push_back(one.stale_for);
  std::sort(lags.begin(), lags.end());
  return Map{{"begin", begin},
             {"end", end},
             {"reads", static_cast<std::int64_t>(bounds.size())},
             {"stale", stale_ones(bounds)},
             {"p50", quantile(lags, 500)},
             {"p99", quantile(lags, 990)},
             {"max", quantile(lags, 1000)}};
}

}  // namespace

Value staleness_figures(std::span<const Bound> bounds) {
  std::vector<std::int64_t> versions;
  std::vector<std::int64_t> times;
  for (const Bound& one : bounds) {
    versions.push_back(one.newer);
    times.push_back(one.stale_for);
  }
  std::int64_t stale = stale_ones(bounds);
  auto future = std::count_if(bounds.begin(), bounds.end(),
                              [](const Bound& one) { return one.from_future; });
  return Map{{"reads", static_cast<std::int64_t>(bounds.size())},
             {"stale", stale},
             {"stale_per_million", per_million(static_cast<std::uint64_t>(stale), bounds.size())},
             {"from_future", std::int64_t{future}},
             {"versions", distribution(std::move(versions))},
             {"time", distribution(std::move(times))}};
}

Value by_fault(const Registers& registers, const std::vector<Bound>& bounds,
               const FaultWatch& watch) {
  auto those = [&](auto chosen) {
    std::vector<Bound> some;
    std::copy_if(bounds.begin(), bounds.end(), std::back_inserter(some),
                 [&](const Bound& one) { return chosen(registers[one.read]); });
    return staleness_figures(some);
  };
  const auto& times = watch.times();
  Map faults;
  for (const auto& fault : times) {  // not by parts: clang 14 does not capture those
    faults[fault.first] =
        those([&](const Operation& read) { return within(fault.second, read.invoked_at); });
  }
  auto no_fault = [&](const Operation& read) {
    return std::none_of(times.begin(), times.end(), [&](const auto& fault) {
      return within(fault.second, read.invoked_at);
    });
  };
  Map map;
  map["all"] = staleness_figures(bounds);
  map["faults"] = std::move(faults);
  map["no_fault"] = those(no_fault);
  if (!times.empty() && watch.unrest().empty()) {
    map["after_quiet"] =
        those([&](const Operation& read) { return watch.quiet() < invocation(read); });
  }
  return map;
}

Value lag_over_time(const Registers& registers, const std::vector<Bound>& bounds) {
  List list;
  if (bounds.empty()) return list;
  std::vector<Bound> sorted = bounds;
  auto at = [&](const Bound& one) { return invoked_at(registers, one); };
  std::sort(sorted.begin(), sorted.end(),
            [&](const Bound& a, const Bound& b) { return at(a) < at(b); });
  std::int64_t first = at(sorted.front());
  // Unsigned, because times in a file may be anything.
  auto span = static_cast<std::uint64_t>(at(sorted.back())) - static_cast<std::uint64_t>(first);
  std::uint64_t length = span / stretches + 1;
  auto stretch_of = [&](const Bound& one) {
    return (static_cast<std::uint64_t>(at(one)) - static_cast<std::uint64_t>(first)) / length;
  };
  for (auto begin = sorted.begin(); begin != sorted.end();) {
    std::uint64_t stretch = stretch_of(*begin);
    auto end = std::find_if(begin, sorted.end(),
                            [&](const Bound& one) { return stretch_of(one) != stretch; });
    auto edge = [&](std::uint64_t number) {
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + number * length);
    };
    list.push_back(stretch_figures(edge(stretch), edge(stretch + 1), {begin, end}));
    begin = end;
  }
  return list;
}

Value missed_by_age(const std::vector<Bound>& bounds) {
  struct Count {
    Bucket bucket;
    std::uint64_t reads = 0;
    std::uint64_t missed = 0;
  };
  std::map<std::int64_t, Count> counts;  // by the bucket's beginning
  for (const Bound& one : bounds) {
    if (one.age < 0) continue;
    Bucket bucket = bucket_of(one.age);
    Count& count = counts.try_emplace(bucket.from, Count{.bucket = bucket}).first->second;
    ++count.reads;
    if (one.missed) ++count.missed;
  }
  List list;
  for (const auto& [from, count] : counts) {
    list.push_back(Map{{"from", from},
                       {"to", count.bucket.to},
                       {"reads", static_cast<std::int64_t>(count.reads)},
                       {"missed", static_cast<std::int64_t>(count.missed)},
                       {"missed_per_million", per_million(count.missed, count.reads)}});
  }
  return list;
}

Value by_process(const Registers& registers, const std::vector<Bound>& bounds,
                 std::span<const std::int32_t> processes) {
  struct Seen {
    std::int32_t process = 0;
    std::int64_t reads = 0;
    std::int64_t stale = 0;
    std::int64_t versions = 0;
    std::int64_t time = 0;
  };
  std::map<std::int32_t, Seen> all;
  for (const Bound& one : bounds) {
    std::int32_t process = processes[registers[one.read].session];
    Seen& seen = all[process];
    seen.process = process;
    ++seen.reads;
    seen.stale += one.stale() ? 1 : 0;
    seen.versions = std::max<std::int64_t>(seen.versions, one.newer);
    seen.time = std::max(seen.time, one.stale_for);
  }
  std::vector<Seen> sorted;
  for (const auto& [process, seen] : all) sorted.push_back(seen);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Seen& a, const Seen& b) { return a.time > b.time; });
  if (sorted.size() > processes_told) sorted.resize(processes_told);
  List list;
  for (const Seen& seen : sorted) {
    list.push_back(Map{{"process", static_cast<std::int64_t>(seen.process)},
                       {"reads", seen.reads},
                       {"stale", seen.stale},
                       {"versions_max", seen.versions},
                       {"time_max", seen.time}});
  }
  return list;
}

}  // namespace sunder::staleness
