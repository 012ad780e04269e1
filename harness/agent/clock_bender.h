#pragma once
// Bends a host's wall clock: steps it, and leads it along a wrong course until it is set right.

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "harness/agent/right_time.h"
#include "harness/agent/undo_journal.h"
#include "harness/core/clock_course.h"

namespace sunder {

/// While a course is on, a thread of its own keeps the clock to it. All but that happens on the
/// caller's thread: the journal is written there, before anything is done.
class ClockBender {
 public:
  /// Both must outlive the bender.
  ClockBender(HostClock& clock, UndoJournal& journal) : clock_(clock), journal_(journal) {}
  ~ClockBender() { stop_course(); }
  ClockBender(const ClockBender&) = delete;
  ClockBender& operator=(const ClockBender&) = delete;

  Status step(Duration by);
  /// Replaces the course that the clock was on; what its rate has gained stays.
  Status bend(const ClockCourse& course);
  /// Sets the clock right, from what was saved before the first fault. Of a right one: nothing.
  Status reset();
  bool bent() const { return journal_.has(UndoJournal::clock); }

  /// The clock as read now, and how far it is off what it would show if no fault had been.
  struct State {
    Duration wall{0};
    Duration offset{0};
  };
  State state() const;

 private:
  Status begin();
  void stop_course();
  void work();
  void keep_course();
  Duration pause() const;
  std::optional<ClockRate> rate_for(std::int64_t rate_ppm) const;
  Duration wanted_at(Duration boot_time) const;

  HostClock& clock_;
  UndoJournal& journal_;
  std::optional<RightTime> right_;  // once a fault has been
  mutable std::mutex mutex_;        // guards the clock and what follows, while the thread runs
  Duration stepped_{0};             // by steps, and by courses that are over
  ClockCourse course_;
  Duration course_begun_{0};        // time since boot
  bool smooth_ = false;             // the kernel makes the clock run at the course's rate
  bool stopping_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace sunder
