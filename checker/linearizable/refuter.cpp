#include "checker/linearizable/refuter.h"

#include <algorithm>

#include "checker/linearizable/bits.h"

namespace sunder::linearizable {
namespace {

template <std::size_t W>
struct Entry {
  Bits<W> done;
  StateId state = 0;
  std::uint32_t from = nobody;   // the entry it came from, of this layer or the one before
  std::uint32_t moves = 0;       // where the operations placed since then end
  std::uint32_t older = nobody;  // another entry with the same state and the same calls done
  std::uint32_t total = 0;       // crashed calls used
};

/// Configurations without those that another makes superfluous.
template <std::size_t W>
class Layer {
 public:
  explicit Layer(std::uint32_t counters = 0) : counters_(counters), table_(16, nobody) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  const Entry<W>& operator[](std::uint32_t at) const { return entries_[at]; }
  std::span<const std::uint16_t> used(std::uint32_t at) const {
    return {used_.data() + std::size_t{at} * counters_, counters_};
  }
  std::span<const std::uint32_t> moves(std::uint32_t at) const {
    std::uint32_t first = at == 0 ? 0 : entries_[at - 1].moves;
    return {moves_.data() + first, entries_[at].moves - first};
  }

  /// False when a configuration that is there makes this one superfluous.
  bool insert(Entry<W> entry, std::span<const std::uint16_t> used,
              std::span<const std::uint32_t> moves) {
    std::size_t place = find(entry);
    for (std::uint32_t at = table_[place]; at != nobody; at = entries_[at].older) {
      if (dominates(this->used(at), used)) return false;
    }
    if (table_[place] == nobody) ++heads_;
    entry.older = table_[place];
    table_[place] = size();
    moves_.insert(moves_.end(), moves.begin(), moves.end());
    entry.moves = static_cast<std::uint32_t>(moves_.size());
    used_.insert(used_.end(), used.begin(), used.end());
    entries_.push_back(entry);
    if (2 * heads_ > table_.size()) grow();
    return true;
  }
  void clear() {
    entries_.clear();
    used_.clear();
    moves_.clear();
    heads_ = 0;
    std::fill(table_.begin(), table_.end(), nobody);
  }
  /// Gives back what only inserting needs.
  void freeze() {
    table_ = {};
    entries_.shrink_to_fit();
    used_.shrink_to_fit();
    moves_.shrink_to_fit();
  }
  std::size_t bytes() const {
    return entries_.capacity() * sizeof(Entry<W>) + used_.capacity() * 2 + moves_.capacity() * 4;
  }

 private:
  static bool dominates(std::span<const std::uint16_t> a, std::span<const std::uint16_t> b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] > b[i]) return false;
    }
    return true;
  }
  std::size_t find(const Entry<W>& entry) const {
    std::size_t at = entry.done.hash(mix(1, entry.state)) & (table_.size() - 1);
    while (table_[at] != nobody && !(entries_[table_[at]].state == entry.state &&
                                     entries_[table_[at]].done == entry.done)) {
      at = (at + 1) & (table_.size() - 1);
    }
    return at;
  }
  void grow() {
    std::vector<std::uint32_t> heads;
    for (std::uint32_t head : table_) {
      if (head != nobody) heads.push_back(head);
    }
    table_.assign(table_.size() * 4, nobody);
    for (std::uint32_t head : heads) table_[find(entries_[head])] = head;
  }

  std::uint32_t counters_;
  std::vector<Entry<W>> entries_;
  std::vector<std::uint16_t> used_;  // by entry, then by crash class
  std::vector<std::uint32_t> moves_;
  std::vector<std::uint32_t> table_;  // open addressing; the newest of each chain
  std::size_t heads_ = 0;
};

template <std::size_t W>
class BreadthFirst final : public Refuter {
 public:
  BreadthFirst(const Frame& frame, Stepper& stepper, const Budget& budget, const Settings& settings)
      : frame_(frame),
        stepper_(stepper),
        budget_(budget),
        settings_(settings),
        cursor_(frame),
        counters_(settings.counted ? frame.crash_classes() : 0),
        used_(counters_),
        now_(counters_),
        passed_(counters_) {}

  Outcome run(const std::vector<StateId>& initial) override {
    for (StateId state : initial) {
      Entry<W> first;
      first.state = state;
      place(first, {});
      settle();
      now_.insert(entry_, used_, moves_);
    }
    while (!cursor_.at_end()) {
      last_ = cursor_.at();
      std::uint32_t arrived = now_.size();
      Outcome outcome = expand();
      if (outcome != Outcome::survived) return outcome;
      Layer<W> before = std::move(now_);
      now_ = Layer<W>(counters_);
      cursor_.forward();
      arrive();
      keep(std::move(before), arrived);
      if (passed_.size() == 0) return Outcome::refuted;
      if (last_ % 256 == 0 && budget_.over(kept_bytes_ + stepper_.bytes())) return Outcome::over;
    }
    std::uint32_t arrived = now_.size();
    keep(std::move(now_), arrived);
    return Outcome::survived;
  }

  std::uint32_t last() const override { return last_; }
  std::uint64_t steps() const override { return steps_; }

  std::vector<Configuration> configurations(std::uint32_t barrier) const override {
    Cursor cursor(frame_);
    cursor.move_to(barrier);
    const Layer<W>& layer = kept_[barrier];
    std::vector<Configuration> result;
    for (std::uint32_t i = 0; i < arrived_[barrier]; ++i) {
      Configuration configuration{layer[i].state, {}, {}};
      for (const Pending& call : cursor.pending()) {
        if (layer[i].done.test(call.slot)) configuration.done.push_back(call.operation);
      }
      std::sort(configuration.done.begin(), configuration.done.end());
      for (std::uint32_t crash = 0; crash < counters_; ++crash) {
        std::uint32_t count = layer.used(i)[crash];
        if (count != 0) configuration.used.emplace_back(crash, count);
      }
      result.push_back(std::move(configuration));
    }
    return result;
  }

  std::vector<std::uint32_t> order() const override {
    std::vector<std::uint32_t> backwards;
    std::uint32_t at = 0;
    for (std::size_t barrier = kept_.size(); barrier-- > 0;) {
      for (bool arrived = false; !arrived;) {
        std::span<const std::uint32_t> moves = kept_[barrier].moves(at);
        backwards.insert(backwards.end(), moves.rbegin(), moves.rend());
        arrived = at < arrived_[barrier];
        at = kept_[barrier][at].from;
      }
    }
    std::reverse(backwards.begin(), backwards.end());
    return backwards;
  }

 private:
  void keep(Layer<W>&& layer, std::uint32_t arrived) {
    layer.freeze();
    kept_bytes_ += layer.bytes();
    kept_.push_back(std::move(layer));
    arrived_.push_back(arrived);
  }

  // Makes a configuration the one that settle() and the steps below work on.
  void place(const Entry<W>& entry, std::span<const std::uint16_t> used) {
    entry_ = entry;
    std::fill(std::copy(used.begin(), used.end(), used_.begin()), used_.end(), 0);
    moves_.clear();
  }

  // Places every observation that is legal: moving it forward never hurts.
  void settle() {
    for (const Pending& call : cursor_.pending()) {
      if (!frame_.observes(call.cls) || entry_.done.test(call.slot)) continue;
      if (stepper_.step(entry_.state, call.cls) == impossible) continue;
      entry_.done.set(call.slot);
      moves_.push_back(call.operation);
    }
  }

  // Places calls, from every configuration and fewest crashed calls first, until the call that
  // returns is done; what then stands goes to passed_.
  Outcome expand() {
    passed_.clear();
    waiting_.clear();
    for (std::uint32_t i = 0; i < now_.size(); ++i) wait(i);
    for (std::size_t total = 0; total < waiting_.size(); ++total) {
      while (!waiting_[total].empty()) {
        std::uint32_t at = waiting_[total].back();
        waiting_[total].pop_back();
        if (now_[at].done.test(cursor_.pending().front().slot)) {
          place(now_[at], now_.used(at));
          entry_.from = at;
          pass();
          continue;
        }
        for (const Pending& call : cursor_.pending()) step(at, call);
        for (std::uint32_t crash = 0; crash < frame_.crash_classes(); ++crash) {
          step_crashed(at, crash);
        }
        if (now_.size() + passed_.size() > settings_.width) return Outcome::too_wide;
        if ((steps_ & 0xfff) == 0 && budget_.over(kept_bytes_ + now_.bytes() + passed_.bytes())) {
          return Outcome::over;
        }
      }
    }
    return Outcome::survived;
  }

  void wait(std::uint32_t at) {
    std::uint32_t total = now_[at].total;
    if (waiting_.size() <= total) waiting_.resize(total + 1);
    waiting_[total].push_back(at);
  }

  void step(std::uint32_t at, const Pending& call) {
    ++steps_;
    if (now_[at].done.test(call.slot) || frame_.observes(call.cls)) return;
    StateId next = stepper_.step(now_[at].state, call.cls);
    if (next == impossible) return;
    place(now_[at], now_.used(at));
    entry_.done.set(call.slot);
    moves_.push_back(call.operation);
    go(at, next);
  }

  void step_crashed(std::uint32_t at, std::uint32_t crash) {
    std::uint32_t available = cursor_.available(crash);
    std::uint32_t used = counters_ == 0 ? 0 : now_.used(at)[crash];
    if (used >= std::min<std::uint32_t>(available, UINT16_MAX)) return;
    ++steps_;
    StateId next = stepper_.step(now_[at].state, frame_.class_of_crash(crash));
    if (next == impossible || next == now_[at].state) return;
    place(now_[at], now_.used(at));
    if (counters_ != 0) {
      ++used_[crash];
      ++entry_.total;
    }
    moves_.push_back(frame_.crashed(crash)[used]);
    go(at, next);
  }

  void go(std::uint32_t at, StateId next) {
    entry_.state = next;
    entry_.from = at;
    settle();
    if (entry_.done.test(cursor_.pending().front().slot)) {
      pass();
    } else if (now_.insert(entry_, used_, moves_)) {
      wait(now_.size() - 1);
    }
  }

  void pass() {
    entry_.done.clear(cursor_.pending().front().slot);
    passed_.insert(entry_, used_, moves_);
  }

  // What passed meets the calls that are new at the next return.
  void arrive() {
    for (std::uint32_t i = 0; i < passed_.size(); ++i) {
      place(passed_[i], passed_.used(i));
      moves_.assign(passed_.moves(i).begin(), passed_.moves(i).end());
      settle();
      now_.insert(entry_, used_, moves_);
    }
  }

  const Frame& frame_;
  Stepper& stepper_;
  Budget budget_;
  Settings settings_;
  Cursor cursor_;
  std::uint32_t counters_;
  Entry<W> entry_;
  std::vector<std::uint16_t> used_;
  std::vector<std::uint32_t> moves_;
  Layer<W> now_;
  Layer<W> passed_;
  std::vector<std::vector<std::uint32_t>> waiting_;  // entries of now_, by crashed calls used
  std::vector<Layer<W>> kept_;
  std::vector<std::uint32_t> arrived_;  // by layer; what follows was made while expanding
  std::size_t kept_bytes_ = 0;
  std::uint32_t last_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace

std::unique_ptr<Refuter> make_refuter(const Frame& frame, Stepper& stepper, const Budget& budget,
                                      const Refuter::Settings& settings) {
  return with_bits(frame.slots(), [&]<std::size_t W>(Bits<W>) -> std::unique_ptr<Refuter> {
    return std::make_unique<BreadthFirst<W>>(frame, stepper, budget, settings);
  });
}

}  // namespace sunder::linearizable
