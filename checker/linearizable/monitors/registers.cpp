// Registers in which every value is set once.
//
// A write and the reads of its value happen in one block with no other write between, and a cas
// follows the block of the value it found, so blocks tied by a cas are one. Two blocks contradict
// each other when each has an operation that returned before one of the other was called.

#include <algorithm>

#include "checker/linearizable/monitors/contents.h"
#include "checker/linearizable/monitors/monitors.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

using Outcome = Decision::Outcome;
using register_verb::cas;
using register_verb::failed_cas;
using register_verb::read;
using register_verb::write;

constexpr const char* korach = "Gibbons and Korach: SIAM J. Comput. 26 (1997), section 4.2";

/// What the history says of one value.
struct Content {
  std::uint32_t setter = no_operation;      // its write, or the cas that left it
  std::uint32_t next = no_operation;        // the cas that found it
  std::uint32_t first_read = no_operation;  // the read that returns first
  std::uint32_t last_read = no_operation;   // the read that is called last
  bool found = false;                       // by a call that surely happened
  bool placed = false;                      // its block is known
};

/// Values that follow each other by cas. A block is alive from its first return to its last call;
/// when that is the wrong way round, all its operations have the time between in common.
struct Block {
  std::int32_t value = 0;              // the first
  std::uint32_t first = no_operation;  // the operation that returns first
  std::uint32_t last = no_operation;   // the operation that is called last
};

bool is_read(const Call& call) {
  return call.verb == read || (call.verb == cas && call.input == call.output);
}
std::int32_t value_left(const Call& call) { return call.verb == write ? call.input : call.output; }

class Registers {
 public:
  Registers(std::span<const Operation> operations, std::int32_t initial)
      : operations_(operations), initial_(initial) {}

  Decision run(bool wants_order) {
    if (!collect()) return {};
    settle_crashed();
    if (std::optional<Decision> wrong = from_nowhere()) return *wrong;
    if (rival_ != no_operation) return two_cas();
    if (std::optional<Decision> wrong = build_blocks()) return *wrong;
    if (std::optional<Decision> wrong = compare_blocks()) return *wrong;
    Decision decision{.outcome = Outcome::linearizable};
    if (wants_order) decision.order = witness();
    return decision;
  }

 private:
  Content& content(std::int32_t value) {
    auto at = static_cast<std::size_t>(value);
    if (at >= contents_.size()) contents_.resize(std::max(2 * contents_.size(), at + 1));
    return contents_[at];
  }
  std::uint32_t invoked(std::uint32_t i) const { return operations_[i].invoked; }
  std::uint32_t returned(std::uint32_t i) const { return operations_[i].returned; }

  /// False when this is no history for a monitor: a value is set twice, or a cas failed.
  bool collect() {
    content(initial_);
    for (std::uint32_t i = 0; i < operations_.size(); ++i) {
      const Operation& operation = operations_[i];
      if (operation.call.verb == failed_cas) return false;
      if (is_read(operation.call)) {
        if (!operation.crashed()) add_read(i, content(operation.call.output));
        continue;
      }
      std::int32_t left = value_left(operation.call);
      Content& set = content(left);
      if (set.setter != no_operation || left == initial_) return false;
      set.setter = i;
      if (operation.call.verb != cas) continue;
      if (operation.crashed()) {
        crashed_.push_back(i);
      } else {
        add_cas(i);
      }
    }
    return true;
  }

  void add_read(std::uint32_t i, Content& seen) {
    seen.found = true;
    if (seen.first_read == no_operation || returned(i) < returned(seen.first_read)) {
      seen.first_read = i;
    }
    seen.last_read = i;  // operations come in order of their calls
  }

  void add_cas(std::uint32_t i) {
    Content& seen = content(operations_[i].call.input);
    seen.found = true;
    if (seen.next == no_operation) {
      seen.next = i;
    } else if (seen.next != i && rival_ == no_operation) {
      rival_ = i;
    }
  }

  /// A crashed cas whose value was found did happen, and so found its own; others need not have.
  void settle_crashed() {
    std::vector<std::uint32_t> work = crashed_;
    while (!work.empty()) {
      std::uint32_t i = work.back();
      work.pop_back();
      if (!content(operations_[i].call.output).found) continue;
      bool known = content(operations_[i].call.input).found;
      add_cas(i);
      std::uint32_t before = content(operations_[i].call.input).setter;
      bool crashed_cas = before != no_operation && operations_[before].crashed() &&
                         operations_[before].call.verb == cas;
      if (!known && crashed_cas) work.push_back(before);
    }
  }

  bool exists(const Content& content) const {
    return content.setter != no_operation &&
           (content.found || !operations_[content.setter].crashed());
  }

  Decision two_cas() {
    return refuted({.name = "two-cas-of-one-value",
                    .theorem = "a value that was set once is replaced once",
                    .operations = {content(operations_[rival_].call.input).next, rival_},
                    .explanation = "both found a value that was set only once, and replaced it."});
  }

  std::optional<Decision> from_nowhere() {
    for (std::size_t value = 0; value < contents_.size(); ++value) {
      const Content& seen = contents_[value];
      bool there = seen.setter != no_operation || static_cast<std::int32_t>(value) == initial_;
      if (!seen.found || there) continue;
      return refuted({.name = "value-from-nowhere",
                      .theorem = "a register holds what was set last",
                      .operations = {seen.first_read != no_operation ? seen.first_read : seen.next},
                      .explanation = "a value was found that was never set."});
    }
    return {};
  }

  std::optional<Decision> build_blocks() {
    if (std::optional<Decision> wrong = build_block(initial_)) return wrong;
    for (std::size_t value = 0; value < contents_.size(); ++value) {
      const Content& set = contents_[value];
      if (!exists(set) || operations_[set.setter].call.verb != write) continue;
      if (auto wrong = build_block(static_cast<std::int32_t>(value))) return wrong;
    }
    for (const Content& set : contents_) {
      if (exists(set) && !set.placed) return cas_cycle(set.setter);
    }
    return {};
  }

  /// Follows the values from one that no cas left. Each operation must be able to happen after all
  /// that come before it in the block.
  std::optional<Decision> build_block(std::int32_t value) {
    Block block{.value = value};
    for (std::uint32_t setter = content(value).setter;;) {
      Content& here = content(value);
      here.placed = true;
      for (auto [first, last] :
           {std::pair(setter, setter), std::pair(here.first_read, here.last_read)}) {
        if (first == no_operation) continue;
        if (block.last != no_operation && returned(first) < invoked(block.last)) {
          return value_order(block.last, first);
        }
        if (block.first == no_operation || returned(first) < returned(block.first)) {
          block.first = first;
        }
        if (block.last == no_operation || invoked(last) > invoked(block.last)) block.last = last;
      }
      setter = here.next;
      if (setter == no_operation) break;
      value = operations_[setter].call.output;
    }
    if (block.last != no_operation) blocks_.push_back(block);
    return {};
  }

  static Decision value_order(std::uint32_t before, std::uint32_t after) {
    return refuted({.name = "value-order",
                    .theorem = "a call happens between its invocation and its return",
                    .operations = {before, after},
                    .explanation = "the second call builds on the value of the first, and returned "
                                   "before the first was called."});
  }

  Decision cas_cycle(std::uint32_t setter) {
    Pattern pattern{.name = "cas-cycle",
                    .theorem = "a value that was set once is found only afterwards",
                    .operations = {},
                    .explanation =
                        "each found the value that the one before it left, around a "
                        "circle, and each value was set only once."};
    // Going back from anywhere leads into the circle, and then around it.
    auto before = [&](std::uint32_t i) { return content(operations_[i].call.input).setter; };
    for (std::size_t steps = 0; steps < contents_.size(); ++steps) setter = before(setter);
    std::uint32_t at = setter;
    do {
      pattern.operations.push_back(at);
      at = before(at);
    } while (at != setter);
    std::reverse(pattern.operations.begin(), pattern.operations.end());
    return refuted(std::move(pattern));
  }

  bool begins_with_initial() const { return !blocks_.empty() && blocks_.front().value == initial_; }
  std::uint32_t first_return(const Block& block) const { return returned(block.first); }
  std::uint32_t last_call(const Block& block) const { return invoked(block.last); }
  bool is_forward(const Block& block) const { return first_return(block) < last_call(block); }

  Decision crossing(const Block& a, const Block& b) const {
    return refuted({.name = "crossing-blocks",
                    .theorem = korach,
                    .operations = {a.first, a.last, b.first, b.last},
                    .explanation = "the first two calls belong to one value and so do the last "
                                   "two, but each value was in use before and after the other."});
  }

  std::optional<Decision> compare_blocks() {
    std::size_t from = begins_with_initial() ? 1 : 0;
    for (std::size_t i = from; i < blocks_.size(); ++i) {
      const Block& block = blocks_[i];
      if (from == 1 && first_return(block) < last_call(blocks_[0])) {
        return refuted({.name = "initial-value-again",
                        .theorem = korach,
                        .operations = {block.first, blocks_[0].last},
                        .explanation = "the second call needs the value that the register began "
                                       "with, after the first used another one."});
      }
      auto index = static_cast<std::uint32_t>(i);
      if (is_forward(block)) {
        forward_.push_back({first_return(block), index});
      } else {
        backward_.push_back({last_call(block), index});
      }
    }
    sort_by_key(forward_);
    sort_by_key(backward_);
    for (std::size_t i = 1; i < forward_.size(); ++i) {
      const Block& before = blocks_[forward_[i - 1].index];
      const Block& after = blocks_[forward_[i].index];
      if (last_call(before) > first_return(after)) return crossing(before, after);
    }
    std::size_t next = 0;  // the first forward block that begins later
    for (Keyed& keyed : backward_) {
      while (next < forward_.size() && forward_[next].key < keyed.key) ++next;
      if (next == 0) continue;
      const Block& around = blocks_[forward_[next - 1].index];
      const Block& block = blocks_[keyed.index];
      if (first_return(block) < last_call(around)) return crossing(around, block);
      // Its operations have an instant in common behind that block.
      keyed.key = std::max(keyed.key, last_call(around));
    }
    return {};
  }

  std::vector<std::uint32_t> witness() {
    std::vector<std::uint32_t> order;
    order.reserve(operations_.size());
    list_reads();
    if (begins_with_initial()) write_block(blocks_[0], order);
    std::vector<Keyed> all = forward_;
    all.insert(all.end(), backward_.begin(), backward_.end());
    sort_by_key(all);
    for (const Keyed& keyed : all) write_block(blocks_[keyed.index], order);
    return order;
  }

  /// The reads of each value, in order of their calls.
  void list_reads() {
    reads_from_.assign(contents_.size() + 1, 0);
    auto each = [&](auto visit) {
      for (std::uint32_t i = 0; i < operations_.size(); ++i) {
        const Operation& operation = operations_[i];
        if (is_read(operation.call) && !operation.crashed()) {
          visit(i, static_cast<std::size_t>(operation.call.output));
        }
      }
    };
    each([&](std::uint32_t, std::size_t value) { ++reads_from_[value + 1]; });
    for (std::size_t at = 1; at < reads_from_.size(); ++at) reads_from_[at] += reads_from_[at - 1];
    reads_.resize(reads_from_.back());
    std::vector<std::uint32_t> next = reads_from_;
    each([&](std::uint32_t i, std::size_t value) { reads_[next[value]++] = i; });
  }

  void write_block(const Block& block, std::vector<std::uint32_t>& order) {
    std::int32_t value = block.value;
    for (std::uint32_t setter = content(value).setter;;) {
      if (setter != no_operation) order.push_back(setter);
      auto at = static_cast<std::size_t>(value);
      for (std::uint32_t i = reads_from_[at]; i < reads_from_[at + 1]; ++i) {
        order.push_back(reads_[i]);
      }
      setter = contents_[at].next;
      if (setter == no_operation) return;
      value = operations_[setter].call.output;
    }
  }

  std::span<const Operation> operations_;
  std::int32_t initial_;
  std::vector<Content> contents_;       // by value
  std::vector<std::uint32_t> crashed_;  // every cas that crashed
  std::uint32_t rival_ = no_operation;  // a cas that found what another one found
  std::vector<Block> blocks_;           // the one of the initial value first, if it has operations
  std::vector<Keyed> forward_;          // blocks by first return
  std::vector<Keyed> backward_;         // the others by where they fit
  std::vector<std::uint32_t> reads_;
  std::vector<std::uint32_t> reads_from_;  // by value
};

}  // namespace

Decision register_monitor(std::span<const Operation> operations, std::int32_t initial,
                          bool wants_order) {
  return Registers(operations, initial).run(wants_order);
}

}  // namespace sunder::linearizable
