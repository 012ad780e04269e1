#include "tests/checker/weak/support/enumerate.h"

#include <algorithm>
#include <set>

#include "tests/checker/weak/support/litmus.h"

namespace sunder::weak::support {
namespace {

class Enumeration {
 public:
  Enumeration(const Bounds& bounds, const Visit& visit) : bounds_(bounds), visit_(visit) {}

  void run() { divide(bounds_.operations, bounds_.operations); }

 private:
  // Sessions stand in order of their lengths, the longest first.
  void divide(std::size_t left, std::size_t longest) {
    if (left == 0) {
      begin();
      add_operation(0, 0);
      return;
    }
    if (lengths_.size() == bounds_.sessions) return;
    for (std::size_t length = std::min(left, longest); length > 0; --length) {
      lengths_.push_back(length);
      divide(left - length, length);
      lengths_.pop_back();
    }
  }

  void begin() {
    made_ = {};
    for (std::size_t length : lengths_) {
      auto session = static_cast<std::uint32_t>(made_.sessions());
      made_.operations.resize(made_.size() + length, {.session = session});
      made_.session_begin.push_back(static_cast<Index>(made_.size()));
    }
  }

  // Keys are numbered in the order in which they appear.
  void add_operation(std::size_t at, std::int32_t keys) {
    if (at == made_.size()) {
      made_.keys = keys;
      add_source(0);
      return;
    }
    for (std::int32_t key = 0; key <= keys && key < bounds_.keys; ++key) {
      for (Kind kind : {Kind::read, Kind::write}) {
        made_.operations[at].kind = kind;
        made_.operations[at].key = key;
        add_operation(at + 1, std::max(keys, key + 1));
      }
    }
  }

  void add_source(std::size_t at) {
    if (at == made_.size()) {
      if (!is_smallest_name()) return;
      set_usual_times(made_);
      visit_(made_);
      return;
    }
    Operation& operation = made_.operations[at];
    operation.source = initial;
    add_source(at + 1);
    if (operation.is_write()) return;
    for (Index write = 0; write < made_.size(); ++write) {
      if (!made_[write].is_write() || made_[write].key != operation.key) continue;
      operation.source = write;
      add_source(at + 1);
    }
    operation.source = initial;
  }

  // Whether no other order of sessions of equal lengths gives the history a smaller name.
  bool is_smallest_name() const {
    std::vector<std::uint32_t> order(made_.sessions());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    const std::vector<std::uint32_t> own = name(order);
    while (std::next_permutation(order.begin(), order.end())) {
      bool same_lengths = true;
      for (std::size_t i = 0; i < order.size(); ++i) {
        same_lengths = same_lengths && lengths_[order[i]] == lengths_[i];
      }
      if (same_lengths && name(order) < own) return false;
    }
    return true;
  }

  std::vector<std::uint32_t> name(const std::vector<std::uint32_t>& order) const {
    std::vector<std::uint32_t> places(made_.size());
    std::uint32_t place = 0;
    for (std::uint32_t session : order) {
      for (Index i = made_.session_begin[session]; i < made_.session_begin[session + 1]; ++i) {
        places[i] = place++;
      }
    }
    std::vector<std::uint32_t> text;
    std::vector<std::int32_t> keys;
    for (std::uint32_t session : order) {
      for (const Operation& operation : made_.session(session)) {
        auto key = std::find(keys.begin(), keys.end(), operation.key);
        text.push_back(static_cast<std::uint32_t>(key - keys.begin()));
        if (key == keys.end()) keys.push_back(operation.key);
        text.push_back(operation.is_write() ? 1 : 0);
        text.push_back(operation.source == initial ? initial : places[operation.source]);
      }
    }
    return text;
  }

  const Bounds& bounds_;
  const Visit& visit_;
  std::vector<std::size_t> lengths_;
  Registers made_;
};

/// Every order of the calls and answers of sessions; kept when it relates other operations than
/// those before.
class AllTimings {
 public:
  explicit AllTimings(const std::vector<std::size_t>& lengths) : lengths_(lengths) {
    std::size_t size = 0;
    for (std::size_t length : lengths) {
      begins_.push_back(size);
      size += length;
    }
    made_.resize(size);
    events_.resize(lengths.size());
  }

  std::vector<Timing> run() {
    add_event(0);
    return std::move(found_);
  }

 private:
  void add_event(std::uint32_t place) {
    if (place == 2 * made_.size()) {
      if (seen_.insert(relation()).second) found_.push_back(made_);
      return;
    }
    for (std::size_t session = 0; session < lengths_.size(); ++session) {
      std::size_t& event = events_[session];
      if (event == 2 * lengths_[session]) continue;
      auto& [invoked, returned] = made_[begins_[session] + event / 2];
      (event % 2 == 0 ? invoked : returned) = place;
      ++event;
      add_event(place + 1);
      --event;
    }
  }

  std::vector<bool> relation() const {
    std::vector<bool> pairs;
    for (const auto& before : made_) {
      for (const auto& after : made_) pairs.push_back(before.second < after.first);
    }
    return pairs;
  }

  const std::vector<std::size_t>& lengths_;
  std::vector<std::size_t> begins_;
  std::vector<std::size_t> events_;  // of each session, so far
  Timing made_;
  std::set<std::vector<bool>> seen_;
  std::vector<Timing> found_;
};

void add_pairs(std::size_t operations, std::size_t pair, Relation& made,
               std::vector<Relation>& found) {
  if (pair == operations * operations) {
    if (made == made.closure() && !made.relates_one_to_itself()) found.push_back(made);
    return;
  }
  auto before = static_cast<Index>(pair / operations);
  auto after = static_cast<Index>(pair % operations);
  add_pairs(operations, pair + 1, made, found);
  if (before == after || made.has(after, before)) return;
  Relation longer = made;
  longer.add(before, after);
  add_pairs(operations, pair + 1, longer, found);
}

}  // namespace

void each_history(const Bounds& bounds, const Visit& visit) { Enumeration(bounds, visit).run(); }

std::vector<Timing> timings(const std::vector<std::size_t>& lengths) {
  return AllTimings(lengths).run();
}

std::vector<std::size_t> session_lengths(const Registers& registers) {
  std::vector<std::size_t> lengths;
  for (std::uint32_t i = 0; i < registers.sessions(); ++i) {
    lengths.push_back(registers.session(i).size());
  }
  return lengths;
}

void set_timing(Registers& registers, const Timing& timing, std::int64_t step) {
  for (std::size_t i = 0; i < registers.size(); ++i) {
    Operation& operation = registers.operations[i];
    operation.invoked = timing[i].first;
    operation.returned = timing[i].second;
    operation.invoked_at = step * timing[i].first;
    operation.returned_at = step * timing[i].second;
  }
}

std::vector<Relation> partial_orders(std::size_t operations) {
  std::vector<Relation> found;
  Relation empty;
  add_pairs(operations, 0, empty, found);
  return found;
}

}  // namespace sunder::weak::support
