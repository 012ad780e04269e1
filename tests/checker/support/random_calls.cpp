#include "tests/checker/support/random_calls.h"

#include "checker/linearizable/verbs.h"

namespace sunder::testing_support {

using linearizable::Call;
using linearizable::Operation;
using linearizable::Operations;

Operations at_random_moments(Rng& rng, std::vector<Call> calls, std::uint32_t crash_per_mille) {
  for (std::size_t i = calls.size(); i > 1; --i) std::swap(calls[i - 1], calls[rng.below(i)]);
  std::uint64_t eagerness = 2 + rng.below(6);  // of 10: to begin another call before one returns
  Operations operations;
  std::vector<std::size_t> open;
  std::uint32_t position = 0;
  while (operations.size() < calls.size() || !open.empty()) {
    bool begin = open.empty() || (operations.size() < calls.size() && rng.below(10) < eagerness);
    if (begin) {
      Operation operation{.call = calls[operations.size()], .invoked = position++};
      if (!rng.chance({crash_per_mille, 1000})) open.push_back(operations.size());
      operations.push_back(operation);
      continue;
    }
    std::size_t at = rng.below(open.size());
    operations[open[at]].returned = position++;
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return operations;
}

std::vector<Call> container_calls(Rng& rng) {
  using namespace linearizable::container_verb;
  std::vector<Call> calls;
  auto values = static_cast<std::int32_t>(1 + rng.below(5));
  for (std::int32_t value = 1; value <= values; ++value) {
    if (rng.below(20) != 0) calls.push_back({.verb = add, .input = value});
    if (rng.below(4) != 0) calls.push_back({.verb = take, .output = value});
    if (rng.below(60) == 0) calls.push_back({.verb = take, .output = value});
  }
  for (; rng.below(4) == 0;) calls.push_back({.verb = take_empty});
  return calls;
}

std::vector<Call> set_calls(Rng& rng) {
  using namespace linearizable::set_verb;
  std::vector<Call> calls;
  auto elements = static_cast<std::int32_t>(1 + rng.below(3));
  for (std::int32_t element = 1; element <= elements; ++element) {
    auto call = [&](std::uint32_t verb) { calls.push_back({.verb = verb, .input = element}); };
    if (rng.below(10) != 0) call(rng.below(2) == 0 ? add : add_any);
    if (rng.below(2) == 0) call(rng.below(2) == 0 ? remove : remove_any);
    if (rng.below(2) == 0) call(rng.below(3) == 0 ? add_present : contains);
    if (rng.below(2) == 0) call(rng.below(3) == 0 ? remove_absent : absent);
    if (rng.below(4) == 0) call(absent);
    if (rng.below(4) == 0) call(contains);
  }
  return calls;
}

std::vector<Call> counter_calls(Rng& rng) {
  using namespace linearizable::counter_verb;
  std::vector<Call> calls(1 + rng.below(4), {.verb = add, .input = 1});
  std::uint64_t adds = calls.size();
  for (std::uint64_t reads = rng.below(5); reads > 0; --reads) {
    calls.push_back({.verb = read, .output = static_cast<std::int32_t>(rng.below(adds + 1))});
  }
  return calls;
}

std::vector<Call> lock_calls(Rng& rng) {
  using namespace linearizable::lock_verb;
  std::vector<Call> calls(1 + rng.below(4), {.verb = acquire});
  calls.insert(calls.end(), calls.size() - rng.below(2), {.verb = release});
  return calls;
}

std::vector<Call> register_calls(Rng& rng) {
  using namespace linearizable::register_verb;
  std::vector<Call> calls;
  auto values = static_cast<std::int32_t>(1 + rng.below(5));
  auto any = [&] {
    return static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(values) + 1));
  };
  for (std::int32_t value = 1; value <= values; ++value) {
    if (rng.below(3) == 0) {
      // A cas that finds what it leaves only reads.
      calls.push_back({.verb = cas, .input = any(), .output = value});
    } else if (rng.below(30) != 0) {
      calls.push_back({.verb = write, .input = value});
    }
  }
  for (std::uint64_t reads = rng.below(5); reads > 0; --reads) {
    calls.push_back({.verb = read, .output = any()});
  }
  return calls;
}

}  // namespace sunder::testing_support
