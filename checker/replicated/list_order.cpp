#include "checker/replicated/list_order.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "checker/replicated/components.h"

namespace sunder::replicated {
namespace {

class Order {
 public:
  Order(const Object& object, const Budget& budget, Findings& findings)
      : object_(object), budget_(budget), findings_(findings), graph_(object.values->size()) {
    for (const Event& event : object.events) {
      if (event.answered) documents_.push_back(&event);
    }
  }

  bool run(bool strong) {
    for (const Event* document : documents_) {
      auto list = object_.elements_of(*document);
      for (std::size_t i = 1; i < list.size(); ++i) {
        graph_.add(static_cast<std::uint32_t>(list[i - 1]), static_cast<std::uint32_t>(list[i]));
      }
    }
    graph_.find_components();
    if (!graph_.cyclic()) return true;
    if (!conflicts()) return false;
    if (strong) tell_cycle();
    return true;
  }

 private:
  // Two documents that order a pair differently put it on a cycle, so that only pairs within one
  // component are looked at. Equal remainders of documents are looked at once.
  bool conflicts() {
    std::unordered_map<std::uint64_t, const Event*> ordered;  // pair of elements -> a document
    std::map<std::vector<std::int32_t>, const Event*> seen;
    std::map<std::uint32_t, std::vector<std::int32_t>> parts;
    for (const Event* document : documents_) {
      parts.clear();
      for (std::int32_t element : object_.elements_of(*document)) {
        auto at = static_cast<std::uint32_t>(element);
        if (graph_.on_cycle(at)) parts[graph_.component(at)].push_back(element);
      }
      for (const auto& [component, part] : parts) {
        if (!seen.emplace(part, document).second) continue;
        if (compare(part, *document, ordered)) return true;
        if (budget_.over(ordered.size() * 64)) return false;
      }
    }
    return true;
  }

  bool compare(const std::vector<std::int32_t>& part, const Event& document,
               std::unordered_map<std::uint64_t, const Event*>& ordered) {
    auto pair = [](std::int32_t a, std::int32_t b) {
      return static_cast<std::uint64_t>(static_cast<std::uint32_t>(a)) << 32 |
             static_cast<std::uint32_t>(b);
    };
    for (std::size_t i = 0; i < part.size(); ++i) {
      for (std::size_t k = i + 1; k < part.size(); ++k) {
        if (part[i] == part[k]) continue;  // named twice, which is told elsewhere
        auto other = ordered.find(pair(part[k], part[i]));
        if (other != ordered.end()) {
          tell_conflict(part[i], part[k], document, *other->second);
          return true;
        }
        ordered.emplace(pair(part[i], part[k]), &document);
      }
      if (i % 64 == 63 && budget_.over(ordered.size() * 64)) return false;
    }
    return false;
  }

  std::string text(std::int32_t element) const { return text_of(*object_.values, element); }

  void tell_conflict(std::int32_t first, std::int32_t second, const Event& one,
                     const Event& other) {
    findings_.add("order-conflict",
                  "The documents do not agree on the order of " + text(first) + " and " +
                      text(second) + ": " + who(object_, one) + " answered " +
                      answer_of(object_, one) + ", but " + who(object_, other) + " answered " +
                      answer_of(object_, other) + ".",
                  {&one, &other});
  }

  // Each step of the cycle is two neighbours in some document.
  void tell_cycle() {
    std::vector<std::uint32_t> cycle = graph_.shortest_cycle();
    std::vector<const Event*> cited;
    std::string text_so_far;
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      std::int32_t from = static_cast<std::int32_t>(cycle[i]);
      std::int32_t to = static_cast<std::int32_t>(cycle[(i + 1) % cycle.size()]);
      const Event* by = neighbours(from, to);
      cited.push_back(by);
      text_so_far += (i == 0 ? "" : ", ") + text(from) + " before " + text(to) + " in " +
                     answer_of(object_, *by) + " of " + who(object_, *by);
    }
    findings_.add("order-cycle",
                  "No order of all elements, deleted ones included, agrees with every document: " +
                      text_so_far + ".",
                  cited);
  }

  const Event* neighbours(std::int32_t from, std::int32_t to) const {
    for (const Event* document : documents_) {
      auto list = object_.elements_of(*document);
      for (std::size_t i = 1; i < list.size(); ++i) {
        if (list[i - 1] == from && list[i] == to) return document;
      }
    }
    return nullptr;
  }

  const Object& object_;
  const Budget& budget_;
  Findings& findings_;
  Components graph_;
  std::vector<const Event*> documents_;
};

// Replies that saw the same updates, in order of history, against the first of them.
void convergence(const Object& object, const Updates& updates, Findings& findings) {
  std::map<Context, const Event*> first;
  Context context;
  for (const Event& event : object.events) {
    if (!event.answered || !event.witnessed) continue;
    updates.context_of(event, true, context);
    auto [at, added] = first.emplace(context, &event);
    if (added) continue;
    auto a = object.elements_of(*at->second);
    auto b = object.elements_of(event);
    if (std::equal(a.begin(), a.end(), b.begin(), b.end())) continue;
    findings.add("divergence",
                 who(object, *at->second) + " and " + who(object, event) +
                     " saw the same updates, but answered " + answer_of(object, *at->second) +
                     " and " + answer_of(object, event) + ".",
                 {at->second, &event});
    return;
  }
}

// The same of replies that do not say what they saw: those with the same elements.
std::string bare_convergence(const Object& object, Findings& findings) {
  bool deletes = std::any_of(object.events.begin(), object.events.end(),
                             [](const Event& event) { return event.verb == Verb::erase; });
  std::map<std::vector<std::int32_t>, const Event*> first;
  for (const Event& event : object.events) {
    if (!event.answered) continue;
    auto list = object.elements_of(event);
    std::vector<std::int32_t> elements(list.begin(), list.end());
    std::sort(elements.begin(), elements.end());
    const Event& other = *first.emplace(std::move(elements), &event).first->second;
    auto listed = object.elements_of(other);
    if (std::equal(list.begin(), list.end(), listed.begin(), listed.end())) continue;
    if (deletes) {
      return who(object, other) + " and " + who(object, event) +
             " answered the same elements in different orders, and whether both saw the same "
             "deletes is open";
    }
    findings.add("divergence",
                 who(object, other) + " and " + who(object, event) +
                     " saw the same inserts and no delete, but answered " +
                     answer_of(object, other) + " and " + answer_of(object, event) + ".",
                 {&other, &event});
    return {};
  }
  return {};
}

}  // namespace

std::string check_list_order(const Object& object, const Updates* updates, Demands::Order order,
                             const Budget& budget, Findings& findings) {
  std::string open;
  if (updates != nullptr) {
    convergence(object, *updates, findings);
  } else if (order == Demands::Order::convergence) {
    open = bare_convergence(object, findings);
  }
  if (order == Demands::Order::convergence) return open;
  bool done = Order(object, budget, findings).run(order == Demands::Order::strong);
  return done ? "" : "the time budget ended before all documents were compared";
}

}  // namespace sunder::replicated
