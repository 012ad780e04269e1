#include "checker/linearizable/finder.h"

#include "checker/linearizable/bits.h"

namespace sunder::linearizable {
namespace {

/// Remembers 64-bit hashes with the fewest crashed calls used there. Beyond its size it forgets.
class Memory {
 public:
  Memory() : entries_(std::size_t{1} << 8) {}

  /// False when it was there already with no more crashed calls used.
  bool insert(std::uint64_t key, std::uint32_t used) {
    if (4 * filled_ > 3 * entries_.size() && entries_.size() < size_limit) grow();
    Entry* entry = place(key);
    if (entry->key == key) {
      if (entry->used <= used) return false;
    } else if (entry->key == 0) {
      ++filled_;
    }
    *entry = {key, used};
    return true;
  }
  std::size_t bytes() const { return entries_.capacity() * sizeof(Entry); }

 private:
  static constexpr std::size_t size_limit = std::size_t{1} << 21;
  static constexpr std::size_t ways = 8;
  struct Entry {
    std::uint64_t key = 0;  // 0: free
    std::uint32_t used = 0;
  };

  Entry* place(std::uint64_t key) {
    std::size_t first = key & (entries_.size() - ways);
    for (std::size_t i = 0; i < ways; ++i) {
      Entry& entry = entries_[first + i];
      if (entry.key == key || entry.key == 0) return &entry;
    }
    return &entries_[first + (key >> 60) % ways];
  }
  void grow() {
    std::vector<Entry> old(entries_.size() * 4);
    old.swap(entries_);
    filled_ = 0;
    for (const Entry& entry : old) {
      if (entry.key != 0) insert(entry.key, entry.used);
    }
  }

  std::vector<Entry> entries_;
  std::size_t filled_ = 0;
};

template <std::size_t W>
class DepthFirst final : public Finder {
 public:
  DepthFirst(const Frame& frame, Stepper& stepper, const Budget& budget, bool thorough)
      : frame_(frame),
        stepper_(stepper),
        budget_(budget),
        thorough_(thorough),
        cursor_(frame),
        used_(frame.crash_classes(), 0) {
    begin();
  }

  Outcome run(std::uint64_t patience) override {
    std::uint64_t last = steps_ + patience;
    std::uint32_t before = deepest_;
    while (!found_) {
      if (stack_.empty()) return Outcome::gave_up;
      if ((++steps_ & 0xfff) == 0 && budget_.over(bytes())) return Outcome::over;
      if (deepest_ != before) {
        before = deepest_;
        last = steps_ + patience;
      } else if (steps_ > last) {
        return Outcome::stalled;
      }
      advance();
    }
    return Outcome::found;
  }

  std::uint32_t deepest() const override { return deepest_; }
  const std::vector<std::uint32_t>& order() const override { return order_; }
  std::uint64_t steps() const override { return steps_; }

 private:
  /// A configuration, the way it was reached, and the next candidate to try from it.
  struct Node {
    Bits<W> done;
    StateId state = 0;
    std::uint32_t barrier = 0;
    std::uint32_t candidate = 0;
    std::uint32_t placed = 0;      // operations in order_
    std::uint32_t crash = nobody;  // the crash class that the last step used
  };

  std::size_t bytes() const {
    return stack_.capacity() * sizeof(Node) + order_.capacity() * 4 + memory_.bytes() +
           stepper_.bytes();
  }

  void begin() {
    Node root;
    root.state = stepper_.model().initial();
    settle(root);
    enter(root);
  }

  void advance() {
    Node& top = stack_.back();
    cursor_.move_to(top.barrier);
    const std::vector<Pending>& pending = cursor_.pending();
    std::uint32_t candidate = top.candidate++;
    if (candidate < pending.size()) {
      try_pending(top, pending[candidate]);
    } else if (candidate - pending.size() < used_.size()) {
      try_crashed(top, candidate - static_cast<std::uint32_t>(pending.size()));
    } else {
      leave();
    }
  }

  void try_pending(const Node& top, Pending call) {
    if (top.done.test(call.slot) || frame_.observes(call.cls)) return;
    StateId next = stepper_.step(top.state, call.cls);
    if (next == impossible) return;
    Node child = top;
    child.done.set(call.slot);
    child.state = next;
    child.crash = nobody;
    order_.push_back(call.operation);
    settle(child);
    enter(child);
  }

  void try_crashed(const Node& top, std::uint32_t crash) {
    if (used_[crash] >= cursor_.available(crash)) return;
    StateId next = stepper_.step(top.state, frame_.class_of_crash(crash));
    if (next == impossible || next == top.state) return;
    Node child = top;
    child.state = next;
    child.crash = crash;
    order_.push_back(frame_.crashed(crash)[used_[crash]]);
    use(crash, 1);
    settle(child);
    enter(child);
  }

  // Places every observation that is legal and passes every return that is then open.
  void settle(Node& node) {
    for (;;) {
      for (const Pending& call : cursor_.pending()) {
        if (!frame_.observes(call.cls) || node.done.test(call.slot) ||
            stepper_.step(node.state, call.cls) == impossible) {
          continue;
        }
        node.done.set(call.slot);
        order_.push_back(call.operation);
      }
      if (cursor_.at_end() || !node.done.test(cursor_.pending().front().slot)) break;
      node.done.clear(cursor_.pending().front().slot);
      cursor_.forward();
    }
    node.barrier = cursor_.at();
    if (cursor_.at_end()) found_ = true;
    if (cursor_.at() > deepest_) deepest_ = cursor_.at();
  }

  // Goes on from a configuration, unless that is no news.
  void enter(Node& node) {
    if (found_) return;
    node.candidate = 0;
    node.placed = static_cast<std::uint32_t>(order_.size());
    std::uint64_t key = node.done.hash(mix(1, std::uint64_t{node.barrier} << 32 | node.state));
    if (thorough_) key = mix(key, used_hash_);
    bool fresh = memory_.insert(key | 1, thorough_ ? 0 : total_used_);
    stack_.push_back(node);
    if (!fresh) leave();
  }

  void leave() {
    if (stack_.back().crash != nobody) use(stack_.back().crash, -1);
    stack_.pop_back();
    order_.resize(stack_.empty() ? 0 : stack_.back().placed);
  }

  void use(std::uint32_t crash, std::int32_t count) {
    auto word = [&] { return mix(std::uint64_t{crash} + 1, used_[crash]); };
    used_hash_ ^= word();
    used_[crash] += static_cast<std::uint32_t>(count);
    total_used_ += static_cast<std::uint32_t>(count);
    used_hash_ ^= word();
  }

  const Frame& frame_;
  Stepper& stepper_;
  Budget budget_;
  bool thorough_;
  Cursor cursor_;
  std::vector<Node> stack_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> used_;  // by crash class, on the way to the top of the stack
  std::uint32_t total_used_ = 0;
  std::uint64_t used_hash_ = 0;
  Memory memory_;
  std::uint32_t deepest_ = 0;
  std::uint64_t steps_ = 0;
  bool found_ = false;
};

}  // namespace

std::unique_ptr<Finder> make_finder(const Frame& frame, Stepper& stepper, const Budget& budget,
                                    bool thorough) {
  return with_bits(frame.slots(), [&]<std::size_t W>(Bits<W>) -> std::unique_ptr<Finder> {
    return std::make_unique<DepthFirst<W>>(frame, stepper, budget, thorough);
  });
}

}  // namespace sunder::linearizable
