#include "harness/core/link.h"

#include <algorithm>
#include <charconv>

namespace sunder {
namespace {

Duration travel_time(const LinkModel& model, Rng& rng) {
  Duration travel = model.delay;
  if (model.jitter.count() > 0) {
    switch (model.spread) {
      case Spread::exponential: travel += rng.exponential(model.jitter); break;
      case Spread::normal:
        travel = std::max(Duration{0}, travel + rng.normal(model.jitter));
        break;
      case Spread::pareto: travel += rng.pareto(model.jitter); break;
    }
  }
  if (model.reorder.numerator > 0 && rng.chance(model.reorder)) {
    Duration span = model.reorder_span.count() > 0 ? model.reorder_span
                                                   : 4 * (model.delay + model.jitter);
    travel += rng.between(Duration{0}, span);
  }
  return travel;
}

// A run ends before each packet with the chance 1 / loss_run, and begins so often that the share of
// lost packets is `loss`: loss / (1 - loss) / loss_run.
bool is_lost(const LinkModel& model, LinkLane& lane) {
  std::uint32_t lost = model.loss.numerator;
  if (lost == 0) return false;
  if (model.loss_run <= 1 || lost >= model.loss.denominator) return lane.rng.chance(model.loss);
  std::uint64_t passed = model.loss.denominator - lost;
  if (lane.losing) {
    lane.losing = lane.rng.below(model.loss_run) != 0;
  } else {
    lane.losing = lane.rng.below(passed * model.loss_run) < lost;
  }
  return lane.losing;
}

constexpr std::array<std::string_view, 3> spread_names = {"exponential", "normal", "pareto"};

void put_ratio(Map& map, const char* name, Ratio ratio) {
  if (ratio.numerator == 0) return;
  map[name] = std::to_string(ratio.numerator) + "/" + std::to_string(ratio.denominator);
}

void put_duration(Map& map, const char* name, Duration duration) {
  if (duration.count() > 0) map[name] = format_duration(duration);
}

/// Takes named fields out of a value, and remembers what was wrong with the first bad one.
class Fields {
 public:
  explicit Fields(const Value& value) : value_(value) {}

  Duration duration(const char* name) {
    const Value* found = value_.find(name);
    if (found == nullptr) return Duration{0};
    Result<Duration> parsed = parse_duration(found->is_text() ? found->text() : "");
    if (parsed) return *parsed;
    wrong(name, "a duration");
    return Duration{0};
  }
  Ratio ratio(const char* name) {
    const Value* found = value_.find(name);
    if (found == nullptr) return {};
    Ratio ratio;
    std::string_view text = found->is_text() ? std::string_view(found->text()) : "";
    const char* end = text.data() + text.size();
    auto upper = std::from_chars(text.data(), end, ratio.numerator);
    bool slash = upper.ec == std::errc{} && upper.ptr != end && *upper.ptr == '/';
    auto lower = slash ? std::from_chars(upper.ptr + 1, end, ratio.denominator) : upper;
    if (slash && lower.ec == std::errc{} && lower.ptr == end && ratio.denominator > 0) return ratio;
    wrong(name, "a ratio such as 1/5");
    return {};
  }
  std::int64_t integer(const char* name, std::int64_t least, std::int64_t otherwise) {
    const Value* found = value_.find(name);
    if (found == nullptr) return otherwise;
    if (found->is_integer() && found->integer() >= least) return found->integer();
    wrong(name, "an integer of at least " + std::to_string(least));
    return otherwise;
  }
  bool flag(const char* name) {
    const Value* found = value_.find(name);
    if (found == nullptr) return false;
    if (found->kind() == Value::Kind::boolean) return found->boolean();
    wrong(name, "true or false");
    return false;
  }
  Spread spread() {
    const Value* found = value_.find("spread");
    if (found == nullptr) return Spread::exponential;
    for (std::size_t i = 0; i < spread_names.size(); ++i) {
      if (found->is_text() && found->text() == spread_names[i]) return static_cast<Spread>(i);
    }
    wrong("spread", "exponential, normal or pareto");
    return Spread::exponential;
  }
  const std::string& error() const { return error_; }

 private:
  void wrong(const char* name, const std::string& what) {
    if (error_.empty()) error_ = "a link's " + std::string(name) + " must be " + what;
  }
  const Value& value_;
  std::string error_;
};

}  // namespace

Fate decide_fate(const LinkModel& model, LinkLane& lane) {
  Fate fate;
  Rng& rng = lane.rng;
  if (model.blocks_all() || is_lost(model, lane)) return fate;
  fate.corrupt = model.corrupt.numerator > 0 && rng.chance(model.corrupt);
  fate.copies = 1;
  fate.delays[0] = travel_time(model, rng);
  if (model.duplicate.numerator > 0 && rng.chance(model.duplicate)) {
    fate.copies = 2;
    fate.delays[1] = travel_time(model, rng);
  }
  return fate;
}

Fate then(const Fate& first, const Fate& second) {
  Fate both;
  if (first.copies == 0 || second.copies == 0) return both;
  both.copies = std::max(first.copies, second.copies);
  both.corrupt = first.corrupt || second.corrupt;
  both.delays[0] = first.delays[0] + second.delays[0];
  if (both.copies == 2) {
    both.delays[1] = first.delays[first.copies - 1] + second.delays[second.copies - 1];
  }
  return both;
}

Value to_value(const LinkModel& model) {
  Map map;
  put_duration(map, "delay", model.delay);
  put_duration(map, "jitter", model.jitter);
  if (model.spread != Spread::exponential) {
    map["spread"] = spread_names[static_cast<std::size_t>(model.spread)];
  }
  put_ratio(map, "loss", model.loss);
  if (model.loss_run > 1) map["loss_run"] = std::int64_t{model.loss_run};
  put_ratio(map, "duplicate", model.duplicate);
  put_ratio(map, "reorder", model.reorder);
  put_duration(map, "reorder_span", model.reorder_span);
  put_ratio(map, "corrupt", model.corrupt);
  if (model.rate > 0) map["rate"] = model.rate;
  if (model.frame_max > 0) map["frame_max"] = model.frame_max;
  if (model.blocked) map["blocked"] = true;
  if (model.port > 0) map["port"] = std::int64_t{model.port};
  if (model.refuse) map["refuse"] = true;
  if (model.reset) map["reset"] = true;
  if (model.hold) map["hold"] = true;
  return map;
}

Result<LinkModel> link_model_from(const Value& value) {
  if (!value.is_map()) return Error{Error::Code::malformed, "a link's model must be a map"};
  Fields fields(value);
  LinkModel model;
  model.delay = fields.duration("delay");
  model.jitter = fields.duration("jitter");
  model.spread = fields.spread();
  model.loss = fields.ratio("loss");
  constexpr std::int64_t run_max = 1'000'000;
  model.loss_run = static_cast<std::uint32_t>(
      std::min(run_max, fields.integer("loss_run", 1, 1)));
  model.duplicate = fields.ratio("duplicate");
  model.reorder = fields.ratio("reorder");
  model.reorder_span = fields.duration("reorder_span");
  model.corrupt = fields.ratio("corrupt");
  model.rate = fields.integer("rate", 0, 0);
  model.frame_max = fields.integer("frame_max", 0, 0);
  model.blocked = fields.flag("blocked");
  constexpr std::int64_t port_max = 65535;
  model.port = static_cast<std::uint16_t>(std::min(port_max, fields.integer("port", 0, 0)));
  model.refuse = fields.flag("refuse");
  model.reset = fields.flag("reset");
  model.hold = fields.flag("hold");
  if (!fields.error().empty()) return Error{Error::Code::malformed, fields.error()};
  return model;
}

}  // namespace sunder
