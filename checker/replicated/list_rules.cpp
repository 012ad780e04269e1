#include "checker/replicated/list_rules.h"

#include <algorithm>
#include <unordered_map>

#include "checker/replicated/components.h"

namespace sunder::replicated {
namespace {

std::string text(const Object& object, std::int32_t element) {
  return text_of(*object.values, element);
}

std::string answered(const Object& object, const Event& event) {
  return who(object, event) + " answered " + answer_of(object, event);
}

/// What one session has seen so far of the elements.
struct DocumentSession {
  std::vector<std::int32_t> present;  // the last document, as far as the session knows
  std::unordered_map<std::int32_t, const Event*>
      gone;  // deleted, as an event showed; looked up only
  const Event* last = nullptr;        // that answered a document
  std::uint32_t previous = nobody;    // the last event that was acknowledged
};

class Documents {
 public:
  Documents(const Object& object, const Demands& demands, Findings& findings)
      : object_(object),
        demands_(demands),
        findings_(findings),
        inserts_(object.values->size(), nobody),
        deletes_(object.values->size(), nobody),
        named_(object.values->size(), 0),
        graph_(object.events.size()) {
    for (std::uint32_t i = 0; i < object.events.size(); ++i) {
      const Event& event = object.events[i];
      if (event.verb == Verb::insert) inserts_[index(event.input)] = i;
      if (event.verb != Verb::erase) continue;
      std::uint32_t& first = deletes_[index(event.input)];
      if (first != nobody) many_deletes_ = true;
      first = first == nobody ? i : first;
    }
  }

  Bare run() {
    for (std::uint32_t i = 0; i < object_.events.size(); ++i) {
      const Event& event = object_.events[i];
      if (!event.answered && !is_update(event.verb)) continue;
      DocumentSession fresh;
      DocumentSession& session = demands_.sessions ? sessions_[event.process.id] : fresh;
      if (session.previous != nobody) graph_.add(session.previous, i);
      // What an update without a reply saw is seen by whoever sees the update, if anybody does.
      if (event.ok()) session.previous = i;
      if (!event.answered) continue;
      members(i);
      own_update(i);
      since_last(i, session);
      session.last = &event;
    }
    graph_.find_components();
    if (!findings_.none()) return {};
    if (graph_.cyclic()) return cyclic();
    if (demands_.causal)
      return {false,
              "causality cannot be proved of replies that do not say "
              "what they saw"};
    return {};
  }

 private:
  static std::size_t index(std::int32_t element) { return static_cast<std::size_t>(element); }

  // Every element was inserted, by an update that had been invoked, and stands once.
  void members(std::uint32_t at) {
    const Event& event = object_.events[at];
    ++round_;
    for (std::int32_t element : object_.elements_of(event)) {
      std::uint32_t insert = inserts_[index(element)];
      if (insert == nobody || object_.events[insert].invoked > event.completed) {
        findings_.add("phantom-element",
                      answered(object_, event) + ", but nobody had asked to insert " +
                          text(object_, element) + ".",
                      {&event, insert == nobody ? nullptr : &object_.events[insert]});
      } else {
        saw(at, insert);
      }
      if (named_[index(element)] == round_) {
        findings_.add(
            "duplicate-element",
            answered(object_, event) + ", which names " + text(object_, element) + " twice.",
            {&event});
      }
      named_[index(element)] = round_;
    }
  }

  bool named(std::int32_t element) const { return named_[index(element)] == round_; }

  void own_update(std::uint32_t at) {
    const Event& event = object_.events[at];
    if (event.verb != Verb::erase || !named(event.input)) return;
    findings_.add("resurrected-element",
                  answered(object_, event) + ", which still has the deleted element.", {&event});
  }

  // Since the session's last document, elements left by deletes only, and none came back.
  void since_last(std::uint32_t at, DocumentSession& session) {
    const Event& event = object_.events[at];
    for (std::int32_t element : object_.elements_of(event)) {
      auto gone = session.gone.find(element);
      if (gone == session.gone.end()) continue;
      findings_.add("resurrected-element",
                    answered(object_, event) + ", but " + text(object_, element) +
                        " had been deleted as the same process had learnt by " +
                        who(object_, *gone->second) + ".",
                    {&event, gone->second});
    }
    for (std::int32_t element : session.present) {
      if (named(element)) continue;
      session.gone[element] = &event;
      left(at, element, *session.last);
    }
    auto elements = object_.elements_of(event);
    session.present.assign(elements.begin(), elements.end());
    if (event.verb == Verb::erase) session.gone.emplace(event.input, &event);
  }

  void left(std::uint32_t at, std::int32_t element, const Event& last) {
    const Event& event = object_.events[at];
    std::uint32_t erase = deletes_[index(element)];
    if (erase != nobody && object_.events[erase].invoked < event.completed) return saw(at, erase);
    findings_.add("lost-element",
                  answered(object_, event) + " without " + text(object_, element) +
                      ", which stood in the document of " + who(object_, last) +
                      " and nobody had asked to delete.",
                  {&last, &event});
  }

  void saw(std::uint32_t at, std::uint32_t update) {
    if (at != update) graph_.add(update, at);
  }

  Bare cyclic() {
    std::vector<std::uint32_t> cycle = graph_.shortest_cycle();
    std::vector<const Event*> cited;
    std::string names;
    for (std::uint32_t i : cycle) {
      cited.push_back(&object_.events[i]);
      names += (names.empty() ? "" : ", ") + who(object_, object_.events[i]);
    }
    bool by_delete = std::any_of(cited.begin(), cited.end(),
                                 [](const Event* one) { return one->verb == Verb::erase; });
    if (by_delete && many_deletes_) {
      return {false, "which of several deletes of one element was seen is open"};
    }
    findings_.add("cyclic-visibility",
                  "Each of these operations was seen by the next one or came before it in its "
                  "process, and the last so by the first, so that none can have come first: " +
                      names + ".",
                  cited);
    return {};
  }

  const Object& object_;
  const Demands& demands_;
  Findings& findings_;
  std::vector<std::uint32_t> inserts_;  // by element: its insert
  std::vector<std::uint32_t> deletes_;  // by element: the delete that was invoked first
  std::vector<std::uint32_t> named_;    // by element: the last document that names it
  std::uint32_t round_ = 0;
  bool many_deletes_ = false;  // some element was deleted more than once
  Components graph_;
  std::unordered_map<std::int32_t, DocumentSession> sessions_;  // looked up only
};

}  // namespace

std::string repeated_insert(const Object& object) {
  std::vector<const Event*> insert(object.values->size(), nullptr);
  for (const Event& event : object.events) {
    if (event.verb != Verb::insert) continue;
    const Event*& first = insert[static_cast<std::size_t>(event.input)];
    if (first != nullptr) {
      return who(object, *first) + " and " + who(object, event) +
             " insert the same element, so that documents do not tell them apart";
    }
    first = &event;
  }
  return {};
}

void check_positions(const Object& object, Findings& findings) {
  for (const Event& event : object.events) {
    if (event.verb != Verb::insert || !event.answered) continue;
    auto document = object.elements_of(event);
    auto found = std::find(document.begin(), document.end(), event.input);
    if (found == document.end()) {
      findings.add("lost-element", answered(object, event) + ", which lacks the inserted element.",
                   {&event});
      continue;
    }
    auto stands = static_cast<std::size_t>(found - document.begin());
    std::size_t due = std::min<std::size_t>(event.position, document.size() - 1);
    if (stands == due) continue;
    findings.add("wrong-position",
                 answered(object, event) + ", where the element stands at position " +
                     std::to_string(stands) + ".",
                 {&event});
  }
}

Bare check_bare_documents(const Object& object, const Demands& demands, Findings& findings) {
  return Documents(object, demands, findings).run();
}

}  // namespace sunder::replicated
