#include "checker/domain/log_calls.h"

#include "checker/domain/shapes.h"

namespace sunder::domain {

Reading LogChecker::begin_call(std::size_t at, std::string_view verb, ValueView arguments) {
  Kind kind = Kind::access;
  if (verb == "assign" || verb == "subscribe") {
    kind = verb == "assign" ? Kind::assign : Kind::subscribe;
  } else if (verb == "crash" || verb == "close" || verb == "debug-topic-partitions") {
    return Reading::ignored;
  } else if (verb != "send" && verb != "poll" && verb != "txn") {
    return Reading::refused;
  }
  kind_.resize(at);
  kind_.push_back(kind);
  polls_.resize(at);
  polls_.push_back(0);
  first_.resize(at);
  first_.push_back(records_.size());
  size_.resize(at);
  size_.push_back(0);
  bool fine = kind != Kind::access || read_list(at, arguments, false);
  size_[at] = records_.size() - first_[at];
  return fine ? Reading::understood : Reading::refused;
}

Reading LogChecker::end_call(std::size_t at, ValueView answer, std::string_view) {
  if (!call(at).ok() || kind_[at] != Kind::access) return Reading::understood;
  std::size_t asked = first_[at];
  std::size_t asked_size = size_[at];
  first_[at] = records_.size();
  bool fine = read_list(at, answer, true);
  size_[at] = records_.size() - first_[at];
  return fine && same_sends(at, asked, asked_size) ? Reading::understood : Reading::refused;
}

bool LogChecker::read_list(std::size_t at, ValueView list, bool answered) {
  if (list.kind() != Value::Kind::list) return false;
  bool fine = true;
  list.each([&](ValueView op) {
    std::vector<ValueView> parts = items(op);
    fine = fine && !parts.empty() && parts[0].kind() == Value::Kind::text;
    if (!fine) return;
    std::string_view name = plain(parts[0].text());
    if (name == "send") {
      fine = read_send(at, parts, answered);
    } else if (name == "poll" && parts.size() <= 2) {
      polls_[at] = 1;
      fine = !answered || (parts.size() == 2 && read_polled(at, parts[1]));
    } else {
      fine = false;
    }
  });
  return fine;
}

bool LogChecker::read_send(std::size_t at, const std::vector<ValueView>& parts, bool answered) {
  if (parts.size() != 3 || !Names::fits(parts[1])) return false;
  Record record{.call = static_cast<std::uint32_t>(at), .key = names_.of(parts[1]), .sent = true};
  ValueView value = parts[2];
  if (answered && value.kind() == Value::Kind::list) {
    if (value.size() != 2) return false;
    ValueView offset = value[0];
    if (offset.kind() == Value::Kind::integer)
      record.offset = offset.integer();
    else if (!offset.is_nil())
      return false;
    value = value[1];
  }
  record.value = ids_.of(value);
  records_.push_back(record);
  return !value.is_nil();
}

bool LogChecker::read_polled(std::size_t at, ValueView by_key) {
  if (by_key.is_nil()) return true;
  if (by_key.kind() != Value::Kind::map) return false;
  bool fine = true;
  by_key.each([&](ValueView key, ValueView messages) {
    fine = fine && Names::fits(key) && messages.kind() == Value::Kind::list;
    if (!fine) return;
    std::int32_t name = names_.of(key);
    messages.each([&](ValueView message) {
      bool pair = message.kind() == Value::Kind::list && message.size() == 2 &&
                  message[0].kind() == Value::Kind::integer;
      fine = fine && pair;
      if (!fine) return;
      records_.push_back({.call = static_cast<std::uint32_t>(at),
                          .key = name,
                          .value = ids_.of(message[1]),
                          .offset = message[0].integer()});
    });
  });
  return fine;
}

bool LogChecker::same_sends(std::size_t at, std::size_t asked, std::size_t asked_size) const {
  std::size_t next = asked;
  for (const Record& record : records(at)) {
    if (!record.sent) continue;
    if (next == asked + asked_size) return false;
    const Record& wanted = records_[next++];
    if (wanted.key != record.key || wanted.value != record.value) return false;
  }
  return next == asked + asked_size;
}

std::string LogChecker::expects() const {
  return "send, poll and txn of a list of [:send key value] and [:poll] (answered by [:send key "
         "[offset value]] and [:poll {key [[offset value] ...]}]), assign and subscribe";
}

std::string LogChecker::message_text(const Record& record) const {
  std::string text = ids_.text(record.value) + " of key " + names_.text(record.key);
  return record.offset == no_offset ? text : text + " at offset " + std::to_string(record.offset);
}

std::string LogChecker::call_text(std::uint32_t at) const { return told(at, "call"); }

Map LogChecker::detail_of(const Record& record) const {
  Map map;
  map["log"] = names_.text(record.key);
  map["value"] = ids_.value(record.value);
  if (record.offset != no_offset) map["offset"] = record.offset;
  return map;
}

}  // namespace sunder::domain
