#include "nodes/dynamo/phi_accrual.h"

#include <algorithm>
#include <array>

namespace sunder::dynamo {
namespace {

constexpr std::size_t window_max = 64;
// An interval that spans an outage says nothing of how regular heartbeats are; a window with a few
// of them would take minutes to suspect anybody again (Cassandra leaves them out for that reason).
constexpr std::int64_t plausible = 10;  // times the expected interval

// How many thousandths of the deviation above the mean phi reaches 0, 1, 2 ... whole: the quantiles
// of the normal distribution for tails of 10^-phi. At 0 it has no quantile; the mean has phi 0.3.
constexpr std::array<std::int64_t, 13> quantiles = {0,    1282, 2326, 3090, 3719, 4265, 4753,
                                                    5199, 5612, 5998, 6361, 6706, 7034};

std::int64_t square_root(std::int64_t number) {
  std::int64_t root = 0;
  for (std::int64_t bit = std::int64_t{1} << 31; bit > 0; bit >>= 1) {
    std::int64_t next = root + bit;
    if (next <= number / next) root = next;
  }
  return root;
}

}  // namespace

PhiAccrual::PhiAccrual(Duration expected, Instant now) : expected_(expected), last_(now) {
  window_.push_back(expected);
  sum_ = expected;
}

void PhiAccrual::heard(Instant now) {
  Duration interval = now - last_;
  last_ = now;
  if (interval < Duration{0} || interval > plausible * expected_) return;
  window_.push_back(interval);
  sum_ += interval;
  if (window_.size() <= window_max) return;
  sum_ -= window_.front();
  window_.pop_front();
}

// At least half the expected interval: a stream that was perfectly regular so far would otherwise
// be suspected at its first hiccup.
Duration PhiAccrual::deviation() const {
  auto mean = sum_.count() / static_cast<std::int64_t>(window_.size());
  std::int64_t squares = 0;
  for (Duration interval : window_) {
    std::int64_t micros = (interval.count() - mean) / 1000;
    squares += micros * micros;
  }
  std::int64_t micros = square_root(squares / static_cast<std::int64_t>(window_.size()));
  return std::max(Duration(micros * 1000), expected_ / 2);
}

std::int64_t PhiAccrual::phi_milli(Instant now) const {
  Duration mean = sum_ / static_cast<std::int64_t>(window_.size());
  Duration late = now - last_ - mean;
  if (late <= Duration{0}) return 0;
  std::int64_t quantile = late.count() / std::max<std::int64_t>(deviation().count() / 1000, 1);
  for (std::size_t whole = 1; whole < quantiles.size(); ++whole) {
    if (quantile >= quantiles[whole]) continue;
    std::int64_t step = quantiles[whole] - quantiles[whole - 1];
    return static_cast<std::int64_t>(whole - 1) * 1000 +
           (quantile - quantiles[whole - 1]) * 1000 / step;
  }
  return phi_max;
}

}  // namespace sunder::dynamo
