#include "checker/replicated/decode.h"

#include <array>

namespace sunder::replicated {
namespace {

constexpr std::size_t replicas_limit = 256;
constexpr std::int64_t amount_limit = std::int64_t{1} << 31;  // so that sums never overflow
constexpr std::int64_t count_limit = std::int64_t{1} << 31;

constexpr std::array<Datatype, 7> all{{
    {Kind::g_counter, "crdt-g-counter", "a replicated counter that grows",
     "increment of an amount that is not negative, read, final-read and log"},
    {Kind::g_set, "crdt-g-set", "a replicated set that grows",
     "add of an element, read, final-read and log"},
    {Kind::list, "crdt-list", "a replicated list of unique elements, as texts are edited together",
     "insert of {value, position}, delete of an element (both answer the document), read, "
     "final-read and log"},
    {Kind::lww_register, "crdt-lww-register", "a replicated register whose last writer wins",
     "write of a value (its reply has a stamp where it has a dot), read, final-read and log"},
    {Kind::mv_register, "crdt-mv-register",
     "a replicated register that keeps every value that no later write has seen",
     "write of a value, read, final-read and log"},
    {Kind::or_set, "crdt-or-set",
     "a replicated set where a remove takes only the adds that it saw (add wins)",
     "add and remove of an element, read, final-read and log"},
    {Kind::pn_counter, "crdt-pn-counter", "a replicated counter that grows and shrinks",
     "increment and decrement of an amount, read, final-read and log"},
}};

std::optional<ValueView> field(ValueView map, std::string_view name) {
  std::optional<ValueView> found;
  map.each([&](ValueView key, ValueView value) {
    if (key.kind() == Value::Kind::text && key.text() == name) found = value;
  });
  return found;
}

bool is_scalar(ValueView value) {
  return value.kind() != Value::Kind::list && value.kind() != Value::Kind::map;
}

bool takes_amount(Kind kind) { return kind == Kind::g_counter || kind == Kind::pn_counter; }

}  // namespace

std::span<const Datatype> datatypes() { return all; }

std::optional<Verb> verb_of(Kind kind, std::string_view verb) {
  if (verb == "read") return Verb::read;
  if (verb == "final-read") return Verb::final_read;
  if (verb == "log") return Verb::log;
  switch (kind) {
    case Kind::lww_register:
    case Kind::mv_register:
      if (verb == "write") return Verb::write;
      break;
    case Kind::pn_counter:
      if (verb == "decrement") return Verb::increment;
      [[fallthrough]];
    case Kind::g_counter:
      if (verb == "increment") return Verb::increment;
      break;
    case Kind::or_set:
      if (verb == "remove") return Verb::remove;
      [[fallthrough]];
    case Kind::g_set:
      if (verb == "add") return Verb::add;
      break;
    case Kind::list:
      if (verb == "insert") return Verb::insert;
      if (verb == "delete") return Verb::erase;
      break;
  }
  return {};
}

bool Decoder::arguments(std::string_view verb, ValueView value, Event& event) {
  std::optional<Verb> known = verb_of(object_.kind, verb);
  if (!known) return false;
  event.verb = *known;
  if (!is_update(event.verb)) return true;
  if (value.kind() == Value::Kind::map) {
    ValueView map = value;
    value = field(map, "value").value_or(ValueView());
    if (auto tag = field(map, "tag")) {
      if (!is_scalar(*tag)) return false;
      event.tag = values_.intern(*tag);
    }
    if (auto position = field(map, "position"); position && event.verb == Verb::insert) {
      if (position->kind() != Value::Kind::integer) return false;
      if (position->integer() < 0 || position->integer() >= count_limit) return false;
      event.position = static_cast<std::uint32_t>(position->integer());
    } else if (event.verb == Verb::insert) {
      return false;
    }
  } else if (event.verb == Verb::insert) {
    return false;
  }
  if (takes_amount(object_.kind)) {
    if (!value.is_nil() && value.kind() != Value::Kind::integer) return false;
    event.amount = value.is_nil() ? 1 : value.integer();
    if (event.amount > amount_limit || event.amount < -amount_limit) return false;
    if (verb == "decrement") event.amount = -event.amount;
    return object_.kind == Kind::pn_counter || event.amount >= 0;
  }
  event.input = values_.intern(value);
  return !value.is_nil();
}

bool Decoder::reply(ValueView value, Event& event) {
  if (event.verb == Verb::log) {
    std::optional<ValueView> listed;
    if (value.kind() == Value::Kind::map) listed = field(value, "log");
    return listed && log(*listed, event.log);
  }
  if (value.kind() != Value::Kind::map) {
    if (is_update(event.verb)) return update_answer(value, event);
    return state(value, event);
  }
  std::optional<ValueView> seen = field(value, "seen");
  if (seen && !vector(*seen, event.seen)) return false;
  event.witnessed = seen.has_value();
  if (auto who = field(value, "replica"); who && !replica(*who, event.replica)) return false;
  std::optional<ValueView> answer = field(value, "value");
  if (answer && !state(*answer, event)) return false;
  if (!is_update(event.verb)) return answer.has_value();
  if (object_.kind == Kind::list && !answer) return false;
  std::optional<ValueView> own = field(value, "dot");
  if (own.has_value() != event.witnessed) return false;
  if (own && !dot(*own, event.dot)) return false;
  if (!past(value, event.past)) return false;
  if (event.verb != Verb::write || object_.kind != Kind::lww_register) return true;
  std::optional<ValueView> at = field(value, "stamp");
  if (at && !stamp(*at, event.stamp)) return false;
  return at.has_value() == event.witnessed;
}

// Updates that answer no map say nothing (they repeat their arguments), but for the document that
// a list's updates leave.
bool Decoder::update_answer(ValueView value, Event& event) {
  if (object_.kind == Kind::list) return state(value, event);
  return true;
}

bool Decoder::state(ValueView value, Event& event) {
  event.answered = true;
  switch (object_.kind) {
    case Kind::lww_register: event.answer = values_.intern(value); return true;
    case Kind::g_counter:
    case Kind::pn_counter:
      if (value.kind() != Value::Kind::integer) return false;
      event.number = value.integer();
      return true;
    default: break;
  }
  if (value.is_nil()) return true;  // an empty one
  if (value.kind() != Value::Kind::list) return false;
  event.elements.at = static_cast<std::uint32_t>(object_.elements.size());
  value.each([&](ValueView item) { object_.elements.push_back(values_.intern(item)); });
  event.elements.count = static_cast<std::uint32_t>(object_.elements.size()) - event.elements.at;
  return true;
}

bool Decoder::replica(ValueView value, std::uint32_t& id) {
  if (value.kind() != Value::Kind::text && value.kind() != Value::Kind::integer) return false;
  id = static_cast<std::uint32_t>(replicas_.intern(value));
  return id <= replicas_limit;
}

bool Decoder::vector(ValueView value, Slice& slice) {
  if (value.kind() != Value::Kind::map) return false;
  slice.at = static_cast<std::uint32_t>(object_.seen.size());
  bool good = true;
  value.each([&](ValueView key, ValueView count) {
    Seen seen;
    good = good && replica(key, seen.replica) && count.kind() == Value::Kind::integer &&
           count.integer() >= 0 && count.integer() < count_limit;
    if (!good) return;
    seen.counter = static_cast<std::uint32_t>(count.integer());
    if (seen.counter != 0) object_.seen.push_back(seen);
  });
  slice.count = static_cast<std::uint32_t>(object_.seen.size()) - slice.at;
  return good;
}

// Other datatypes have no writes that replace less than they saw.
bool Decoder::past(ValueView map, std::optional<Slice>& slice) {
  std::optional<ValueView> said = field(map, "past");
  if (!said || object_.kind != Kind::mv_register) return true;
  return vector(*said, slice.emplace());
}

bool Decoder::dot(ValueView value, Dot& dot) {
  if (value.kind() != Value::Kind::list || value.size() != 2) return false;
  ValueView counter = value[1];
  if (!replica(value[0], dot.replica) || counter.kind() != Value::Kind::integer) return false;
  if (counter.integer() < 1 || counter.integer() >= count_limit) return false;
  dot.counter = static_cast<std::uint32_t>(counter.integer());
  return true;
}

bool Decoder::stamp(ValueView value, std::optional<Stamp>& stamp) {
  if (value.kind() != Value::Kind::list || value.size() != 2) return false;
  if (value[0].kind() != Value::Kind::integer || !is_scalar(value[1])) return false;
  stamp = Stamp{value[0].integer(), values_.intern(value[1])};
  return true;
}

bool Decoder::log(ValueView value, Slice& slice) {
  if (value.kind() != Value::Kind::list) return false;
  std::vector<LogEntry> entries;
  bool good = true;
  value.each([&](ValueView item) {
    LogEntry entry;
    good = good && log_entry(item, entry);
    entries.push_back(entry);
  });
  slice = {static_cast<std::uint32_t>(object_.logs.size()),
           static_cast<std::uint32_t>(entries.size())};
  object_.logs.insert(object_.logs.end(), entries.begin(), entries.end());
  return good;
}

bool Decoder::log_entry(ValueView value, LogEntry& entry) {
  if (value.kind() != Value::Kind::map) return false;
  std::optional<ValueView> own = field(value, "dot");
  std::optional<ValueView> tag = field(value, "tag");
  std::optional<ValueView> seen = field(value, "seen");
  if (!own || !tag || !seen || !is_scalar(*tag)) return false;
  entry.tag = values_.intern(*tag);
  if (!dot(*own, entry.dot) || !vector(*seen, entry.seen)) return false;
  if (!past(value, entry.past)) return false;
  if (object_.kind != Kind::lww_register) return true;
  std::optional<ValueView> at = field(value, "stamp");
  return at && stamp(*at, entry.stamp);
}

}  // namespace sunder::replicated
