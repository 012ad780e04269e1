#include <algorithm>
#include <map>

#include "checker/replicated/answers.h"
#include "checker/replicated/states.h"

namespace sunder::replicated {
namespace {

/// One answer and the updates that it should be made of.
class Scene {
 public:
  Scene(const Object& object, const Updates& updates, const Event& reply, Findings& findings)
      : object_(object), updates_(updates), reply_(reply), findings_(findings) {
    Context context;
    updates.context_of(reply, true, context);
    for (std::uint32_t r = 0; r < context.size(); ++r) {
      for (std::uint32_t k = 1; k <= context[r]; ++k) visible_.push_back(updates.at({r, k}));
    }
  }

  void explain() {
    switch (object_.kind) {
      case Kind::g_counter:
      case Kind::pn_counter: return counter();
      case Kind::lww_register: return last_writer();
      case Kind::mv_register: return many_values();
      case Kind::g_set:
      case Kind::or_set:
      case Kind::list: return elements();
    }
  }

 private:
  std::string subject() const {
    return who(object_, reply_) + " answered " + answer_of(object_, reply_);
  }
  std::string text(std::int32_t value) const { return text_of(*object_.values, value); }

  bool saw(const Event& update, const Event& other) const {
    Context context;
    updates_.past_of(update, context);
    return other.dot.counter <= context[other.dot.replica];
  }

  void counter() {
    std::int64_t sum = 0;
    for (const Event* update : visible_) sum += update->amount;
    std::vector<const Event*> cited{&reply_};
    for (const Event* update : visible_) {
      if (cited.size() < 12) cited.push_back(update);
    }
    findings_.add("wrong-sum",
                  subject() + ", but the sum of the " + counted(visible_.size(), "update") +
                      " that it saw is " + std::to_string(sum) + ".",
                  cited);
  }

  void last_writer() {
    const Event* last = nullptr;
    const Event* answered = nullptr;
    for (const Event* write : visible_) {
      if (last == nullptr || before(object_, *last->stamp, *write->stamp)) last = write;
      if (write->input == reply_.answer) answered = write;
    }
    if (last == nullptr || (answered == nullptr && reply_.answer != 0)) {
      findings_.add("phantom-value",
                    subject() + ", which is not of the " + counted(visible_.size(), "write") +
                        " that it saw.",
                    {&reply_, last});
    } else if (answered == nullptr) {
      findings_.add("lost-update",
                    subject() + ", as if nothing had been written, although it saw " +
                        who(object_, *last) + ".",
                    {&reply_, last});
    } else {
      findings_.add("wrong-arbitration",
                    subject() + ", which is from " + who(object_, *answered) +
                        ", but it also saw " + who(object_, *last) + ", which has the later stamp.",
                    {&reply_, answered, last});
    }
  }

  void many_values() {
    Context cover = cover_of(visible_);
    std::map<std::int32_t, const Event*> due;     // by value: a write that no visible one saw
    std::map<std::int32_t, const Event*> others;  // by value: one that some visible one saw
    for (const Event* write : visible_) {
      bool covered = write->dot.counter <= cover[write->dot.replica];
      (covered ? others : due)[write->input] = write;
    }
    duplicates("duplicate-value");
    for (std::int32_t value : object_.elements_of(reply_)) {
      if (due.contains(value)) continue;
      auto old = others.find(value);
      if (old == others.end()) {
        findings_.add(
            "phantom-value",
            subject() + ", but no write of " + text(value) + " is among the updates that it saw.",
            {&reply_});
      } else {
        const Event* later = seer_of(*old->second, visible_);
        findings_.add("overwritten-value",
                      subject() + ", but the value " + text(value) + " of " +
                          who(object_, *old->second) + " was overwritten by " +
                          who(object_, *later) + ", which had seen it.",
                      {&reply_, old->second, later});
      }
    }
    for (const auto& [value, write] : due) {
      if (answers(value)) continue;
      findings_.add("lost-update",
                    subject() + " without " + text(value) + ", although it saw " +
                        who(object_, *write) + " and no write that had seen that one.",
                    {&reply_, write});
    }
  }

  // What any of these updates saw.
  Context cover_of(const std::vector<const Event*>& updates) const {
    Context cover(object_.replica_count(), 0);
    Context context;
    for (const Event* update : updates) {
      updates_.past_of(*update, context);
      for (std::size_t r = 0; r < cover.size(); ++r) cover[r] = std::max(cover[r], context[r]);
    }
    return cover;
  }

  // The first of these that saw the update.
  const Event* seer_of(const Event& update, const std::vector<const Event*>& among) const {
    for (const Event* other : among) {
      if (saw(*other, update)) return other;
    }
    return nullptr;
  }

  void elements() {
    duplicates("duplicate-element");
    std::map<std::int32_t, std::vector<const Event*>> by_element;
    for (const Event* update : visible_) by_element[update->input].push_back(update);
    for (std::int32_t element : object_.elements_of(reply_)) {
      if (present(by_element[element]) != nullptr) continue;
      extra(element, by_element[element]);
    }
    for (const auto& [element, updates] : by_element) {
      const Event* add = present(updates);
      if (add == nullptr || answers(element)) continue;
      findings_.add("lost-element",
                    subject() + " without " + text(element) + ", although it saw " +
                        who(object_, *add) + " and " + missing_remove() + ".",
                    {&reply_, add});
    }
  }

  std::string missing_remove() const {
    return object_.kind == Kind::or_set ? "no remove that had seen this add"
           : object_.kind == Kind::list ? "no delete of it"
                                        : "nothing is ever removed";
  }

  void extra(std::int32_t element, const std::vector<const Event*>& updates) {
    const Event* add = nullptr;
    std::vector<const Event*> removes;
    for (const Event* update : updates) {
      if (adds(*update)) add = update;
      if (!adds(*update)) removes.push_back(update);
    }
    if (add == nullptr) {
      findings_.add("phantom-element",
                    subject() + ", but no update that it saw put in " + text(element) + ".",
                    {&reply_});
      return;
    }
    const Event* remove = object_.kind == Kind::list ? removes.front() : seer_of(*add, removes);
    findings_.add("resurrected-element",
                  subject() + ", but it saw " + who(object_, *remove) + ", which took out " +
                      text(element) + " as " + who(object_, *add) + " had put it in.",
                  {&reply_, add, remove});
  }

  static bool adds(const Event& update) {
    return update.verb == Verb::add || update.verb == Verb::insert;
  }

  // An add for which the element is there, of all visible updates of the element.
  const Event* present(const std::vector<const Event*>& updates) const {
    std::vector<const Event*> removes;
    for (const Event* update : updates) {
      if (!adds(*update)) removes.push_back(update);
    }
    if (object_.kind == Kind::list && !removes.empty()) return nullptr;
    Context cover = cover_of(removes);
    for (const Event* add : updates) {
      if (adds(*add) && add->dot.counter > cover[add->dot.replica]) return add;
    }
    return nullptr;
  }

  bool answers(std::int32_t element) const {
    auto said = object_.elements_of(reply_);
    return std::find(said.begin(), said.end(), element) != said.end();
  }

  void duplicates(const char* name) {
    auto said = object_.elements_of(reply_);
    std::vector<std::int32_t> sorted(said.begin(), said.end());
    std::sort(sorted.begin(), sorted.end());
    auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice == sorted.end()) return;
    findings_.add(name, subject() + ", which names " + text(*twice) + " twice.", {&reply_});
  }

  const Object& object_;
  const Updates& updates_;
  const Event& reply_;
  Findings& findings_;
  std::vector<const Event*> visible_;
};

}  // namespace

void explain_answer(const Object& object, const Updates& updates, const Event& reply,
                    Findings& findings) {
  Scene(object, updates, reply, findings).explain();
}

}  // namespace sunder::replicated
