#include "tests/checker/weak/support/systems.h"

#include <map>

#include "harness/core/assert.h"
#include "tests/checker/weak/support/generate.h"
#include "tests/checker/weak/support/replicas.h"

namespace sunder::weak::support {
namespace {

using Key = std::uint32_t;

/// One copy that is written and read at once.
class SingleCopy : public Store {
 public:
  void write(WriteId id, const Write& write) override { values_[write.key] = id; }
  WriteId read(std::uint32_t, Key key) override {
    auto found = values_.find(key);
    return found == values_.end() ? no_write : found->second;
  }

 private:
  std::map<Key, WriteId> values_;
};

class AlwaysNil : public SingleCopy {
 public:
  WriteId read(std::uint32_t, Key) override { return no_write; }
};

class EchoesOwnLastWrite : public Store {
 public:
  void write(WriteId id, const Write& write) override { own_[{write.session, write.key}] = id; }
  WriteId read(std::uint32_t session, Key key) override {
    auto found = own_.find({session, key});
    return found == own_.end() ? no_write : found->second;
  }

 private:
  std::map<std::pair<std::uint32_t, Key>, WriteId> own_;
};

class ConvergesToNil : public SingleCopy {
 public:
  WriteId read(std::uint32_t session, Key key) override {
    return ++reads_ > 3 ? no_write : SingleCopy::read(session, key);
  }

 private:
  int reads_ = 0;
};

class DropsEverySecondWrite : public SingleCopy {
 public:
  void write(WriteId id, const Write& write) override {
    if (id % 2 == 0) SingleCopy::write(id, write);
  }
};

/// Clients remember what they read first, and their own writes go past the memory.
class StaleCache : public SingleCopy {
 public:
  WriteId read(std::uint32_t session, Key key) override {
    return cache_.try_emplace({session, key}, SingleCopy::read(session, key)).first->second;
  }

 private:
  std::map<std::pair<std::uint32_t, Key>, WriteId> cache_;
};

/// Writes go through a buffer for each session to one memory; a session sees its own buffer.
class StoreBuffers : public SingleCopy {
 public:
  void write(WriteId id, const Write& write) override {
    buffers_[write.session].emplace_back(id, write);
  }
  WriteId read(std::uint32_t session, Key key) override {
    const auto& buffer = buffers_[session];
    for (auto entry = buffer.rbegin(); entry != buffer.rend(); ++entry) {
      if (entry->second.key == key) return entry->first;
    }
    return SingleCopy::read(session, key);
  }
  void work(Rng& rng) override {
    auto& buffer = buffers_[static_cast<std::uint32_t>(rng.below(4))];
    if (buffer.empty()) return;
    SingleCopy::write(buffer.front().first, buffer.front().second);
    buffer.erase(buffer.begin());
  }

 private:
  std::map<std::uint32_t, std::vector<std::pair<WriteId, Write>>> buffers_;
};

template <class Kind>
std::unique_ptr<Store> make(std::uint32_t) {
  return std::make_unique<Kind>();
}

template <Delivery delivery, Winner winner, Answer answer>
std::unique_ptr<Store> replicas(std::uint32_t sessions) {
  return std::make_unique<Replicas>(sessions, Rules{delivery, winner, answer});
}

/// Plays clients against a store.
class Play {
 public:
  Play(const System& system, std::size_t operations, Rng& rng)
      : rng_(rng),
        sessions_(2 + static_cast<std::uint32_t>(rng.below(3))),
        keys_(1 + rng.below(3)),
        idleness_(2 + rng.below(12)),
        left_(operations),
        open_(sessions_, none),
        store_(system.make(sessions_)) {
    litmus_.sessions = sessions_;
  }

  Litmus run() {
    while (left_ > 0 || busy_ > 0) {
      ++now_;
      auto session = static_cast<std::uint32_t>(rng_.below(sessions_));
      if (rng_.below(idleness_) == 0) {
        store_->work(rng_);
      } else if (open_[session] == none) {
        if (left_ > 0) invoke(session);
      } else if (steps_[open_[session]].effect) {
        answer(session);
      } else {
        take_effect(steps_[open_[session]]);
      }
    }
    return told();
  }

 private:
  static constexpr std::size_t none = SIZE_MAX;

  struct Step {
    LitmusOperation operation;
    Key key = 0;
    bool effect = false;
    WriteId write = no_write;
  };

  void invoke(std::uint32_t session) {
    Step step{.key = static_cast<Key>(rng_.below(keys_))};
    step.operation.kind = rng_.below(5) < 2 ? Kind::write : Kind::read;
    step.operation.session = session;
    step.operation.key = std::string(1, "xyz"[step.key]);
    step.operation.invoked = now_;
    open_[session] = steps_.size();
    steps_.push_back(step);
    --left_;
    ++busy_;
  }

  void take_effect(Step& step) {
    step.effect = true;
    if (step.operation.kind == Kind::write) {
      step.write = values_.size();
      step.operation.value = ++written_[step.key];
      values_.push_back(step.operation.value);
      store_->write(step.write, {step.operation.session, step.key});
    } else {
      WriteId seen = store_->read(step.operation.session, step.key);
      step.operation.value = seen == no_write ? 0 : values_[seen];
    }
  }

  void answer(std::uint32_t session) {
    Step& step = steps_[open_[session]];
    if (step.write != no_write && !store_->is_done(step.write)) return;
    step.operation.returned = now_;
    open_[session] = none;
    --busy_;
  }

  Litmus told() {
    std::stable_sort(steps_.begin(), steps_.end(), [](const Step& a, const Step& b) {
      return a.operation.session < b.operation.session;
    });
    for (const Step& step : steps_) litmus_.operations.push_back(step.operation);
    return std::move(litmus_);
  }

  Rng& rng_;
  std::uint32_t sessions_;
  std::uint64_t keys_;
  std::uint64_t idleness_;         // one of so many steps is the store's own
  std::size_t left_;               // operations to invoke
  std::vector<std::size_t> open_;  // of each session: the step that goes on
  std::unique_ptr<Store> store_;
  Litmus litmus_;
  std::vector<Step> steps_;
  std::vector<int> values_;     // by write
  std::map<Key, int> written_;  // values of each key so far
  std::int64_t now_ = 0;
  std::size_t busy_ = 0;
};

}  // namespace

const std::vector<System>& right_systems() {
  static const std::vector<System> systems{
      {"single copy", {"linearizable"}, true, make<SingleCopy>},
      {"sequencer",
       {"ordered-sequential"},
       true,
       replicas<Delivery::all_in_order, Winner::latest, Answer::when_applied>},
      {"sequencer, any times",
       {"sequential"},
       false,
       replicas<Delivery::all_in_order, Winner::latest, Answer::when_applied>},
      {"sequencer without waiting",
       {"consistent-prefix"},
       false,
       replicas<Delivery::all_in_order, Winner::latest, Answer::at_once>},
      {"causal broadcast, last writer wins",
       {"causal-convergence"},
       false,
       replicas<Delivery::causal, Winner::logical_clock, Answer::at_once>},
      {"causal broadcast, arrival wins",
       {"causal-memory"},
       false,
       replicas<Delivery::causal, Winner::latest, Answer::at_once>},
      {"store buffers", {"causal-convergence"}, false, make<StoreBuffers>},
      {"broadcast in order of senders and of keys",
       {"processor", "read-your-writes", "monotonic-reads", "monotonic-writes"},
       false,
       replicas<Delivery::by_sender_or_key, Winner::latest, Answer::at_once>},
      {"broadcast in order of senders",
       {"pram"},
       false,
       replicas<Delivery::by_sender, Winner::latest, Answer::at_once>},
      {"an order for each key",
       {"cache", "read-your-writes", "monotonic-reads"},
       false,
       replicas<Delivery::key_in_order, Winner::latest, Answer::when_applied>},
      {"broadcast in order of senders for each key",
       {"slow"},
       false,
       replicas<Delivery::by_sender_and_key, Winner::latest, Answer::at_once>},
      {"broadcast, last writer wins",
       {"read-your-writes", "monotonic-reads", "cache"},
       false,
       replicas<Delivery::any, Winner::logical_clock, Answer::at_once>},
      {"broadcast", {"eventual"}, false, replicas<Delivery::any, Winner::latest, Answer::at_once>},
  };
  return systems;
}

const std::vector<System>& toys() {
  static const std::vector<System> systems{
      {"always nil", {"consistent-prefix"}, false, make<AlwaysNil>},
      {"echoes the own last write",
       {"real-time-causal", "causal-memory"},
       false,
       make<EchoesOwnLastWrite>},
      {"converges to nil", {"eventual"}, false, make<ConvergesToNil>},
      {"drops every second write",
       {"monotonic-reads", "writes-follow-reads"},
       false,
       make<DropsEverySecondWrite>},
      {"single copy behind a stale cache", {"monotonic-reads"}, false, make<StaleCache>},
      {"merges at the client, by its own clock",
       {"eventual"},
       false,
       replicas<Delivery::any, Winner::own_clock, Answer::at_once>},
  };
  return systems;
}

Litmus run(const System& system, std::size_t operations, Rng& rng) {
  Litmus litmus = Play(system, operations, rng).run();
  put_in_order(litmus);
  if (!system.real_time) {
    set_random_times(litmus, rng);
    // No unknown outcomes: what these systems do not do.
    for (LitmusOperation& operation : litmus.operations) {
      if (operation.returned == INT64_MAX) operation.returned = operation.invoked + 1;
      operation.outcome = Phase::ok;
    }
  }
  return litmus;
}

}  // namespace sunder::weak::support
