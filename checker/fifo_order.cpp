// "fifo-order": no element of a first-in-first-out queue overtakes another.

#include "checker/domain/queue_order.h"

namespace sunder {
namespace {

using namespace domain;

class FifoOrder final : public QueueOrderChecker {
 private:
  // Of all elements whose enqueue had been acknowledged before this one's began, the one that was
  // taken last must not have been taken later.
  void judge_items(Findings& findings) override {
    std::vector<const Item*> by_end;
    for (const Item& item : items_) {
      if (item.acknowledged != open_end) by_end.push_back(&item);
    }
    std::sort(by_end.begin(), by_end.end(),
              [](const Item* a, const Item* b) { return a->acknowledged < b->acknowledged; });
    std::size_t next = 0;
    const Item* last = nullptr;
    for (const Item& item : items_) {
      while (next < by_end.size() && by_end[next]->acknowledged < item.begun) {
        const Item* before = by_end[next++];
        if (last == nullptr || before->out_begin > last->out_begin) last = before;
      }
      bool came_out = item.out_end != open_end;
      if (last == nullptr || !came_out || item.out_end >= last->out_begin) continue;
      tell(item, *last, findings);
    }
  }

  void judge_drain(std::span<const std::uint32_t> items, Findings& findings) override {
    const Item* latest = nullptr;  // of what came before, the one that was put in last
    for (std::uint32_t i : items) {
      const Item& item = items_[i];
      if (latest != nullptr && item.acknowledged < latest->begun) tell(*latest, item, findings);
      if (latest == nullptr || item.begun > latest->begun) latest = &item;
    }
  }

  void tell(const Item& early, const Item& late, Findings& findings) const {
    findings.add(late.take == UINT32_MAX ? "overtaken" : "reordered", [&] {
      return inversion(early, late,
                       enqueue_text(late.place) + " had been acknowledged before " +
                           enqueue_text(early.place) + " began: first in must be first out.");
    });
  }

  std::string passed(const Findings& findings) const override {
    return "None of " + counted(findings.figure("compared"), "element") +
           " overtook one that was put in before.";
  }
};

}  // namespace

void add_fifo_order(Registry<CheckerEntry>& registry) {
  registry.add(entry_of("fifo-order", "fifo-queue",
                        "No element of a first-in-first-out queue overtakes another.", {}, {},
                        [] { return std::make_unique<FifoOrder>(); }));
}

}  // namespace sunder
