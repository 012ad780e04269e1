#include "checker/replicated/findings.h"

#include <algorithm>

namespace sunder::replicated {
namespace {

constexpr std::size_t text_limit = 60;
constexpr std::size_t list_limit = 24;

std::string verb_text(const Object& object, const Event& event) {
  switch (event.verb) {
    case Verb::read: return "read";
    case Verb::final_read: return "final read";
    case Verb::log: return "log";
    case Verb::increment:
      return (event.amount < 0 ? "decrement by " : "increment by ") +
             std::to_string(event.amount < 0 ? -event.amount : event.amount);
    case Verb::write: return "write of " + text_of(*object.values, event.input);
    case Verb::add: return "add of " + text_of(*object.values, event.input);
    case Verb::remove: return "remove of " + text_of(*object.values, event.input);
    case Verb::insert:
      return "insert of " + text_of(*object.values, event.input) + " at position " +
             std::to_string(event.position);
    case Verb::erase: return "delete of " + text_of(*object.values, event.input);
  }
  return {};
}

}  // namespace

void Findings::add(const std::string& name, const std::string& explanation,
                   std::initializer_list<const Event*> cited) {
  add(name, explanation, std::vector<const Event*>(cited));
}

void Findings::add(const std::string& name, const std::string& explanation,
                   const std::vector<const Event*>& cited) {
  if (!names_.insert(name).second) return;
  Anomaly anomaly{.name = name, .explanation = where_ + explanation};
  char& first = anomaly.explanation.front();
  if (first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
  for (const Event* event : cited) {
    if (event == nullptr) continue;
    anomaly.ops.push_back(event->invoked);
    if (event->ok()) anomaly.ops.push_back(event->completed);
  }
  std::sort(anomaly.ops.begin(), anomaly.ops.end());
  anomaly.ops.erase(std::unique(anomaly.ops.begin(), anomaly.ops.end()), anomaly.ops.end());
  anomalies_.push_back(std::move(anomaly));
}

std::string who(const Object& object, const Event& event) {
  return "process " + to_string(event.process) + "'s " + verb_text(object, event) + " (op " +
         std::to_string(event.invoked) + ")";
}

std::string name_of(const Object& object, Dot dot) {
  const Value& replica = (*object.replicas)[static_cast<std::int32_t>(dot.replica)];
  std::string name = replica.is_text() ? replica.text() : to_json(replica);
  return "update " + std::to_string(dot.counter) + " of " + name;
}

std::string counted(std::uint64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string text_of(const ValueTable& values, std::int32_t id) {
  std::string text = values.text(id);
  if (text.size() > text_limit) {
    text.resize(text_limit);
    text += "...";
  }
  return text;
}

std::string text_of(const ValueTable& values, std::span<const std::int32_t> list) {
  std::string out = "[";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list.size() > list_limit && i == list_limit / 2) {
      out += " ...";
      i = list.size() - list_limit / 2;
    }
    out += (i == 0 ? "" : " ") + text_of(values, list[i]);
  }
  return out + "]";
}

std::string answer_of(const Object& object, const Event& event) {
  switch (object.kind) {
    case Kind::g_counter:
    case Kind::pn_counter: return std::to_string(event.number);
    case Kind::lww_register: return text_of(*object.values, event.answer);
    default: return text_of(*object.values, object.elements_of(event));
  }
}

}  // namespace sunder::replicated
