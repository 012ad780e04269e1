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

std::string name_of(std::int32_t key) {
  static constexpr std::string_view names = "xyzuvabcdefghijk";
  ASSERT(static_cast<std::size_t>(key) < names.size());
  return std::string(1, names[static_cast<std::size_t>(key)]);
}

/// One call or answer in the order of time.
struct Event {
  std::int64_t time;
  bool answers;
  std::size_t operation;
  auto operator<=>(const Event&) const = default;
};

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

/// Drops what surely had no effect and what nobody noticed, as history.h says. Places are those of
/// the ops in history_of(), so that both ways lead to the same.
class Decoding {
 public:
  explicit Decoding(const Litmus& litmus) : litmus_(litmus) { place_events(); }

  Result<Registers> run() {
    for (std::size_t i = 0; i < litmus_.operations.size(); ++i) {
      const LitmusOperation& operation = litmus_.operations[i];
      if (i != 0 && operation.session != litmus_.operations[i - 1].session) close_session();
      if (surely_happened(operation)) {
        add(i);
      } else if (operation.outcome == Phase::info && operation.kind == Kind::write) {
        pending_.push_back(i);
      }
      if (operation.outcome == Phase::info) close_session();
    }
    close_session();
    for (std::size_t i = 0; i < registers_.size(); ++i) {
      if (registers_.operations[i].is_write() || set_source(i)) continue;
      const LitmusOperation& read = litmus_.operations[origins_[i]];
      return Error{Error::Code::malformed,
                   read.key + std::to_string(read.value) + " was read, but not written"};
    }
    add_pending();
    registers_.keys = static_cast<std::int32_t>(keys_.size());
    return std::move(registers_);
  }

 private:
  void place_events() {
    invoked_.resize(litmus_.operations.size());
    returned_.resize(litmus_.operations.size(), never);
    std::uint32_t place = 0;
    for (const Event& event : events_of(litmus_)) {
      (event.answers ? returned_ : invoked_)[event.operation] = place++;
    }
  }

  bool surely_happened(const LitmusOperation& operation) const {
    if (operation.outcome != Phase::info) return operation.outcome == Phase::ok;
    if (operation.kind == Kind::read) return false;
    return std::any_of(litmus_.operations.begin(), litmus_.operations.end(),
                       [&](const LitmusOperation& read) {
                         return read.kind == Kind::read && read.outcome == Phase::ok &&
                                read.key == operation.key && read.value == operation.value;
                       });
  }

  std::int32_t dense(const std::string& key) {
    auto found = std::find(keys_.begin(), keys_.end(), key);
    auto number = static_cast<std::int32_t>(found - keys_.begin());
    if (found == keys_.end()) keys_.push_back(key);
    return number;
  }

  void add(std::size_t at) {
    const LitmusOperation& from = litmus_.operations[at];
    bool open = from.outcome == Phase::info;
    registers_.operations.push_back(
        {.kind = from.kind,
         .key = dense(from.key),
         .session = static_cast<std::uint32_t>(registers_.sessions()),
         .invoked = invoked_[at],
         .returned = open ? never : returned_[at],
         .invoked_at = from.invoked,
         .returned_at = open ? INT64_MAX : from.returned});
    origins_.push_back(at);
  }

  void close_session() {
    auto size = static_cast<Index>(registers_.size());
    if (size != registers_.session_begin.back()) registers_.session_begin.push_back(size);
  }

  bool set_source(std::size_t at) {
    const LitmusOperation& read = litmus_.operations[origins_[at]];
    if (read.value == 0) return true;
    for (Index i = 0; i < registers_.size(); ++i) {
      const LitmusOperation& write = litmus_.operations[origins_[i]];
      if (write.kind == Kind::write && write.key == read.key && write.value == read.value) {
        registers_.operations[at].source = i;
        return true;
      }
    }
    return false;
  }

  void add_pending() {
    for (std::size_t at : pending_) dense(litmus_.operations[at].key);
    if (!pending_.empty()) registers_.pending_since.assign(keys_.size(), never);
    for (std::size_t at : pending_) {
      auto key = static_cast<std::size_t>(dense(litmus_.operations[at].key));
      std::uint32_t& since = registers_.pending_since[key];
      since = std::min(since, invoked_[at]);
    }
  }

  const Litmus& litmus_;
  Registers registers_;
  std::vector<std::string> keys_;
  std::vector<std::uint32_t> invoked_;   // of each operation of the litmus: its place
  std::vector<std::uint32_t> returned_;
  std::vector<std::size_t> origins_;     // of each operation: its index in the litmus
  std::vector<std::size_t> pending_;     // writes of unknown outcome that nobody read
};

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

Result<Registers> registers_of(const Litmus& litmus) { return Decoding(litmus).run(); }

Litmus litmus_of(const Registers& registers) {
  Litmus litmus;
  litmus.sessions = static_cast<std::uint32_t>(registers.sessions());
  std::vector<int> values(registers.size());
  std::vector<int> written(static_cast<std::size_t>(registers.keys));
  for (Index i = 0; i < registers.size(); ++i) {
    if (registers[i].is_write()) {
      values[i] = ++written[static_cast<std::size_t>(registers[i].key)];
    }
  }
  for (Index i = 0; i < registers.size(); ++i) {
    const Operation& operation = registers[i];
    int value = values[i];
    if (operation.is_read()) value = operation.source == initial ? 0 : values[operation.source];
    litmus.operations.push_back({.kind = operation.kind,
                                 .key = name_of(operation.key),
                                 .value = value,
                                 .session = operation.session,
                                 .outcome = operation.returned == never ? Phase::info : Phase::ok,
                                 .invoked = operation.invoked_at,
                                 .returned = operation.returned_at});
  }
  return litmus;
}

std::string to_text(const Registers& registers) { return to_text(litmus_of(registers)); }

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

Registers registers_of(std::string_view text) {
  Result<Litmus> litmus = parse_litmus(text);
  ASSERT_MSG(litmus, text);
  Result<Registers> registers = registers_of(*litmus);
  ASSERT_MSG(registers, text);
  return *std::move(registers);
}

void place_by_time(Registers& registers) {
  Litmus times;
  for (const Operation& operation : registers.operations) {
    times.operations.push_back(
        {.invoked = operation.invoked_at, .returned = operation.returned_at});
  }
  for (Operation& operation : registers.operations) operation.returned = never;
  std::uint32_t place = 0;
  for (const Event& event : events_of(times)) {
    Operation& operation = registers.operations[event.operation];
    (event.answers ? operation.returned : operation.invoked) = place++;
  }
}

void set_usual_times(Registers& registers) {
  for (Index i = 0; i < registers.size(); ++i) {
    Operation& operation = registers.operations[i];
    operation.invoked_at = 2 * (i - registers.session_begin[operation.session]);
    operation.returned_at = operation.invoked_at + 1;
  }
  place_by_time(registers);
}

}  // namespace sunder::weak::support
