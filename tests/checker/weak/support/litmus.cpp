#include "tests/checker/weak/support/litmus.h"

#include <algorithm>
#include <charconv>

#include "harness/core/assert.h"

namespace sunder::weak::support {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Result<Litmus> run() {
    do {
      if (!session()) return wrong();
      ++litmus_.sessions;
    } while (skipped("|"));
    if (!rest_.empty()) return wrong();
    if (timed_ != 0 && timed_ != litmus_.operations.size()) {
      return Error{Error::Code::malformed, "some operations have times and some have none"};
    }
    if (timed_ == 0) add_usual_times();
    return std::move(litmus_);
  }

 private:
  Error wrong() const {
    return {Error::Code::malformed, "cannot read '" + std::string(rest_) + "'"};
  }

  bool session() {
    if (skipped("P") && !number()) return false;
    std::size_t before = litmus_.operations.size();
    for (skip_blanks(); !rest_.empty() && rest_[0] != '|'; skip_blanks()) {
      if (!operation()) return false;
    }
    return litmus_.operations.size() > before;
  }

  bool operation() {
    LitmusOperation read{.session = litmus_.sessions};
    if (skipped("w")) {
      read.kind = Kind::write;
    } else if (!skipped("r")) {
      return false;
    }
    if (skipped("?")) read.outcome = Phase::info;
    if (skipped("!")) read.outcome = Phase::fail;
    if (!skipped("(")) return false;
    while (!rest_.empty() && is_letter(rest_[0])) read.key += take();
    std::optional<std::int64_t> value = number();
    if (read.key.empty() || !value || !skipped(")")) return false;
    read.value = static_cast<int>(*value);
    if (!rest_.empty() && rest_[0] == '@' && !times(read)) return false;
    litmus_.operations.push_back(read);
    return true;
  }

  bool times(LitmusOperation& operation) {
    ++timed_;
    take();
    std::optional<std::int64_t> invoked = number();
    if (!invoked || !skipped("-")) return false;
    operation.invoked = *invoked;
    if (rest_.empty() || !is_digit(rest_[0])) {
      operation.outcome = Phase::info;
      return true;
    }
    std::optional<std::int64_t> returned = number();
    operation.returned = returned.value_or(0);
    return operation.returned > operation.invoked;
  }

  void add_usual_times() {
    std::int64_t step = 0;
    std::uint32_t session = 0;
    for (LitmusOperation& operation : litmus_.operations) {
      step = operation.session == session ? step : 0;
      session = operation.session;
      operation.invoked = 2 * step;
      operation.returned = 2 * step + 1;
      ++step;
    }
  }

  std::optional<std::int64_t> number() {
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{} || value < 0 || value > 1'000'000'000) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  char take() {
    char first = rest_[0];
    rest_.remove_prefix(1);
    return first;
  }

  void skip_blanks() {
    while (!rest_.empty() && rest_[0] == ' ') rest_.remove_prefix(1);
  }

  bool skipped(std::string_view word) {
    skip_blanks();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::string_view rest_;
  Litmus litmus_;
  std::size_t timed_ = 0;
};

bool has_usual_times(const Litmus& litmus) {
  std::int64_t step = 0;
  std::uint32_t session = 0;
  for (const LitmusOperation& operation : litmus.operations) {
    step = operation.session == session ? step : 0;
    session = operation.session;
    if (operation.invoked != 2 * step || operation.returned != 2 * step + 1) return false;
    ++step;
  }
  return true;
}

}  // namespace

Result<Litmus> parse_litmus(std::string_view text) { return Parser(text).run(); }

std::string to_text(const Litmus& litmus) {
  std::string text;
  bool times = !has_usual_times(litmus);
  std::uint32_t session = 0;
  for (const LitmusOperation& operation : litmus.operations) {
    if (!text.empty()) text += operation.session == session ? " " : " | ";
    session = operation.session;
    text += operation.kind == Kind::read ? "r" : "w";
    bool answered = operation.returned != INT64_MAX;
    if (operation.outcome == Phase::info && answered) text += "?";
    if (operation.outcome == Phase::fail) text += "!";
    text += "(" + operation.key + std::to_string(operation.value) + ")";
    if (!times) continue;
    text += "@" + std::to_string(operation.invoked) + "-";
    if (answered) text += std::to_string(operation.returned);
  }
  return text;
}

std::vector<Event> events_of(const Litmus& litmus) {
  std::vector<Event> events;
  for (std::size_t i = 0; i < litmus.operations.size(); ++i) {
    const LitmusOperation& operation = litmus.operations[i];
    events.push_back({operation.invoked, false, i});
    if (operation.returned != INT64_MAX) events.push_back({operation.returned, true, i});
  }
  std::sort(events.begin(), events.end());
  return events;
}

History history_of(const Litmus& litmus) {
  HistoryBuilder builder;
  std::vector<std::int32_t> processes(litmus.sessions);
  for (std::uint32_t i = 0; i < litmus.sessions; ++i) processes[i] = static_cast<std::int32_t>(i);
  for (const Event& event : events_of(litmus)) {
    const LitmusOperation& operation = litmus.operations[event.operation];
    std::int32_t& process = processes[operation.session];
    Op op{.time = Instant{} + std::chrono::nanoseconds(event.time),
          .process = Process{process},
          .verb = operation.kind == Kind::read ? "read" : "write"};
    bool unknown = operation.kind == Kind::read &&
                   (!event.answers || operation.outcome != Phase::ok || operation.value == 0);
    op.value = Value::pair(operation.key, unknown ? Value() : Value(operation.value));
    if (event.answers) {
      op.phase = operation.outcome;
      if (op.phase != Phase::ok) op.error = "timed out";
      if (op.phase == Phase::info) process += static_cast<std::int32_t>(litmus.sessions);
    }
    builder.add(op);
  }
  return builder.take();
}

}  // namespace sunder::weak::support
