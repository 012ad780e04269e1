#include "tests/checker/weak/support/generate.h"

#include <algorithm>

namespace sunder::weak::support {
namespace {

std::string random_key(Rng& rng, std::uint64_t keys) {
  static constexpr std::string_view names = "xyz";
  return std::string(1, names[rng.below(keys)]);
}

bool is_write_of(const LitmusOperation& operation, const std::string& key) {
  return operation.kind == Kind::write && operation.key == key;
}

}  // namespace

void put_in_order(Litmus& litmus) {
  std::stable_sort(litmus.operations.begin(), litmus.operations.end(),
                   [](const auto& a, const auto& b) { return a.session < b.session; });
  std::uint32_t before = UINT32_MAX;
  litmus.sessions = 0;
  for (LitmusOperation& operation : litmus.operations) {
    if (operation.session != before) ++litmus.sessions;
    before = operation.session;
    operation.session = litmus.sessions - 1;
  }
}

namespace {

int fresh_value(const Litmus& litmus, const std::string& key) {
  int value = 1;
  for (const LitmusOperation& operation : litmus.operations) {
    if (is_write_of(operation, key)) value = std::max(value, operation.value + 1);
  }
  return value;
}

int random_value(const Litmus& litmus, const std::string& key, Rng& rng) {
  std::vector<int> values{0};
  for (const LitmusOperation& operation : litmus.operations) {
    if (is_write_of(operation, key)) values.push_back(operation.value);
  }
  return values[rng.below(values.size())];
}

void mend_reads(Litmus& litmus, Rng& rng) {
  for (LitmusOperation& read : litmus.operations) {
    if (read.kind == Kind::write || read.value == 0) continue;
    bool written = std::any_of(
        litmus.operations.begin(), litmus.operations.end(), [&](const LitmusOperation& operation) {
          return is_write_of(operation, read.key) && operation.value == read.value;
        });
    if (!written) read.value = random_value(litmus, read.key, rng);
  }
}

LitmusOperation random_operation(const Litmus& litmus, std::uint64_t keys, Rng& rng) {
  LitmusOperation operation{.kind = rng.below(2) == 0 ? Kind::read : Kind::write};
  operation.key = random_key(rng, keys);
  operation.value = operation.kind == Kind::write ? fresh_value(litmus, operation.key)
                                                  : random_value(litmus, operation.key, rng);
  return operation;
}

void insert(Litmus& litmus, LitmusOperation operation, Rng& rng) {
  std::size_t at = rng.below(litmus.operations.size() + 1);
  bool last = at == litmus.operations.size();
  operation.session = last ? litmus.sessions : litmus.operations[at].session;
  litmus.operations.insert(litmus.operations.begin() + static_cast<std::ptrdiff_t>(at), operation);
}

LitmusOperation remove(Litmus& litmus, Rng& rng) {
  auto at =
      litmus.operations.begin() + static_cast<std::ptrdiff_t>(rng.below(litmus.operations.size()));
  LitmusOperation removed = *at;
  litmus.operations.erase(at);
  return removed;
}

/// Moves one call or answer by a few nanoseconds; put right by what follows in its session.
void move_event(Litmus& litmus, Rng& rng) {
  LitmusOperation& operation = litmus.operations[rng.below(litmus.operations.size())];
  std::int64_t by = rng.between(std::int64_t{1}, std::int64_t{12});
  if (rng.below(2) == 0) {
    operation.invoked = std::max<std::int64_t>(0, operation.invoked - by);
  } else if (operation.returned != INT64_MAX) {
    operation.returned += by;
  }
}

/// Keeps the operations of a session one after another, and only its last one unanswered.
void mend_times(Litmus& litmus) {
  std::int64_t free = 0;
  for (std::size_t i = 0; i < litmus.operations.size(); ++i) {
    LitmusOperation& operation = litmus.operations[i];
    bool first = i == 0 || litmus.operations[i - 1].session != operation.session;
    bool last =
        i + 1 == litmus.operations.size() || litmus.operations[i + 1].session != operation.session;
    if (!first) operation.invoked = std::max(operation.invoked, free);
    bool open = operation.returned == INT64_MAX && last && operation.kind == Kind::write;
    if (operation.returned == INT64_MAX && !open) operation.returned = 0;
    operation.outcome = open ? Phase::info : Phase::ok;
    operation.returned = std::max(operation.returned, operation.invoked + 1);
    if (operation.returned != INT64_MAX) free = operation.returned + 1;
  }
}

}  // namespace

Litmus random_litmus(Rng& rng, std::size_t operations) {
  Litmus litmus;
  std::uint64_t keys = 1 + rng.below(3);
  std::uint64_t sessions = 1 + rng.below(4);
  for (std::size_t i = 0; i < operations; ++i) {
    LitmusOperation operation = random_operation(litmus, keys, rng);
    operation.session = static_cast<std::uint32_t>(rng.below(sessions));
    litmus.operations.push_back(operation);
  }
  for (LitmusOperation& operation : litmus.operations) {
    // Half of the reads may read from writes that stand after them too.
    if (operation.kind == Kind::read && rng.below(2) == 0) {
      operation.value = random_value(litmus, operation.key, rng);
    }
  }
  put_in_order(litmus);
  set_random_times(litmus, rng);
  return litmus;
}

void set_random_times(Litmus& litmus, Rng& rng) {
  std::vector<std::size_t> next(litmus.sessions, 0);  // event of each session: calls are even
  std::vector<std::vector<LitmusOperation*>> sessions(litmus.sessions);
  for (LitmusOperation& operation : litmus.operations) {
    sessions[operation.session].push_back(&operation);
  }
  std::int64_t gap = rng.below(2) == 0 ? 1 : 15;
  std::int64_t now = 0;
  for (std::size_t left = 2 * litmus.operations.size(); left > 0;) {
    std::size_t session = rng.below(sessions.size());
    std::size_t event = next[session];
    if (event == 2 * sessions[session].size()) continue;
    LitmusOperation& operation = *sessions[session][event / 2];
    now += rng.between(std::int64_t{1}, gap);
    (event % 2 == 0 ? operation.invoked : operation.returned) = now;
    ++next[session];
    --left;
    bool last = event + 1 == 2 * sessions[session].size();
    operation.outcome = Phase::ok;
    if (!last || operation.kind == Kind::read || rng.below(6) != 0) continue;
    operation.outcome = Phase::info;
    operation.returned = INT64_MAX;
  }
}

void change(Litmus& litmus, Rng& rng) {
  LitmusOperation& any = litmus.operations[rng.below(litmus.operations.size())];
  std::uint64_t what = rng.below(8);
  if (what == 0 && any.kind == Kind::read) any.value = random_value(litmus, any.key, rng);
  if (what == 1) insert(litmus, random_operation(litmus, 3, rng), rng);
  if (what == 2 && litmus.operations.size() > 1) remove(litmus, rng);
  if (what == 3) insert(litmus, remove(litmus, rng), rng);
  if (what == 4) {
    std::string key = random_key(rng, 3);
    if (any.kind == Kind::write) any.value = fresh_value(litmus, key);
    any.key = key;
  }
  if (what == 5) {
    any.kind = any.kind == Kind::read ? Kind::write : Kind::read;
    any.value =
        any.kind == Kind::write ? fresh_value(litmus, any.key) : random_value(litmus, any.key, rng);
  }
  if (what == 6) move_event(litmus, rng);
  if (what == 7 && rng.below(4) == 0) any.session = static_cast<std::uint32_t>(rng.below(4));
  put_in_order(litmus);
  mend_reads(litmus, rng);
  if (what == 7 && rng.below(2) == 0) set_random_times(litmus, rng);
  mend_times(litmus);
}

void lose_answers(Litmus& litmus, Rng& rng, bool failures) {
  for (LitmusOperation& operation : litmus.operations) {
    std::uint64_t drawn = rng.below(12);
    if (drawn < 2) operation.outcome = Phase::info;
    bool answered = operation.returned != INT64_MAX;
    if (failures && drawn == 2 && answered) operation.outcome = Phase::fail;
  }
}

Registers without(const Registers& registers, Index operation) {
  std::vector<Index> kept;
  for (Index i = 0; i < registers.size(); ++i) {
    bool reads_it = registers[i].is_read() && registers[i].source == operation;
    if (i != operation && !reads_it) kept.push_back(i);
  }
  return restrict(registers, kept);
}

}  // namespace sunder::weak::support
