#include "tests/checker/support/right_objects.h"

#include <deque>

namespace sunder::testing_support {
namespace {

Op asks(const char* verb, Value value = {}) { return Op{.verb = verb, .value = std::move(value)}; }

class RightSet final : public RightObject {
 public:
  Op ask(Rng& rng, int) override { return rng.below(8) == 0 ? asks("read") : asks("add", ++next_); }
  std::vector<Op> finale() override { return {asks("read"), asks("read")}; }
  void apply(Op& op) override {
    if (op.verb == "add")
      elements_.push_back(op.value);
    else
      op.value = elements_;
  }

 private:
  int next_ = 0;
  List elements_;
};

class RightCounter final : public RightObject {
 public:
  Op ask(Rng& rng, int) override { return rng.below(4) == 0 ? asks("read") : asks("add", 1); }
  std::vector<Op> finale() override { return {asks("read"), asks("read")}; }
  void apply(Op& op) override {
    if (op.verb == "add")
      ++value_;
    else
      op.value = value_;
  }

 private:
  int value_ = 0;
};

/// Gives growing numbers: ids, or timestamps.
class RightNumbers final : public RightObject {
 public:
  explicit RightNumbers(const char* verb) : verb_(verb) {}
  Op ask(Rng&, int) override { return asks(verb_); }
  void apply(Op& op) override { op.value = ++next_; }

 private:
  const char* verb_;
  int next_ = 0;
};

class RightQueue final : public RightObject {
 public:
  explicit RightQueue(QueueOrder order) : order_(order) {}
  Op ask(Rng& rng, int) override {
    if (rng.below(5) < 2) return asks("dequeue");
    return asks("enqueue", (++next_ * 37) % 1009);  // in no order
  }
  std::vector<Op> finale() override { return {asks("drain")}; }
  void apply(Op& op) override {
    if (op.verb == "enqueue") {
      elements_.push_back(op.value);
    } else if (op.verb == "dequeue") {
      op.value = elements_.empty() ? Value() : take();
    } else {
      List all;
      while (!elements_.empty()) all.push_back(take());
      op.value = all;
    }
  }

 private:
  Value take() {
    auto at = order_ == QueueOrder::fifo ? elements_.begin()
                                         : std::min_element(elements_.begin(), elements_.end());
    Value taken = *at;
    elements_.erase(at);
    return taken;
  }

  QueueOrder order_;
  int next_ = 0;
  std::deque<Value> elements_;
};

/// Processes acquire and release in turn; what cannot be had fails.
class RightLock : public RightObject {
 public:
  explicit RightLock(std::size_t permits, bool fenced = false)
      : permits_(permits), fenced_(fenced) {}
  Op ask(Rng& rng, int process) override {
    if (!mine_[process]) return asks("acquire");
    if (fenced_ && rng.below(2) == 0) return asks("write", Value::pair(tokens_[process], 1));
    return asks("release");
  }
  void apply(Op& op) override {
    if (op.verb == "acquire") {
      if (holders_.size() == permits_) {
        op.phase = Phase::fail;
        return;
      }
      holders_.insert(op.process.id);
      if (fenced_) op.value = ++token_;
    } else if (op.verb == "release") {
      holders_.erase(op.process.id);
    }
  }
  void completed(const Op& op) override {
    if (op.verb == "acquire" && fenced_) tokens_[op.process.id] = op.value;
    if (op.verb != "write") mine_[op.process.id] = op.verb == "acquire";
  }

 private:
  std::size_t permits_;
  bool fenced_;
  std::set<int> holders_;
  int token_ = 0;
  std::map<int, bool> mine_;  // as clients know it
  std::map<int, Value> tokens_;
};

class RightLease final : public RightObject {
 public:
  Op ask(Rng&, int) override { return asks("acquire"); }
  void apply(Op& op) override {
    if (op.time < until_ && holder_ != op.process.id) {
      op.phase = Phase::fail;
      return;
    }
    holder_ = op.process.id;
    until_ = op.time + std::chrono::milliseconds(20);
    op.value = std::int64_t{20'000'000};
  }

 private:
  int holder_ = -1;
  Instant until_ = at_start;
};

class RightBank final : public RightObject {
 public:
  Op ask(Rng& rng, int) override {
    if (rng.below(3) == 0) return asks("read");
    int from = static_cast<int>(rng.below(5));
    int to = static_cast<int>(rng.below(5));
    return asks("transfer", Map{{":from", from}, {":to", to}, {":amount", 3}});
  }
  std::vector<Op> finale() override { return {asks("read")}; }
  void apply(Op& op) override {
    if (op.verb == "read") {
      Map map;
      for (int i = 0; i < 5; ++i) map.set(i, balances_[static_cast<std::size_t>(i)]);
      op.value = map;
      return;
    }
    auto of = [&](const char* name) -> int& {
      return balances_[static_cast<std::size_t>(op.value.find(name)->integer())];
    };
    if (of(":from") < 3) {
      op.phase = Phase::fail;
      return;
    }
    of(":from") -= 3;
    of(":to") += 3;
  }

 private:
  std::vector<int> balances_ = std::vector<int>(5, 20);
};

class RightRegisters final : public RightObject {
 public:
  Op ask(Rng& rng, int) override {
    if (next_ < 2 || rng.below(2) == 0) return asks("txn", Value::list_of(List{":w", next_++, 1}));
    return read(2 * static_cast<int>(rng.below(static_cast<std::uint64_t>((next_ + 1) / 2))));
  }
  std::vector<Op> finale() override {
    std::vector<Op> ops;
    for (int key = 0; key < next_; key += 2) {
      ops.push_back(read(key));
      ops.push_back(read(key));
    }
    return ops;
  }
  void apply(Op& op) override {
    for (Value& access : op.value.list()) {
      List& parts = access.list();
      if (parts[0] == Value(":w"))
        written_.insert(parts[1]);
      else if (written_.contains(parts[1]))
        parts[2] = 1;
    }
  }

 private:
  static Op read(int key) {
    return asks("txn", List{List{":r", key, nullptr}, List{":r", key + 1, nullptr}});
  }
  int next_ = 0;
  std::set<Value> written_;
};

class RightLog final : public RightObject {
 public:
  Op ask(Rng& rng, int) override {
    if (rng.below(3) == 0) return asks("poll", Value::list_of(List{":poll"}));
    return asks("send", Value::list_of(List{":send", static_cast<int>(rng.below(2)), ++next_}));
  }
  std::vector<Op> finale() override {
    return {asks("assign", List{0, 1}), asks("poll", Value::list_of(List{":poll"})),
            asks("poll", Value::list_of(List{":poll"}))};
  }
  void apply(Op& op) override {
    if (op.verb == "assign") {
      positions_.erase(op.process.id);
      return;
    }
    List& access = op.value.list()[0].list();
    if (op.verb == "send") {
      List& log = logs_[static_cast<std::size_t>(access[1].integer())];
      access[2] = Value::pair(10 * static_cast<int>(log.size()), access[2]);
      log.push_back(access[2]);
      return;
    }
    Map polled;
    auto& at = positions_[op.process.id];
    for (std::size_t key = 0; key < 2; ++key) {
      List fresh(logs_[key].begin() + static_cast<std::ptrdiff_t>(at[key]), logs_[key].end());
      at[key] = logs_[key].size();
      if (!fresh.empty()) polled.set(static_cast<int>(key), fresh);
    }
    access.emplace_back(polled);
  }

 private:
  int next_ = 0;
  std::array<List, 2> logs_;
  std::map<int, std::array<std::size_t, 2>> positions_;
};

class RightLists final : public RightObject {
 public:
  Op ask(Rng& rng, int) override {
    List micro_ops;
    for (std::uint64_t left = 1 + rng.below(3); left > 0; --left) {
      int key = static_cast<int>(rng.below(2));
      bool reads = rng.below(2) == 0;
      micro_ops.push_back(reads ? List{":r", key, nullptr} : List{":append", key, ++next_});
    }
    return asks("txn", micro_ops);
  }
  std::vector<Op> finale() override {
    return {asks("txn", List{List{":r", 0, nullptr}, List{":r", 1, nullptr}})};
  }
  void apply(Op& op) override {
    for (Value& micro_op : op.value.list()) {
      List& parts = micro_op.list();
      List& list = lists_[static_cast<std::size_t>(parts[1].integer())];
      if (parts[0] == Value(":append")) {
        list.push_back(parts[2]);
      } else {
        parts[2] = list;
      }
    }
  }

 private:
  int next_ = 0;
  std::array<List, 2> lists_;
};

}  // namespace

std::unique_ptr<RightObject> right_set() { return std::make_unique<RightSet>(); }
std::unique_ptr<RightObject> right_counter() { return std::make_unique<RightCounter>(); }
std::unique_ptr<RightObject> right_ids() { return std::make_unique<RightNumbers>("generate"); }
std::unique_ptr<RightObject> right_timestamps() {
  return std::make_unique<RightNumbers>("timestamp");
}
std::unique_ptr<RightObject> right_queue(QueueOrder order) {
  return std::make_unique<RightQueue>(order);
}
std::unique_ptr<RightObject> right_lock() { return std::make_unique<RightLock>(1); }
std::unique_ptr<RightObject> right_semaphore() { return std::make_unique<RightLock>(2); }
std::unique_ptr<RightObject> right_fenced_lock() { return std::make_unique<RightLock>(1, true); }
std::unique_ptr<RightObject> right_lease() { return std::make_unique<RightLease>(); }
std::unique_ptr<RightObject> right_bank() { return std::make_unique<RightBank>(); }
std::unique_ptr<RightObject> right_registers() { return std::make_unique<RightRegisters>(); }
std::unique_ptr<RightObject> right_log() { return std::make_unique<RightLog>(); }
std::unique_ptr<RightObject> right_lists() { return std::make_unique<RightLists>(); }

}  // namespace sunder::testing_support
