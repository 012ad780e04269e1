#include "checker/weak/one_order/hints.h"

namespace sunder::weak::one_order {
namespace {

struct Seen {
  std::uint32_t chain = nowhere;
  Slot by = nowhere;  // the last operation of the chain on the key
};

bool is_last_lesson(const Lessons& lessons, Slot first, Slot second) {
  bool same = false;
  lessons.any_of(second, [&](LessonId, Slot other) {
    same = other == first;
    return true;
  });
  return same;
}

}  // namespace

void learn_from_chains(const Instance& instance, const Components& components, Lessons& lessons) {
  std::vector<Seen> last(static_cast<std::size_t>(instance.keys));
  for (Slot at = 0; at < instance.size(); ++at) {
    Seen& seen = last[static_cast<std::size_t>(instance.key[at])];
    std::uint32_t chain = instance.chain[at];
    Slot previous = seen.chain == chain ? seen.by : nowhere;
    seen = {chain, at};
    if (previous == nowhere || instance.is_write(at)) continue;
    Pair pair{instance.value[previous], instance.value[at]};
    if (pair.first == pair.second || instance.is_initial(pair.first) ||
        instance.is_initial(pair.second) ||
        components.of[pair.first] != components.of[pair.second] ||
        is_last_lesson(lessons, pair.first, pair.second)) {
      continue;
    }
    std::vector<Wait> waits{{pair.first, at, Why::antidependency, no_lesson}};
    if (previous != pair.first) waits.push_back({previous, pair.first, Why::reads_from, no_lesson});
    lessons.add({&pair, 1}, waits, at);
  }
}

}  // namespace sunder::weak::one_order
