// Closed families of configurations, re-derived step by step in the plainest way.
//
// Why a family that ends empty proves that there is no linearization:
// - In any linearization each call can be moved later until the first return that comes after it
//   needs it done (Lowe 2017, section 4), and a call that changes nothing can be moved forward to
//   where it first is legal. So it is enough to follow orders that place a call only to pass the
//   next return, and observations at once.
// - A configuration that used no more crashed calls of any class than another one with the same
//   state and the same calls done can do whatever the other can.
// - Before `after`, anything may have happened: every state that calls can reach is tried, calls
//   that were pending may have taken effect, or may do so at any time, or never. Counting crashed
//   calls or not only adds possibilities.

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "checker/linearizable/verify/verify.h"

namespace sunder::linearizable {
namespace {

/// A configuration in the plainest form. `used` has an entry for every loose class.
struct Standing {
  StateId state = 0;
  std::set<std::uint32_t> done;
  std::vector<std::uint32_t> used;
  auto operator<=>(const Standing&) const = default;
};

class Family {
 public:
  Family(const Value& proof, std::span<const Operation> operations, Model& model)
      : proof_(proof), operations_(operations), model_(model) {}

  std::string verify() {
    if (!read_head()) return flaw_;
    if (!read_layers()) return flaw_;
    std::vector<Standing> before = first();
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      std::set<Standing> listed;
      for (Standing& standing : before) {
        settle(standing, i);
        std::optional<Standing> cover = covered(standing, i);
        if (!cover) {
          return "a way to stand before the return of op " + name(returns_[i]) + " is missing";
        }
        listed.insert(std::move(*cover));
      }
      before.clear();
      std::set<Standing> seen;
      for (const Standing& standing : listed) pass(standing, i, seen, before);
    }
    if (!before.empty()) return "after its last return some way leads on";
    return {};
  }

 private:
  using Used = std::vector<std::uint32_t>;
  /// By the description of the state and the calls done: how many crashed calls were used.
  using Layer = std::map<std::pair<std::string, std::set<std::uint32_t>>, std::vector<Used>>;

  bool fail(const std::string& flaw) {
    flaw_ = flaw;
    return false;
  }
  std::string name(std::uint32_t at) const { return std::to_string(operations_[at].invoked); }

  bool read_head() {
    const Value* after = proof_.find("after");
    const Value* counted = proof_.find("counted");
    const Value* layers = proof_.find("layers");
    if (after == nullptr || !after->is_integer() || after->integer() < 0 || counted == nullptr ||
        counted->kind() != Value::Kind::boolean || layers == nullptr || !layers->is_list() ||
        layers->list().empty()) {
      return fail("its configurations are incomplete");
    }
    after_ = after->integer();
    counted_ = counted->boolean();
    // Loose calls may take effect at any time after their invocation, or never.
    for (std::uint32_t i = 0; i < operations_.size(); ++i) {
      const Operation& operation = operations_[i];
      if (operation.returned < after_) continue;
      bool loose = operation.crashed() || operation.invoked < after_;
      if (!loose) {
        definite_.push_back(i);
      } else if (!model_.observes(operation.call)) {
        loose_[operation.call].push_back(operation.invoked);
      }
    }
    returns_ = definite_;
    std::sort(returns_.begin(), returns_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return operations_[a].returned < operations_[b].returned;
    });
    return true;
  }

  bool read_layers() {
    const List& layers = proof_.find("layers")->list();
    if (layers.size() > returns_.size()) return fail("it has more layers than there are returns");
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const Value* returns = layers[i].find("returns");
      const Value* at = layers[i].find("at");
      if (returns == nullptr || at == nullptr || !at->is_list() ||
          operation_at(operations_, *returns) != returns_[i]) {
        return fail("layer " + std::to_string(i) + " is not that of the next return");
      }
      layers_.emplace_back();
      for (const Value& entry : at->list()) {
        if (!read_standing(entry, layers_.back())) return false;
      }
    }
    std::uint32_t end = operations_[returns_[layers.size() - 1]].returned;
    std::erase_if(definite_, [&](std::uint32_t at) { return operations_[at].invoked > end; });
    return true;
  }

  bool read_standing(const Value& entry, Layer& layer) {
    const Value* state = entry.find("state");
    const Value* done = entry.find("done");
    const Value* used = entry.find("used");
    if (state == nullptr || done == nullptr || !done->is_list() || used == nullptr ||
        !used->is_list()) {
      return fail("a configuration is incomplete");
    }
    std::set<std::uint32_t> operations;
    for (const Value& op : done->list()) {
      std::optional<std::uint32_t> at = operation_at(operations_, op);
      if (!at) return fail("a configuration names op " + to_json(op) + ", which is not here");
      operations.insert(*at);
    }
    Used counts(loose_.size());
    for (const Value& pair : used->list()) {
      if (!pair.is_list() || pair.list().size() != 2 || !pair.list()[1].is_integer()) {
        return fail("a count of crashed calls is no [op count]");
      }
      std::optional<std::uint32_t> at = operation_at(operations_, pair.list()[0]);
      auto cls = at ? loose_.find(operations_[*at].call) : loose_.end();
      if (cls == loose_.end()) return fail("crashed calls are counted that did not crash");
      counts[static_cast<std::size_t>(std::distance(loose_.begin(), cls))] =
          static_cast<std::uint32_t>(pair.list()[1].integer());
    }
    layer[{to_json(*state), std::move(operations)}].push_back(std::move(counts));
    return true;
  }

  // With nothing known of what was before `after`, every state that calls can reach.
  std::vector<Standing> first() {
    std::vector<StateId> states{model_.initial()};
    std::set<StateId> seen{states.front()};
    std::set<Call> calls;
    for (const Operation& operation : operations_) calls.insert(operation.call);
    for (std::size_t i = 0; after_ != 0 && i < states.size(); ++i) {
      for (const Call& call : calls) {
        StateId next = model_.step(states[i], call);
        if (next != impossible && seen.insert(next).second) states.push_back(next);
      }
    }
    std::vector<Standing> standings;
    for (StateId state : states) standings.push_back({state, {}, Used(loose_.size())});
    return standings;
  }

  void settle(Standing& standing, std::size_t layer) {
    for (std::uint32_t at : pending_of(layer)) {
      if (model_.observes(operations_[at].call) &&
          model_.step(standing.state, operations_[at].call) != impossible) {
        standing.done.insert(at);
      }
    }
  }

  // A listed configuration that can do whatever this one can.
  std::optional<Standing> covered(const Standing& standing, std::size_t layer) {
    auto found = layers_[layer].find({to_json(model_.describe(standing.state)), standing.done});
    if (found == layers_[layer].end()) return {};
    for (const Used& used : found->second) {
      bool fewer = std::equal(used.begin(), used.end(), standing.used.begin(),
                              [](std::uint32_t a, std::uint32_t b) { return a <= b; });
      if (fewer) return Standing{standing.state, standing.done, used};
    }
    return {};
  }

  // Every way on from a configuration that passes a layer's return, without the call that returned.
  void pass(const Standing& from, std::size_t layer, std::set<Standing>& seen,
            std::vector<Standing>& passed) {
    std::vector<Standing> waiting{from};
    while (!waiting.empty()) {
      Standing standing = std::move(waiting.back());
      waiting.pop_back();
      settle(standing, layer);
      if (!seen.insert(standing).second) continue;
      if (standing.done.contains(returns_[layer])) {
        standing.done.erase(returns_[layer]);
        passed.push_back(std::move(standing));
        continue;
      }
      for (std::uint32_t at : pending_of(layer)) {
        StateId next = model_.step(standing.state, operations_[at].call);
        if (next == impossible || standing.done.contains(at)) continue;
        waiting.push_back(standing);
        waiting.back().state = next;
        waiting.back().done.insert(at);
      }
      use_loose(standing, layer, waiting);
    }
  }

  void use_loose(const Standing& standing, std::size_t layer, std::vector<Standing>& waiting) {
    std::uint32_t now = operations_[returns_[layer]].returned;
    std::size_t cls = 0;
    for (const auto& [call, invoked] : loose_) {
      std::size_t at = cls++;
      auto available = std::lower_bound(invoked.begin(), invoked.end(), now) - invoked.begin();
      if (available == 0 || (counted_ && standing.used[at] >= available)) continue;
      StateId next = model_.step(standing.state, call);
      if (next == impossible || next == standing.state) continue;
      waiting.push_back(standing);
      waiting.back().state = next;
      if (counted_) ++waiting.back().used[at];
    }
  }

  // The definite calls that are pending at a layer's return.
  const std::vector<std::uint32_t>& pending_of(std::size_t layer) {
    if (pending_layer_ == layer) return pending_;
    std::uint32_t now = operations_[returns_[layer]].returned;
    pending_.clear();
    for (std::uint32_t at : definite_) {
      if (operations_[at].invoked < now && operations_[at].returned >= now) pending_.push_back(at);
    }
    pending_layer_ = layer;
    return pending_;
  }

  const Value& proof_;
  std::span<const Operation> operations_;
  Model& model_;
  std::string flaw_;
  std::int64_t after_ = 0;
  bool counted_ = true;
  std::vector<std::uint32_t> definite_;
  std::vector<std::uint32_t> returns_;
  std::map<Call, std::vector<std::uint32_t>> loose_;  // positions of invocation, ascending
  std::vector<Layer> layers_;
  std::vector<std::uint32_t> pending_;
  std::size_t pending_layer_ = SIZE_MAX;
};

}  // namespace

std::string verify_configurations(const Value& proof, std::span<const Operation> operations,
                                  Model& model) {
  return Family(proof, operations, model).verify();
}

}  // namespace sunder::linearizable
