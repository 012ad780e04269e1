#pragma once
// Times in which a part of the harness was late.

#include <string>
#include <vector>

#include "harness/api/world.h"

namespace sunder {

/// Not thread-safe. Times closer than a while are one, so that a starved hour is a short list.
class LagLog {
 public:
  explicit LagLog(std::string where) : where_(std::move(where)) {}
  /// What was due at `due` came at `came`; only what is over the limit is kept.
  void note(Instant due, Instant came) { note_within(due, came, came - due); }
  /// Something was so late at some moment of this time.
  void note_within(Instant begin, Instant end, Duration late) {
    if (late <= limit) return;
    if (!lags_.empty() && begin - lags_.back().end <= join) {
      lags_.back().end = std::max(lags_.back().end, end);
      lags_.back().worst = std::max(lags_.back().worst, late);
    } else if (lags_.size() < lags_max) {
      lags_.push_back({begin, end, late, where_});
    }
  }
  const std::vector<HarnessLag>& lags() const { return lags_; }

 private:
  static constexpr Duration limit = std::chrono::milliseconds(20);
  static constexpr Duration join = std::chrono::milliseconds(200);
  static constexpr std::size_t lags_max = 10'000;
  std::string where_;
  std::vector<HarnessLag> lags_;
};

}  // namespace sunder
