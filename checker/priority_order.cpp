// "priority-order": no element comes out while one that goes first is surely in the queue.

#include "checker/domain/queue_order.h"

namespace sunder {
namespace {

using namespace domain;

/// Of the items put in so far, by the rank of their acknowledgements, which one is taken last: a
/// binary indexed tree of maxima (Fenwick, Software: Practice and Experience 1994).
class LastTaken {
 public:
  explicit LastTaken(std::size_t size) : tree_(size + 1, {0, UINT32_MAX}) {}
  void put(std::size_t rank, std::uint32_t taken, std::uint32_t item) {
    for (std::size_t i = rank + 1; i < tree_.size(); i += i & (~i + 1)) {
      tree_[i] = std::max(tree_[i], std::pair(taken, item));
    }
  }
  /// Of those with a rank below: when the last one is taken, and which that is.
  std::pair<std::uint32_t, std::uint32_t> below(std::size_t rank) const {
    std::pair<std::uint32_t, std::uint32_t> best{0, UINT32_MAX};
    for (std::size_t i = rank; i > 0; i -= i & (~i + 1)) best = std::max(best, tree_[i]);
    return best;
  }

 private:
  std::vector<std::pair<std::uint32_t, std::uint32_t>> tree_;
};

class PriorityOrder final : public QueueOrderChecker {
 private:
  Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) override {
    Reading reading = QueueOrderChecker::begin_call(at, verb, arguments);
    bool element = reading == Reading::understood && kind(at) == Kind::enqueue;
    return element && arguments.kind() != Value::Kind::integer ? Reading::refused : reading;
  }

  std::string expects() const override {
    return QueueOrderChecker::expects() + "; elements are integers";
  }

  // In order of who goes first, each item is compared with all that go before it.
  void judge_items(Findings& findings) override {
    bool largest = context_.options.text("first") == "largest";
    std::vector<std::uint32_t> acknowledged;
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < items_.size(); ++i) {
      std::int64_t number = value(items_[i].place).integer();
      items_[i].rank = largest ? ~number : number;  // ~ turns the order round and cannot overflow
      order.push_back(i);
      if (items_[i].acknowledged != open_end) acknowledged.push_back(items_[i].acknowledged);
    }
    std::sort(acknowledged.begin(), acknowledged.end());
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(items_[a].rank, a) < std::pair(items_[b].rank, b);
    });
    auto rank_of = [&](std::uint32_t position) {
      return static_cast<std::size_t>(
          std::lower_bound(acknowledged.begin(), acknowledged.end(), position) -
          acknowledged.begin());
    };
    LastTaken last(acknowledged.size());
    for (std::uint32_t i : order) {
      const Item& item = items_[i];
      if (item.out_end != open_end) {
        auto [taken, better] = last.below(rank_of(item.out_begin));
        if (better != UINT32_MAX && taken > item.out_end) tell(item, items_[better], findings);
      }
      if (item.acknowledged == open_end) continue;
      last.put(rank_of(item.acknowledged), item.out_begin, i);
    }
  }

  void judge_drain(std::span<const std::uint32_t> items, Findings& findings) override {
    const Item* best = nullptr;  // of what came after
    for (std::size_t i = items.size(); i > 0; --i) {
      const Item& item = items_[items[i - 1]];
      if (best != nullptr && best->rank < item.rank) tell(item, *best, findings);
      bool there = item.acknowledged < item.out_begin;
      if (there && (best == nullptr || item.rank < best->rank)) best = &item;
    }
  }

  void tell(const Item& early, const Item& late, Findings& findings) const {
    findings.add(late.take == UINT32_MAX ? "overtaken" : "reordered", [&] {
      return inversion(early, late,
                       enqueue_text(late.place) + " had been acknowledged before that began: " +
                           text(late.place) + " goes before " + text(early.place) + ".");
    });
  }

  std::string passed(const Findings& findings) const override {
    return "None of " + counted(findings.figure("compared"), "element") +
           " came out while one that goes first was surely there.";
  }
};

}  // namespace

void add_priority_order(Registry<CheckerEntry>& registry) {
  std::vector<OptionSpec> options{{.name = "first",
                                   .kind = OptionSpec::Kind::choice,
                                   .fallback = "smallest",
                                   .help = "which element is taken first",
                                   .choices = {"smallest", "largest"}}};
  registry.add(entry_of("priority-order", "priority-queue",
                        "No element comes out while one that goes first is in the queue.", {},
                        std::move(options), [] { return std::make_unique<PriorityOrder>(); }));
}

}  // namespace sunder
