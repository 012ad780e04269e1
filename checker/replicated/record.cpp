#include "checker/replicated/record.h"

#include "checker/replicated/decode.h"

namespace sunder::replicated {

void Recorder::feed(const OpView& op) {
  if (!op.process.is_client()) return;
  if (op.phase == Phase::invoke) {
    ++client_ops_;
    invoke(op);
  } else if (op.pair != no_op) {
    complete(op);
  } else if (op.phase != Phase::fail) {
    complain(op, "completes without an invocation, so nobody knows when it began");
  }
}

void Recorder::invoke(const OpView& op) {
  places_.resize(op.index + 1);
  Event event;
  event.invoked = static_cast<std::uint32_t>(op.index);
  event.process = op.process;
  ValueView value = op.value;
  std::int32_t key = 0;
  if (!split_key(op, value, key)) return;
  std::uint32_t at = object_of(key);
  Object& object = objects_[at];
  if (!Decoder(object, values_, replicas_).arguments(op.verb, value, event)) {
    return complain(op, "is no operation of this datatype, which has " + std::string(expects_));
  }
  places_[op.index] = {at, static_cast<std::uint32_t>(object.events.size())};
  object.events.push_back(event);
  out_[at].push_back(false);
}

void Recorder::complete(const OpView& op) {
  Place place = op.pair < places_.size() ? places_[op.pair] : Place{};
  if (place.event == nobody) return;  // its invocation was complained about
  Object& object = objects_[place.object];
  Event& event = object.events[place.event];
  if (op.phase == Phase::fail) {
    out_[place.object][place.event] = true;
    if (is_update(event.verb)) object.failed.push_back({event.invoked, event.tag, event.input});
  }
  if (op.phase != Phase::ok) return;
  ValueView value = op.value;
  std::int32_t key = object.key;
  if (!(keyed_ && value.is_nil()) && !split_key(op, value, key)) return;
  if (key != object.key) return complain(op, "answers for another key than its invocation");
  if (!Decoder(object, values_, replicas_).reply(value, event)) {
    return complain(op, "does not answer as this datatype does, which has " +
                            std::string(expects_) +
                            "; a witness is {seen: {replica: count}}, and {dot: [replica count]} "
                            "of updates");
  }
  event.completed = static_cast<std::uint32_t>(op.index);
  if (event.verb == Verb::log) return;
  std::uint8_t witness = event.witnessed ? 2 : 1;
  if (witness_[place.object] == 0) witness_[place.object] = witness;
  if (witness_[place.object] != witness) {
    complain(op, event.witnessed ? "says what it saw, but replies before it do not"
                                 : "does not say what it saw, but replies before it do");
  }
}

bool Recorder::split_key(const OpView& op, ValueView& value, std::int32_t& key) {
  if (!keyed_) return true;
  bool scalar_key = value.kind() == Value::Kind::list && value.size() == 2 &&
                    value[0].kind() != Value::Kind::list && value[0].kind() != Value::Kind::map;
  if (!scalar_key) {
    complain(op, "has no [key value]");
    return false;
  }
  key = keys_.intern(value[0]);
  value = value[1];
  return true;
}

std::uint32_t Recorder::object_of(std::int32_t key) {
  auto index = static_cast<std::size_t>(key);
  if (index >= object_of_key_.size()) object_of_key_.resize(index + 1, nobody);
  if (object_of_key_[index] == nobody) {
    object_of_key_[index] = static_cast<std::uint32_t>(objects_.size());
    Object object;
    object.kind = kind_;
    object.key = key;
    object.values = &values_;
    object.replicas = &replicas_;
    objects_.push_back(std::move(object));
    witness_.push_back(0);
    out_.emplace_back();
  }
  return object_of_key_[index];
}

std::vector<Object> Recorder::take() {
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    std::vector<Event>& events = objects_[i].events;
    std::size_t kept = 0;
    for (std::size_t e = 0; e < events.size(); ++e) {
      if (out_[i][e] || (!events[e].ok() && !is_update(events[e].verb))) continue;
      events[kept++] = events[e];
    }
    events.resize(kept);
  }
  places_ = {};
  out_ = {};
  return std::move(objects_);
}

void Recorder::complain(const OpView& op, const std::string& what) {
  if (troubles_++ != 0) return;
  trouble_ = "Op " + std::to_string(op.index) + " (" + describe(op.op()) + ") " + what + ".";
}

}  // namespace sunder::replicated
