#include "tests/checker/support/exhaustive.h"

#include <algorithm>
#include <vector>

namespace sunder::testing_support {
namespace {

using linearizable::impossible;
using linearizable::Model;
using linearizable::Operation;
using linearizable::StateId;

bool go_on(Model& model, std::span<const Operation> operations, std::vector<bool>& placed,
           StateId state) {
  std::uint32_t first_return = linearizable::open_end;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (!placed[i]) first_return = std::min(first_return, operations[i].returned);
  }
  if (first_return == linearizable::open_end) return true;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (placed[i] || operations[i].invoked > first_return) continue;
    StateId next = model.step(state, operations[i].call);
    if (next == impossible) continue;
    placed[i] = true;
    bool found = go_on(model, operations, placed, next);
    placed[i] = false;
    if (found) return true;
  }
  return false;
}

}  // namespace

bool linearizable_by_trying(Model& model, std::span<const Operation> operations) {
  std::vector<bool> placed(operations.size());
  return go_on(model, operations, placed, model.initial());
}

bool is_linearization(Model& model, std::span<const Operation> operations,
                      std::span<const std::uint32_t> order) {
  std::vector<bool> placed(operations.size());
  StateId state = model.initial();
  std::uint32_t now = 0;
  for (std::uint32_t at : order) {
    if (at >= operations.size() || placed[at]) return false;
    placed[at] = true;
    now = std::max(now, operations[at].invoked);
    if (now > operations[at].returned) return false;
    state = model.step(state, operations[at].call);
    if (state == impossible) return false;
  }
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (!placed[i] && !operations[i].crashed()) return false;
  }
  return true;
}

}  // namespace sunder::testing_support
