#include "harness/generate/keys.h"

#include <algorithm>

#include "harness/core/assert.h"
#include "harness/generate/rule.h"

namespace sunder::gen {
namespace {

struct Plan {
  Keys keys;
  MakeForKey make;
};

// A key and what is left of its load.
struct Keyed {
  std::optional<Value> key;  // none: the keys ran out
  Generator generator;
};

Keyed take_key(const Plan& plan, std::uint64_t& next_key) {
  Keyed keyed{plan.keys(next_key), {}};
  if (!keyed.key) return keyed;
  ++next_key;
  keyed.generator = plan.make(*keyed.key);
  return keyed;
}

// What the key offers, or the next key once it has ended.
Emission next_of(const Plan& plan, Keyed& keyed, std::uint64_t& next_key, const Context& context) {
  for (int tries = 0; keyed.key; ++tries) {
    ASSERT_MSG(tries < 10'000, "the generators of independent keys are all empty");
    Emission emission = keyed.generator.next(context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      if (ready->kind == Ready::Kind::invoke) {
        ready->op.value = Value::pair(*keyed.key, std::move(ready->op.value));
      }
    }
    if (!std::holds_alternative<Exhausted>(emission)) return emission;
    keyed = take_key(plan, next_key);
  }
  return Exhausted{};
}

// What is left of a key's load after an event; an event of another key changes nothing.
Generator after_of(const Keyed& keyed, const Context& context, const Op& event) {
  if (!keyed.key || !event.value.is_list() || event.value.list().size() != 2 ||
      !(event.value.list()[0] == *keyed.key)) {
    return keyed.generator;
  }
  Op bare{event.index, event.time, event.process, event.phase,
          event.verb,  event.value.list()[1], event.error};
  return keyed.generator.after(context, bare);
}

class SequentialKeysRule final : public Rule {
 public:
  SequentialKeysRule(std::shared_ptr<const Plan> plan, Keyed keyed, std::uint64_t next_key)
      : plan_(std::move(plan)), keyed_(std::move(keyed)), next_key_(next_key) {}

  Emission next(const Context& context) const override {
    Keyed keyed = keyed_;
    std::uint64_t next_key = next_key_;
    Emission emission = next_of(*plan_, keyed, next_key, context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      keyed.generator = std::move(ready->rest);
      ready->rest = make<SequentialKeysRule>(plan_, std::move(keyed), next_key);
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator generator = after_of(keyed_, context, event);
    if (generator.same_as(keyed_.generator)) return self;
    return make<SequentialKeysRule>(plan_, Keyed{keyed_.key, std::move(generator)}, next_key_);
  }

 private:
  std::shared_ptr<const Plan> plan_;
  Keyed keyed_;
  std::uint64_t next_key_;
};

// Which threads work together; the same for the whole run.
struct Groups {
  std::vector<ThreadSet> threads;
  std::vector<std::size_t> of_thread;  // client thread -> group; past the end: in none
};

std::shared_ptr<const Groups> group_threads(const Context& context, int threads_per_key) {
  std::vector<Thread> clients;
  context.all.clients().each([&](Thread thread) { clients.push_back(thread); });
  auto groups = std::make_shared<Groups>();
  if (clients.empty()) return groups;
  std::size_t count =
      std::max<std::size_t>(1, clients.size() / static_cast<std::size_t>(threads_per_key));
  groups->threads.resize(count);
  groups->of_thread.assign(static_cast<std::size_t>(clients.back()) + 1, count);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    std::size_t group = i * count / clients.size();
    groups->threads[group].insert(clients[i]);
    groups->of_thread[static_cast<std::size_t>(clients[i])] = group;
  }
  return groups;
}

class ConcurrentKeysRule final : public Rule {
 public:
  struct State {
    std::vector<Keyed> keyed;    // by group
    std::uint64_t next_key = 0;
    std::size_t turn = 0;        // the group that is asked first
  };

  ConcurrentKeysRule(std::shared_ptr<const Plan> plan, int threads_per_key)
      : plan_(std::move(plan)), threads_per_key_(threads_per_key) {}
  ConcurrentKeysRule(std::shared_ptr<const Plan> plan, std::shared_ptr<const Groups> groups,
                     State state)
      : plan_(std::move(plan)), groups_(std::move(groups)), state_(std::move(state)) {}

  Emission next(const Context& context) const override {
    if (!groups_) return started(context).next(context);
    State state = state_;
    Soonest soonest(context.time);
    for (std::size_t i = 0; i < state.keyed.size(); ++i) {
      std::size_t group = (state.turn + i) % state.keyed.size();
      Context narrow = context.narrowed(groups_->threads[group]);
      if (narrow.free.empty()) {
        soonest.wait();
        continue;
      }
      Emission emission = next_of(*plan_, state.keyed[group], state.next_key, narrow);
      if (soonest.offer(group, std::move(emission))) break;
    }
    if (!soonest.found()) return soonest.nothing();
    Ready ready = std::move(soonest.best());
    state.keyed[soonest.from()].generator = std::move(ready.rest);
    state.turn = (soonest.from() + 1) % state.keyed.size();
    ready.rest = make<ConcurrentKeysRule>(plan_, groups_, std::move(state));
    return ready;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    if (!groups_ || !event.process.is_client()) return self;
    auto thread = static_cast<std::size_t>(context.thread_of(event.process));
    if (thread >= groups_->of_thread.size()) return self;
    std::size_t group = groups_->of_thread[thread];
    if (group >= state_.keyed.size()) return self;
    const Keyed& keyed = state_.keyed[group];
    Generator generator = after_of(keyed, context.narrowed(groups_->threads[group]), event);
    if (generator.same_as(keyed.generator)) return self;
    State state = state_;
    state.keyed[group].generator = std::move(generator);
    return make<ConcurrentKeysRule>(plan_, groups_, std::move(state));
  }

 private:
  ConcurrentKeysRule started(const Context& context) const {
    std::shared_ptr<const Groups> groups = group_threads(context, threads_per_key_);
    State state;
    for (std::size_t i = 0; i < groups->threads.size(); ++i) {
      state.keyed.push_back(take_key(*plan_, state.next_key));
    }
    return ConcurrentKeysRule(plan_, std::move(groups), std::move(state));
  }

  std::shared_ptr<const Plan> plan_;
  int threads_per_key_ = 1;
  std::shared_ptr<const Groups> groups_;  // null before the first op
  State state_;
};

}  // namespace

Keys integer_keys() {
  return [](std::uint64_t index) { return Value{static_cast<std::int64_t>(index)}; };
}

Keys these_keys(List keys) {
  auto shared = std::make_shared<const List>(std::move(keys));
  return [shared](std::uint64_t index) {
    return index < shared->size() ? std::optional<Value>((*shared)[index]) : std::nullopt;
  };
}

Generator sequential_keys(Keys keys, MakeForKey make_for_key) {
  auto plan = std::make_shared<const Plan>(Plan{std::move(keys), std::move(make_for_key)});
  std::uint64_t next_key = 0;
  Keyed first = take_key(*plan, next_key);
  return make<SequentialKeysRule>(std::move(plan), std::move(first), next_key);
}

Generator concurrent_keys(int threads_per_key, Keys keys, MakeForKey make_for_key) {
  ASSERT(threads_per_key > 0);
  auto plan = std::make_shared<const Plan>(Plan{std::move(keys), std::move(make_for_key)});
  return make<ConcurrentKeysRule>(std::move(plan), threads_per_key);
}

}  // namespace sunder::gen
