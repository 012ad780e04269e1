#include "checker/linearizable/keyed_model.h"

namespace sunder::linearizable {
namespace {

/// A state is the list of the objects' states, by key. Its hash is a sum over the keys, so that a
/// step need not read the whole list to know the next one's.
class KeyedModel final : public Model {
 public:
  KeyedModel(std::unique_ptr<Model> one, const ValueTable& keys)
      : one_(std::move(one)), keys_(keys), untouched_(one_->initial()) {}

  StateId initial() override {
    State all{.objects = std::vector<StateId>(keys_.size(), untouched_)};
    for (std::size_t key = 0; key < keys_.size(); ++key) all.hash += hash(key, untouched_);
    return intern(std::move(all));
  }

  StateId step(StateId state, const Call& call) override {
    auto key = static_cast<std::size_t>(call.key);
    StateId before = states_[state]->objects[key];
    StateId after = one_->step(before, call);
    if (after == impossible) return impossible;
    if (after == before) return state;
    State next = *states_[state];
    next.objects[key] = after;
    next.hash += hash(key, after) - hash(key, before);
    return intern(std::move(next));
  }

  bool observes(const Call& call) const override { return one_->observes(call); }

  Value describe(StateId state) const override {
    Map objects;
    for (std::size_t key = 0; key < keys_.size(); ++key) {
      StateId object = states_[state]->objects[key];
      if (object == untouched_) continue;
      objects.set(keys_[static_cast<std::int32_t>(key)], one_->describe(object));
    }
    return objects;
  }

  std::size_t states() const override { return states_.size(); }
  std::size_t bytes() const override {
    return one_->bytes() + states_.size() * (96 + keys_.size() * sizeof(StateId));
  }

 private:
  struct State {
    std::vector<StateId> objects;
    std::uint64_t hash = 0;
    bool operator==(const State& other) const {
      return hash == other.hash && objects == other.objects;
    }
  };
  struct Hash {
    std::size_t operator()(const State& state) const {
      return static_cast<std::size_t>(state.hash);
    }
  };

  static std::uint64_t hash(std::size_t key, StateId object) {
    return mix(mix(key + 1, object), 0x2545f4914f6cdd1du);
  }

  StateId intern(State&& state) {
    auto [at, fresh] = ids_.try_emplace(std::move(state), static_cast<StateId>(states_.size()));
    if (fresh) states_.push_back(&at->first);
    return at->second;
  }

  std::unique_ptr<Model> one_;
  const ValueTable& keys_;
  StateId untouched_;
  std::unordered_map<State, StateId, Hash> ids_;  // looked up only
  std::vector<const State*> states_;              // keys of ids_, which stay where they are
};

}  // namespace

std::unique_ptr<Model> keyed_model(std::unique_ptr<Model> one, const ValueTable& keys) {
  return std::make_unique<KeyedModel>(std::move(one), keys);
}

}  // namespace sunder::linearizable
