#include "checker/domain/counter_calls.h"

#include "checker/domain/shapes.h"

namespace sunder::domain {

Reading CounterChecker::begin_call(std::size_t at, std::string_view verb, ValueView arguments) {
  bool up = verb == "increment" || verb == "inc";
  bool down = verb == "decrement" || verb == "dec";
  bool reads = verb == "read";
  if (!up && !down && !reads && verb != "add") return Reading::refused;
  std::optional<std::int64_t> amount = summable(arguments);
  if (reads || (arguments.is_nil() && (up || down))) amount = reads ? 0 : 1;
  if (!amount) return Reading::refused;
  is_read_.resize(at);
  numbers_.resize(at);
  stamps_.resize(at);
  has_stamp_.resize(at);
  is_read_.push_back(reads ? 1 : 0);
  numbers_.push_back(down ? -*amount : *amount);
  stamps_.push_back(0);
  has_stamp_.push_back(0);
  return Reading::understood;
}

Reading CounterChecker::end_call(std::size_t at, ValueView answer, std::string_view) {
  if (!call(at).ok()) return Reading::understood;
  if (!is_read(at)) {
    std::optional<std::int64_t> repeated = summable(answer);
    bool fits = answer.is_nil() || (repeated && std::abs(*repeated) == std::abs(numbers_[at]));
    return fits ? Reading::understood : Reading::refused;
  }
  ValueView value = answer;
  if (answer.kind() == Value::Kind::map) {
    value = entry(answer, "value").value_or(ValueView());
    ValueView stamp = entry(answer, "ts").value_or(ValueView());
    if (stamp.kind() == Value::Kind::integer) {
      has_stamp_[at] = 1;
      stamps_[at] = stamp.integer();
    } else if (!stamp.is_nil()) {
      return Reading::refused;
    }
  }
  std::optional<std::int64_t> number = summable(value);
  numbers_[at] = number.value_or(0);
  return number ? Reading::understood : Reading::refused;
}

std::string CounterChecker::expects() const {
  return "add of an integer, increment and decrement by an integer or by one, read (the integer)";
}

std::optional<std::int64_t> CounterChecker::stamp(std::size_t at) const {
  return has_stamp_[at] != 0 ? std::optional(stamps_[at]) : std::nullopt;
}

void CounterChecker::Sums::sum_up() {
  std::sort(steps.begin(), steps.end());
  for (std::size_t i = 1; i < steps.size(); ++i) steps[i].second += steps[i - 1].second;
}

std::int64_t CounterChecker::Sums::before(std::uint32_t position) const {
  auto after = std::lower_bound(steps.begin(), steps.end(), position,
                                [](const auto& step, std::uint32_t p) { return step.first < p; });
  return after == steps.begin() ? 0 : std::prev(after)->second;
}

void CounterChecker::add_up(Calls calls, std::int64_t initial) {
  initial_ = initial;
  for (Sums* sums : {&up_begun_, &up_done_, &down_begun_, &down_done_}) sums->steps.clear();
  for (std::uint32_t at : calls) {
    if (is_read(at) || call(at).failed()) continue;
    bool up = numbers_[at] > 0;
    (up ? up_begun_ : down_begun_).steps.emplace_back(call(at).invoked, numbers_[at]);
    if (!call(at).ok()) continue;
    (up ? up_done_ : down_done_).steps.emplace_back(call(at).completed, numbers_[at]);
  }
  for (Sums* sums : {&up_begun_, &up_done_, &down_begun_, &down_done_}) sums->sum_up();
}

CounterChecker::Bounds CounterChecker::bounds(std::size_t read) const {
  std::uint32_t begun = call(read).invoked;
  std::uint32_t ended = call(read).completed;
  return {initial_ + up_done_.before(begun) + down_begun_.before(ended),
          initial_ + up_begun_.before(ended) + down_done_.before(begun)};
}

std::string CounterChecker::read_text(std::size_t at) const {
  return told(at, "read of " + std::to_string(numbers_[at]));
}

Map CounterChecker::detail_of(std::size_t read) const {
  Map map;
  map["read"] = static_cast<std::int64_t>(call(read).invoked);
  map["value"] = numbers_[read];
  return map;
}

}  // namespace sunder::domain
