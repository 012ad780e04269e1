#include "harness/core/link.h"

namespace sunder {
namespace {

Duration travel_time(const LinkModel& model, Rng& rng) {
  Duration travel = model.delay;
  if (model.jitter.count() > 0) travel += rng.exponential(model.jitter);
  if (model.reorder.numerator > 0 && rng.chance(model.reorder)) {
    travel += rng.between(Duration{0}, 4 * (model.delay + model.jitter));
  }
  return travel;
}

}  // namespace

Fate decide_fate(const LinkModel& model, Rng& rng) {
  Fate fate;
  if (model.blocked) return fate;
  if (model.loss.numerator > 0 && rng.chance(model.loss)) return fate;
  if (model.corrupt.numerator > 0 && rng.chance(model.corrupt)) return fate;
  fate.copies = 1;
  fate.delays[0] = travel_time(model, rng);
  if (model.duplicate.numerator > 0 && rng.chance(model.duplicate)) {
    fate.copies = 2;
    fate.delays[1] = travel_time(model, rng);
  }
  return fate;
}

Value to_value(const LinkModel& model) {
  Map map;
  auto put_ratio = [&](const char* name, Ratio ratio) {
    if (ratio.numerator == 0) return;
    map[name] = std::to_string(ratio.numerator) + "/" + std::to_string(ratio.denominator);
  };
  if (model.delay.count() > 0) map["delay"] = format_duration(model.delay);
  if (model.jitter.count() > 0) map["jitter"] = format_duration(model.jitter);
  put_ratio("loss", model.loss);
  put_ratio("duplicate", model.duplicate);
  put_ratio("reorder", model.reorder);
  put_ratio("corrupt", model.corrupt);
  if (model.rate > 0) map["rate"] = model.rate;
  if (model.blocked) map["blocked"] = true;
  if (model.hold) map["hold"] = true;
  return map;
}

}  // namespace sunder
