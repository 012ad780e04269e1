#pragma once
// A recorded history as immutable columns over one byte arena.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "harness/core/op.h"

namespace sunder {

/// Index of no op: an invocation that never completed, a completion without an invocation.
inline constexpr std::uint64_t no_op = UINT64_MAX;

/// One op of a history without copying it. Valid while the history lives.
struct OpView {
  std::uint64_t index;
  Instant time;
  Process process;
  Phase phase;
  std::string_view verb;
  ValueView value;
  std::string_view error;
  std::uint64_t pair;  // index of the completion of an invocation, and back; or no_op
  Op op() const;       // a copy that owns everything
};

/// Immutable, cheap to copy. Positions are dense: history[i].index == i.
class History {
 public:
  History();
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  OpView operator[](std::size_t index) const;

 private:
  friend class HistoryBuilder;
  struct Columns {
    std::vector<std::int64_t> time;
    std::vector<std::int32_t> process;
    std::vector<std::uint8_t> phase;
    std::vector<std::uint32_t> verb;
    std::vector<std::uint64_t> pair;
    std::vector<std::uint64_t> value;  // offset into the arena
    std::vector<std::uint8_t> arena;
    std::vector<std::string> verbs;                         // interned
    std::unordered_map<std::uint64_t, std::string> errors;  // looked up only, never iterated
  };
  explicit History(std::shared_ptr<const Columns> columns) : columns_(std::move(columns)) {}
  std::shared_ptr<const Columns> columns_;
};

/// Collects ops in order and pairs each completion with the open invocation of its process.
class HistoryBuilder {
 public:
  HistoryBuilder();
  /// Appends an op; its index field is ignored, the dense position is used. Returns that position.
  std::uint64_t add(const Op& op);
  /// The same of an op of another history or reader; its pair field is ignored too.
  std::uint64_t add_copy(const OpView& op);
  /// What a completion completes, and back as soon as it has come; or no_op.
  std::uint64_t pair(std::uint64_t index) const { return columns_->pair[index]; }
  std::size_t size() const { return columns_->time.size(); }
  History take();  // leaves the builder empty

 private:
  std::uint64_t add_all_but_value(const OpView& op);
  std::uint32_t intern(std::string_view verb);

  std::shared_ptr<History::Columns> columns_;
  std::unordered_map<std::int32_t, std::uint64_t> open_;  // process -> open invocation, or no_op
  std::unordered_map<std::string, std::uint32_t> verbs_;  // looked up only
};

}  // namespace sunder
