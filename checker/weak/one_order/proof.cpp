#include "checker/weak/one_order/proof.h"

#include <algorithm>

namespace sunder::weak::one_order {
namespace {

std::vector<Index> operations_of(const Instance& instance, const Lessons& lessons) {
  std::vector<std::uint8_t> used(instance.size(), 0);
  std::vector<std::uint8_t> visited(lessons.count(), 0);
  std::vector<LessonId> stack{static_cast<LessonId>(lessons.count() - 1)};
  auto use = [&](Slot slot) {
    used[slot] = 1;
    if (!instance.is_initial(instance.value[slot])) used[instance.value[slot]] = 1;
  };
  while (!stack.empty()) {
    LessonId id = stack.back();
    stack.pop_back();
    if (visited[id] != 0) continue;
    visited[id] = 1;
    for (const Wait& wait : lessons[id].waits) {
      use(wait.waiting);
      use(wait.on);
      if (wait.lesson != no_lesson) stack.push_back(wait.lesson);
    }
  }
  std::vector<Index> operations;
  for (Slot slot = 0; slot < instance.size(); ++slot) {
    if (used[slot] != 0) operations.push_back(instance.operation[slot]);
  }
  std::sort(operations.begin(), operations.end());
  return operations;
}

// Of the waits in reverse, so that each constraint begins where the one before it ends.
std::vector<Constraint> circle_of(const Instance& instance, const Lessons& lessons,
                                  std::span<const Wait> waits) {
  std::vector<Constraint> circle;
  for (std::size_t i = waits.size(); i-- > 0;) {
    const Wait& wait = waits[i];
    Slot next = waits[(i + 1) % waits.size()].waiting;
    if (instance.chain[next] != instance.chain[wait.on] || next > wait.on) return {};
    Index on = instance.operation[wait.on];
    Constraint constraint{.before = on, .after = instance.operation[wait.waiting], .why = wait.why};
    if (wait.lesson != no_lesson) {
      Lesson lesson = lessons[wait.lesson];
      if (lesson.pairs.size() != 1 || lesson.because == nowhere) return {};
      constraint.because = instance.operation[lesson.because];
    }
    if (next != wait.on) circle.push_back({.before = instance.operation[next], .after = on});
    circle.push_back(constraint);
  }
  return circle;
}

}  // namespace

Finding refutation(const Instance& instance, const Lessons& lessons) {
  Finding finding{.outcome = Outcome::refuted};
  finding.core = operations_of(instance, lessons);
  Lesson last = lessons[static_cast<LessonId>(lessons.count() - 1)];
  finding.circle = circle_of(instance, lessons, last.waits);
  if (finding.circle.empty()) {
    finding.reason = "Whichever way the concurrent writes among these " +
                     std::to_string(finding.core.size()) +
                     " operations are ordered, some of them would have to come before each other.";
  }
  return finding;
}

}  // namespace sunder::weak::one_order
