#include "checker/linearizable/window.h"

#include <algorithm>
#include <set>

namespace sunder::linearizable {
namespace {

using Operations = std::vector<RegisterOperation>;

/// One shrinking of one contradiction.
class Shrinker {
 public:
  Shrinker(const RegisterModel& model, const Limits& limits) : model_(model), limits_(limits) {}

  Window run(std::span<const RegisterOperation> operations,
             const SearchResult<std::int32_t>& result) {
    window_ = {{operations.begin(), operations.end()}, {model_.initial()}, result};
    cut_end();
    cut_begin();
    cut_end();
    drop_needless();
    cut_end();
    return std::move(window_);
  }

 private:
  // Adopts the operations when they still contradict each other.
  bool adopt(Operations operations, std::vector<std::int32_t> initial) {
    Search<RegisterModel> search(model_, operations, initial, limits_);
    SearchResult<std::int32_t> result = search.run();
    if (result.outcome != Outcome::not_linearizable) return false;
    window_ = {std::move(operations), std::move(initial), std::move(result)};
    return true;
  }

  // Leaves out what comes after the stuck call.
  void cut_end() {
    std::uint64_t end = window_.stuck().returned;
    Operations kept;
    for (RegisterOperation operation : window_.operations) {
      if (operation.invoked > end) break;
      if (operation.returned > end) {
        operation.returned = no_op;
        if (model_.observes(operation.call)) continue;
      }
      kept.push_back(operation);
    }
    adopt(std::move(kept), window_.initial);
  }

  // Begins as late as possible. A contradiction that begins late is part of one that begins
  // earlier, so halving finds the place.
  void cut_begin() {
    const Operations all = window_.operations;
    std::size_t low = 0;            // known to contradict
    std::size_t high = all.size();  // known not to
    while (low + 1 < high) {
      std::size_t middle = (low + high) / 2;
      auto [kept, initial] = beginning_at(all, all[middle].invoked);
      (adopt(std::move(kept), std::move(initial)) ? low : high) = middle;
    }
  }

  std::pair<Operations, std::vector<std::int32_t>> beginning_at(const Operations& all,
                                                                std::uint64_t begin) const {
    Operations kept;
    std::set<std::int32_t> initial(window_.initial.begin(), window_.initial.end());
    for (RegisterOperation operation : all) {
      if (operation.invoked < begin) {
        if (std::optional<std::int32_t> value = operation.call.leaves()) initial.insert(*value);
        if (operation.returned < begin || model_.observes(operation.call)) continue;
        operation.returned = no_op;
      }
      kept.push_back(operation);
    }
    return {std::move(kept), {initial.begin(), initial.end()}};
  }

  void drop_needless() {
    constexpr std::size_t one_by_one_limit = 300;
    drop_if([&](const RegisterOperation& operation) {
      return operation.crashed() && may_go(operation.invoked);
    });
    if (window_.operations.size() > one_by_one_limit) return;
    std::vector<std::uint64_t> waiting;
    for (const RegisterOperation& operation : window_.operations) {
      waiting.push_back(operation.invoked);
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (std::uint64_t invoked : waiting) {
        if (!may_go(invoked)) continue;
        changed |= drop_if([&](const RegisterOperation& o) { return o.invoked == invoked; });
      }
    }
  }

  template <class Predicate>
  bool drop_if(Predicate predicate) {
    Operations kept;
    for (const RegisterOperation& operation : window_.operations) {
      if (!predicate(operation)) kept.push_back(operation);
    }
    return kept.size() < window_.operations.size() && adopt(std::move(kept), window_.initial);
  }

  // Whether leaving the operation out cannot make a contradiction.
  bool may_go(std::uint64_t invoked) const {
    std::optional<std::int32_t> leaves;
    bool found = false;
    bool difference = false;  // someone saw that the register did not hold a value
    for (const RegisterOperation& operation : window_.operations) {
      if (operation.invoked == invoked) {
        found = true;
        leaves = operation.call.leaves();
      } else if (operation.call.kind == RegisterCall::Kind::failed_cas) {
        difference = true;
      }
    }
    if (!found || !leaves) return found;
    if (difference) return false;
    return std::none_of(window_.operations.begin(), window_.operations.end(), [&](const auto& o) {
      return o.invoked != invoked && o.call.needs() == leaves;
    });
  }

  const RegisterModel& model_;
  Limits limits_;
  Window window_;
};

}  // namespace

Window shrink(const RegisterModel& model, std::span<const RegisterOperation> operations,
              const SearchResult<std::int32_t>& result, const Limits& limits) {
  return Shrinker(model, limits).run(operations, result);
}

}  // namespace sunder::linearizable
