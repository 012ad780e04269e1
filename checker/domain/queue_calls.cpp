#include "checker/domain/queue_calls.h"

#include "checker/domain/shapes.h"

namespace sunder::domain {
namespace {

bool is_one_of(std::string_view verb, std::initializer_list<std::string_view> verbs) {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

}  // namespace

Reading QueueChecker::begin_call(std::size_t at, std::string_view verb, ValueView arguments) {
  Kind kind = Kind::drain;
  if (is_one_of(verb, {"enqueue", "push", "add", "insert", "offer", "put"})) {
    kind = Kind::enqueue;
    if (arguments.is_nil()) return Reading::refused;
  } else if (is_one_of(verb,
                       {"dequeue", "pop", "take", "poll", "remove", "delete-min", "delete-max"})) {
    kind = Kind::dequeue;
  } else if (verb != "drain") {
    return Reading::refused;
  }
  kind_.resize(at);
  kind_.push_back(kind);
  found_nothing_.resize(at);
  found_nothing_.push_back(0);
  element_.resize(at);
  element_.push_back(ids_.of(arguments));
  first_.resize(at);
  first_.push_back(0);
  size_.resize(at);
  size_.push_back(0);
  return Reading::understood;
}

Reading QueueChecker::end_call(std::size_t at, ValueView answer, std::string_view error) {
  bool ok = call(at).ok();
  if (kind_[at] == Kind::enqueue) {
    bool agrees = answer.is_nil() || ids_.of(answer) == element_[at] ||
                  (answer.kind() == Value::Kind::boolean && answer.boolean());
    return !ok || agrees ? Reading::understood : Reading::refused;
  }
  first_[at] = pool_.size();
  if (call(at).failed()) {
    bool empty = error.empty() || plain(error).starts_with("empty");
    found_nothing_[at] = failed_takes_tell_ && empty && kind_[at] == Kind::dequeue ? 1 : 0;
  } else if (kind_[at] == Kind::drain) {
    bool list = answer.kind() == Value::Kind::list;
    if (ok && !list) return Reading::refused;
    for (ValueView item : items(answer)) pool_.push_back(ids_.of(item));
  } else if (answer.is_nil()) {
    found_nothing_[at] = ok ? 1 : 0;
  } else if (ok || ids_.of(answer) != element_[at]) {  // a crashed one may repeat what it asked
    pool_.push_back(ids_.of(answer));
  }
  size_[at] = static_cast<std::uint32_t>(pool_.size() - first_[at]);
  return Reading::understood;
}

std::string QueueChecker::expects() const {
  return "enqueue of an element (answered by nil, true or the element), dequeue (the element; nil "
         "when there is none), drain (the list of all that was left)";
}

void QueueChecker::collect(Calls calls) {
  local_.begin(ids_.size());
  elements_.clear();
  crashed_takes_.clear();
  crashed_drain_ = false;
  empties_.clear();
  for (std::uint32_t at : calls) collect_call(at);
  lay_out(calls);
}

void QueueChecker::collect_call(std::uint32_t at) {
  auto element = [&](std::int32_t id) -> Element& {
    auto place = static_cast<std::size_t>(local_.of(id));
    if (place == elements_.size()) elements_.emplace_back();
    return elements_[place];
  };
  if (kind_[at] == Kind::enqueue) {
    Element& one = element(element_[at]);
    if (one.attempts == 0) one.enqueue = at;
    if (!call(at).failed()) ++one.attempts;
    if (call(at).ok()) ++one.acknowledged;
    return;
  }
  bool ok = call(at).ok();
  for (std::size_t i = first_[at]; i < first_[at] + size_[at]; ++i) {
    Element& one = element(pool_[i]);
    ++(ok ? one.delivered : one.maybe);
  }
  if (found_nothing_[at] != 0 || (ok && kind_[at] == Kind::drain)) empties_.push_back(at);
  bool crashed = !ok && !call(at).failed();
  if (crashed && kind_[at] == Kind::drain) crashed_drain_ = true;
  if (crashed && size_[at] == 0) crashed_takes_.push_back(at);
}

void QueueChecker::lay_out(Calls calls) {
  first_enqueue_.assign(elements_.size() + 1, 0);
  first_delivery_.assign(elements_.size() + 1, 0);
  for (std::size_t i = 0; i < elements_.size(); ++i) {
    first_enqueue_[i + 1] = first_enqueue_[i] + elements_[i].attempts;
    first_delivery_[i + 1] = first_delivery_[i] + elements_[i].delivered;
  }
  enqueues_.resize(first_enqueue_.back());
  deliveries_.resize(first_delivery_.back());
  std::vector<std::size_t> next_enqueue = first_enqueue_;
  std::vector<std::size_t> next_delivery = first_delivery_;
  for (std::uint32_t at : calls) {
    if (kind_[at] == Kind::enqueue) {
      auto place = static_cast<std::size_t>(local_.find(element_[at]));
      if (!call(at).failed()) enqueues_[next_enqueue[place]++] = at;
    } else if (call(at).ok()) {
      for (std::uint32_t i = 0; i < size_[at]; ++i) {
        auto place = static_cast<std::size_t>(local_.find(pool_[first_[at] + i]));
        deliveries_[next_delivery[place]++] = {at, i};
      }
    }
  }
}

// The k-th delivery to end needs a k-th enqueue that was begun before: enqueues stand in order of
// invocation, deliveries are put in order of completion.
void QueueChecker::judge_deliveries(Findings& findings, bool duplicates_allowed) {
  for (std::size_t place = 0; place < elements_.size(); ++place) {
    std::span<Delivery> mine(deliveries_.data() + first_delivery_[place],
                             elements_[place].delivered);
    std::sort(mine.begin(), mine.end(), [&](const Delivery& a, const Delivery& b) {
      return std::pair(call(a.call).completed, a.index) <
             std::pair(call(b.call).completed, b.index);
    });
    auto begun = enqueues(place);
    for (std::size_t k = 0; k < mine.size(); ++k) {
      std::uint32_t take = mine[k].call;
      if (begun.empty()) {
        findings.add("unexpected", [&] { return tell_unexpected(place, take); });
      } else if (k >= begun.size() && duplicates_allowed) {
        findings.allow("duplicate");
      } else if (k >= begun.size()) {
        findings.add("duplicate", [&] { return tell_duplicate(place, mine[k - 1].call, take); });
      } else if (call(take).completed < call(begun[k]).invoked) {
        findings.add("premature", [&]() -> Story {
          return {"The element " + text(place) + " came out with " + take_text(take) +
                      ", which had ended before " + told(begun[k], "enqueue of " + text(place)) +
                      " began, and no other enqueue can have put it in.",
                  ops_of({take, begun[k]}), detail_of(place)};
        });
      }
    }
  }
}

Story QueueChecker::tell_unexpected(std::size_t place, std::uint32_t take) const {
  bool never = elements_[place].enqueue == UINT32_MAX;
  std::string text = "The element " + this->text(place) + " came out with " + take_text(take);
  text += never ? ", but nobody ever enqueued it."
                : ", but it was never enqueued: " + enqueue_text(place) +
                      " failed, so it had no effect.";
  return {text, never ? ops_of({take}) : ops_of({take, elements_[place].enqueue}),
          detail_of(place)};
}

Story QueueChecker::tell_duplicate(std::size_t place, std::uint32_t before,
                                   std::uint32_t take) const {
  std::string text = "The element " + this->text(place) + " was enqueued " +
                     counted(elements_[place].attempts, "time") + " but came out " +
                     counted(elements_[place].delivered, "time") + ": ";
  text += before == take ? "more than once with " + take_text(take) + "."
                         : "with " + take_text(before) + " and again with " + take_text(take) + ".";
  return {text, ops_of({elements_[place].enqueue, before, take}), detail_of(place)};
}

Value QueueChecker::value(std::size_t place) const {
  return ids_.value(local_.global(static_cast<std::int32_t>(place)));
}

std::string QueueChecker::text(std::size_t place) const { return edn(value(place)); }

std::string QueueChecker::enqueue_text(std::size_t place) const {
  return told(elements_[place].enqueue, "enqueue of " + text(place));
}

std::string QueueChecker::take_text(std::uint32_t at) const {
  return told(at, kind_[at] == Kind::drain ? "drain" : "dequeue");
}

Map QueueChecker::detail_of(std::size_t place) const {
  Map map;
  map["element"] = value(place);
  return map;
}

}  // namespace sunder::domain
