#include <algorithm>

#include "harness/core/assert.h"
#include "tests/checker/weak/support/litmus.h"

namespace sunder::weak::support {
namespace {

std::string name_of(std::int32_t key) {
  static constexpr std::string_view names = "xyzuvabcdefghijk";
  ASSERT(static_cast<std::size_t>(key) < names.size());
  return std::string(1, names[static_cast<std::size_t>(key)]);
}

/// Drops what surely had no effect and what nobody noticed, as history.h says. Places are those of
/// the ops in history_of(), so that both ways lead to the same.
class LitmusDecoder {
 public:
  explicit LitmusDecoder(const Litmus& litmus) : litmus_(litmus) { place_events(); }

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
    registers_.operations.push_back({.kind = from.kind,
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
  std::vector<std::uint32_t> invoked_;  // of each operation of the litmus: its place
  std::vector<std::uint32_t> returned_;
  std::vector<std::size_t> origins_;  // of each operation: its index in the litmus
  std::vector<std::size_t> pending_;  // writes of unknown outcome that nobody read
};

}  // namespace

Result<Registers> registers_of(const Litmus& litmus) { return LitmusDecoder(litmus).run(); }

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
