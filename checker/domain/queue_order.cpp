#include "checker/domain/queue_order.h"

namespace sunder::domain {

void QueueOrderChecker::judge(Calls calls, Findings& findings) {
  collect(calls);
  items_.clear();
  std::string repeated;
  std::size_t out = 0;
  for (std::size_t place = 0; place < elements_.size(); ++place) {
    const Element& element = elements_[place];
    if (element.attempts == 0) continue;
    if (element.attempts > 1 || element.delivered > 1) {
      if (repeated.empty()) repeated = text(place);
      continue;
    }
    const Call& enqueue = call(element.enqueue);
    Item item{.place = place, .begun = enqueue.invoked, .acknowledged = enqueue.acknowledged()};
    if (element.delivered == 1) {
      Delivery delivery = deliveries(place).front();
      item.take = delivery.call;
      item.index = delivery.index;
      item.out_begin = call(delivery.call).invoked;
      item.out_end = call(delivery.call).completed;
      ++out;
    } else if (element.maybe != 0 || !crashed_takes_.empty() || crashed_drain_) {
      continue;  // a crashed call may have taken it at any time
    }
    items_.push_back(item);
  }
  std::sort(items_.begin(), items_.end(),
            [](const Item& a, const Item& b) { return a.begun < b.begun; });
  judge_items(findings);
  judge_drains(findings);
  findings.figure("compared", out);
  if (!repeated.empty()) {
    findings.unknown("The element " + repeated +
                     " was put in or came out more than once, so nobody knows which one came out.");
  } else if (out < 2) {
    findings.vacuous("Fewer than two elements came out, which tells nothing of their order.");
  }
}

void QueueOrderChecker::judge_drains(Findings& findings) {
  std::vector<std::uint32_t> drained;  // indexes of items
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    bool by_drain = items_[i].take != UINT32_MAX && kind(items_[i].take) == Kind::drain;
    if (by_drain) drained.push_back(i);
  }
  auto place = [&](std::uint32_t i) { return std::pair(items_[i].take, items_[i].index); };
  std::sort(drained.begin(), drained.end(),
            [&](std::uint32_t a, std::uint32_t b) { return place(a) < place(b); });
  for (std::size_t from = 0; from < drained.size();) {
    std::size_t to = from;
    while (to < drained.size() && items_[drained[to]].take == items_[drained[from]].take) ++to;
    judge_drain(std::span(drained).subspan(from, to - from), findings);
    from = to;
  }
}

Story QueueOrderChecker::inversion(const Item& early, const Item& late,
                                   const std::string& why) const {
  std::string text =
      "The element " + this->text(early.place) + " came out with " + take_text(early.take);
  bool same = early.take == late.take;
  Story story;
  if (late.take == UINT32_MAX) {
    text += ", but " + this->text(late.place) + " never did";
  } else {
    text += std::string(same ? " before " : ", which had ended before ") +
            (same ? this->text(late.place) + " did"
                  : this->text(late.place) + " was taken by " + take_text(late.take));
  }
  story.text = text + ", although " + why;
  story.ops = ops_of({elements_[early.place].enqueue, elements_[late.place].enqueue, early.take});
  if (late.take != UINT32_MAX) {
    for (std::uint64_t op : ops_of({late.take})) story.ops.push_back(op);
  }
  story.detail = detail_of(early.place);
  story.detail["overtaken"] = value(late.place);
  return story;
}

}  // namespace sunder::domain
