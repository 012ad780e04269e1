#include <algorithm>
#include <unordered_map>

#include "checker/replicated/bare.h"

namespace sunder::replicated {
namespace {

/// What is known of one session.
struct Session {
  std::int64_t own_gain = 0;  // by its own increments, and its decrements apart
  std::int64_t own_loss = 0;
  std::int64_t least = 0;          // of a growing counter
  std::vector<std::int32_t> must;  // elements and values that it did or saw
  std::vector<const Event*> because;
};

class Bounds {
 public:
  Bounds(const Object& object, const Demands& demands, Findings& findings)
      : object_(object), demands_(demands), findings_(findings) {}

  void run() {
    index();
    for (const Event& event : object_.events) {
      Session fresh;
      Session& session = demands_.sessions ? sessions_[event.process.id] : fresh;
      if (is_update(event.verb)) own(session, event);
      if (event.answered) judge(session, event);
    }
  }

 private:
  bool counts() const {
    return object_.kind == Kind::g_counter || object_.kind == Kind::pn_counter;
  }

  void index() {
    std::int64_t gain = 0;
    std::int64_t loss = 0;
    puts_.resize(object_.values->size(), nullptr);
    takes_.resize(object_.values->size(), nullptr);
    for (const Event& event : object_.events) {
      if (!is_update(event.verb)) continue;
      (event.amount > 0 ? gain : loss) += event.amount;
      sums_.push_back({event.invoked, gain, loss});
      auto& first = (event.verb == Verb::remove ? takes_ : puts_)[at(event.input)];
      if (first == nullptr) first = &event;
    }
    for (const Event& event : object_.events) {
      if (is_update(event.verb) && event.ok()) by_end_.push_back(&event);
    }
    std::sort(by_end_.begin(), by_end_.end(),
              [](const Event* a, const Event* b) { return a->completed < b->completed; });
  }

  static std::size_t at(std::int32_t value) { return static_cast<std::size_t>(value); }

  void own(Session& session, const Event& event) {
    if (!event.ok()) return;  // nobody knows whether it happened
    (event.amount > 0 ? session.own_gain : session.own_loss) += event.amount;
    session.least += std::max<std::int64_t>(event.amount, 0);
    if (event.verb == Verb::remove) return;
    session.must.push_back(event.input);
    session.because.push_back(&event);
  }

  void judge(Session& session, const Event& event) {
    if (event.verb == Verb::final_read) acknowledged(session, event);
    if (counts()) return counter(session, event);
    if (object_.kind == Kind::lww_register) return last_writer(session, event);
    elements(session, event);
  }

  // A final read sees every update that was acknowledged before it.
  void acknowledged(Session& session, const Event& event) {
    Session all;
    for (const Event* update : by_end_) {
      if (update->completed > event.invoked) break;
      own(all, *update);
    }
    session.own_gain = std::max(session.own_gain, all.own_gain);
    session.own_loss = std::min(session.own_loss, all.own_loss);
    session.least = std::max(session.least, all.least);
    session.must.insert(session.must.end(), all.must.begin(), all.must.end());
    session.because.insert(session.because.end(), all.because.begin(), all.because.end());
  }

  void counter(Session& session, const Event& event) {
    auto until = std::lower_bound(sums_.begin(), sums_.end(), event.completed,
                                  [](const Sum& sum, std::uint32_t end) { return sum.at < end; });
    std::int64_t gain = until == sums_.begin() ? 0 : std::prev(until)->gain;
    std::int64_t loss = until == sums_.begin() ? 0 : std::prev(until)->loss;
    std::int64_t low = session.own_gain + loss;
    std::int64_t high = gain + session.own_loss;
    if (object_.kind == Kind::g_counter) low = std::max(low, session.least);
    if (event.number < low || event.number > high) {
      findings_.add("out-of-bounds",
                    who(object_, event) + " answered " + std::to_string(event.number) +
                        ", but of the updates invoked by then, with those that it must have seen, "
                        "no choice gives less than " +
                        std::to_string(low) + " or more than " + std::to_string(high) + ".",
                    {&event});
    }
    if (object_.kind == Kind::g_counter) session.least = std::max(session.least, event.number);
  }

  bool put_before(std::int32_t value, const Event& event) const {
    return puts_[at(value)] != nullptr && puts_[at(value)]->invoked < event.completed;
  }
  std::string said(const Event& event) const {
    return who(object_, event) + " answered " + answer_of(object_, event);
  }

  void last_writer(Session& session, const Event& event) {
    if (event.answer != 0 && !put_before(event.answer, event)) {
      findings_.add("phantom-value", said(event) + ", which nobody had asked to write.", {&event});
    }
    if (event.answer == 0 && !session.must.empty()) return lost(event, *session.because.front());
    if (event.answer == 0) return;
    session.must = {event.answer};
    session.because = {&event};
  }

  void lost(const Event& event, const Event& known) {
    findings_.add("lost-update",
                  said(event) +
                      ", as if nothing had been written, although it must have seen what " +
                      who(object_, known) + " did or saw.",
                  {&event, &known});
  }

  void elements(Session& session, const Event& event) {
    bool set = object_.kind != Kind::mv_register;
    std::vector<std::int32_t> sorted;
    for (std::int32_t element : object_.elements_of(event)) {
      sorted.push_back(element);
      if (put_before(element, event)) continue;
      findings_.add(set ? "phantom-element" : "phantom-value",
                    said(event) + ", but nobody had asked to put in " +
                        text_of(*object_.values, element) + ".",
                    {&event});
    }
    std::sort(sorted.begin(), sorted.end());
    if (auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end()) {
      findings_.add(set ? "duplicate-element" : "duplicate-value",
                    said(event) + ", which names " + text_of(*object_.values, *twice) + " twice.",
                    {&event});
    }
    if (!set && sorted.empty() && !session.must.empty()) {
      lost(event, *session.because.front());
    }
    if (set) missing(session, event, sorted);
    session.must = sorted;
    session.because.assign(sorted.size(), &event);
  }

  // Without any remove that could have been seen, what was there before is there still.
  void missing(const Session& session, const Event& event,
               const std::vector<std::int32_t>& sorted) {
    for (std::size_t i = 0; i < session.must.size(); ++i) {
      std::int32_t element = session.must[i];
      const Event* take = takes_[at(element)];
      if (take != nullptr && take->invoked < event.completed) continue;
      if (std::binary_search(sorted.begin(), sorted.end(), element)) continue;
      findings_.add("lost-element",
                    said(event) + " without " + text_of(*object_.values, element) +
                        ", which nobody had asked to remove, although it must have seen what " +
                        who(object_, *session.because[i]) + " did or saw.",
                    {&event, session.because[i]});
    }
  }

  struct Sum {
    std::uint32_t at = 0;  // position of the invocation
    std::int64_t gain = 0;
    std::int64_t loss = 0;
  };

  const Object& object_;
  const Demands& demands_;
  Findings& findings_;
  std::vector<Sum> sums_;             // of all updates invoked so far
  std::vector<const Event*> puts_;    // by value: the first update that puts it in
  std::vector<const Event*> takes_;   // by value: the first that takes it out
  std::vector<const Event*> by_end_;  // acknowledged updates
  std::unordered_map<std::int32_t, Session> sessions_;  // looked up only
};

}  // namespace

void check_bounds(const Object& object, const Demands& demands, Findings& findings) {
  Bounds(object, demands, findings).run();
}

std::string judge_bare(const Object& object, const Demands& demands, const Budget& budget,
                       Findings& findings) {
  check_bounds(object, demands, findings);
  if (!findings.none()) return {};
  // Without causality each read of a growing set stands alone: it saw the adds of what it answered.
  bool plain = std::none_of(object.events.begin(), object.events.end(), [](const Event& event) {
    return is_update(event.verb) && event.answered;
  });
  if (object.kind == Kind::g_set && !demands.causal && plain) return {};
  Search search = search_visibility(object, demands, budget);
  std::string why = "replies do not say what they saw";
  switch (search.outcome) {
    case Searched::found: return {};
    case Searched::too_large:
      return why + ", and " + std::to_string(object.events.size()) +
             " operations are too many to try every visibility";
    case Searched::over_budget: return why + ", and the time budget ended the search for it";
    case Searched::none: break;
  }
  std::vector<const Event*> cited;
  for (const Event& event : object.events) {
    if (event.invoked <= search.stuck->completed) cited.push_back(&event);
  }
  findings.add(
      "unexplainable-answer",
      "No choice of what each operation saw explains all answers up to " +
          who(object, *search.stuck) +
          (search.stuck->answered ? ", which answered " + answer_of(object, *search.stuck) : "") +
          ".",
      cited);
  return {};
}

}  // namespace sunder::replicated
