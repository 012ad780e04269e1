#include "tests/nodes/support/object_play.h"

#include <algorithm>

#include "harness/core/assert.h"
#include "harness/core/json.h"
#include "harness/core/rng.h"
#include "nodes/lattice/messages.h"

namespace sunder::testing_support {
namespace {

using namespace lattice;

const Flaws sound;

Verb drawn_verb(Kind kind, Rng& rng) {
  bool first = rng.chance({1, 2});
  switch (kind) {
    case Kind::g_counter: return Verb::increment;
    case Kind::pn_counter: return first ? Verb::increment : Verb::decrement;
    case Kind::g_set: return Verb::add;
    case Kind::or_set: return first ? Verb::add : Verb::remove;
    case Kind::lww_register:
    case Kind::mv_register: return Verb::write;
  }
  return Verb::read;
}

bool sees(const PlayedUpdate& later, const PlayedUpdate& earlier, Kind kind) {
  const Entry& entry = later.entry;
  return clock::covers(kind == Kind::mv_register ? entry.past : entry.seen, earlier.dot);
}

Value list_of(std::vector<std::int64_t> numbers) {
  List list;
  for (std::int64_t number : numbers) list.emplace_back(number);
  return Value(std::move(list));
}

/// Values of the updates that no other visible one has seen; of sets, of the same element.
std::vector<std::int64_t> unseen(Kind kind, const std::vector<const PlayedUpdate*>& visible) {
  std::vector<std::int64_t> values;
  for (const PlayedUpdate* one : visible) {
    bool set = kind == Kind::or_set;
    if (set && one->update.verb == Verb::remove) continue;
    bool over = std::any_of(visible.begin(), visible.end(), [&](const PlayedUpdate* other) {
      bool matters = !set || (other->update.verb == Verb::remove &&
                              other->update.value == one->update.value);
      return matters && sees(*other, *one, kind);
    });
    if (!over) values.push_back(one->update.value);
  }
  return values;
}

}  // namespace

ObjectPlay play_object(Kind kind, std::uint64_t seed, int steps) {
  constexpr std::size_t replicas = 4;
  Rng rng(seed, Stream::of("objects", static_cast<std::uint64_t>(kind)));
  std::vector<Object> objects(replicas, Object(kind));
  ObjectPlay play;
  for (int step = 1; step <= steps; ++step) {
    std::size_t at = rng.below(replicas);
    std::size_t from = rng.below(replicas);
    Object& own = objects[at];
    if (rng.chance({1, 2})) {
      Update wanted{.verb = drawn_verb(kind, rng), .tag = "t" + std::to_string(step)};
      bool unique = kind == Kind::lww_register || kind == Kind::mv_register;
      wanted.value = unique ? step : rng.between(0, 5);
      if (kind == Kind::mv_register && !play.states.empty()) {
        wanted.past = play.states[rng.below(play.states.size())].context_of_readers();
      }
      clock::Dot dot{static_cast<std::int64_t>(at), own.context().at(at) + 1};
      std::int64_t time = rng.between(0, 9) * 1000 + step;
      const Entry& entry = own.update(wanted, dot, time, step, sound);
      play.updates.push_back({wanted, dot, entry});
    } else if (rng.chance({1, 2})) {
      own.join(objects[from].whole(), step, sound);
    } else {
      own.join(objects[from].since(own.context(), own.listed(), 3), step, sound);
    }
    play.states.push_back(own);
  }
  return play;
}

Value specified_answer(Kind kind, const std::vector<PlayedUpdate>& updates,
                       const clock::VectorClock& context) {
  std::vector<const PlayedUpdate*> visible;
  for (const PlayedUpdate& one : updates) {
    if (clock::covers(context, one.dot)) visible.push_back(&one);
  }
  std::int64_t sum = 0;
  const PlayedUpdate* last = nullptr;
  for (const PlayedUpdate* one : visible) {
    sum += one->update.verb == Verb::decrement ? -one->update.value : one->update.value;
    auto stamp = [](const PlayedUpdate* of) { return std::pair(of->entry.time, of->dot.node); };
    if (last == nullptr || stamp(last) < stamp(one)) last = one;
  }
  std::vector<std::int64_t> values;
  switch (kind) {
    case Kind::g_counter:
    case Kind::pn_counter: return Value(sum);
    case Kind::lww_register: return last == nullptr ? Value() : Value(last->update.value);
    case Kind::g_set:
      for (const PlayedUpdate* one : visible) values.push_back(one->update.value);
      break;
    case Kind::or_set:
    case Kind::mv_register: values = unseen(kind, visible); break;
  }
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return list_of(std::move(values));
}

Object serialised(const Object& object) {
  NumberWriter out;
  object.whole().put(out);
  Message message(Parts{{{7, out.take()}}});
  Result<Value> body = parse_json(to_json(message.value()));
  ASSERT(body);
  Result<Message> read = MessageCodec::of<Parts>().decode(*body);
  ASSERT(read);
  std::optional<Numbers> numbers = from_bytes(to_bytes(read->as<Parts>()->parts.front().part));
  ASSERT(numbers);
  NumberReader in(*numbers);
  Part part = Part::get(in);
  ASSERT(in.ok() && in.at_end());
  Object copy(object.kind());
  copy.join(part, 0, sound);
  return copy;
}

Object joined(Object one, const Object& other) {
  one.join(other.whole(), 0, sound);
  return one;
}

}  // namespace sunder::testing_support
