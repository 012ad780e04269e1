#include "tests/checker/weak/support/builder.h"

#include <algorithm>
#include <numeric>

namespace sunder::testing_support {

using weak::Index;

RegistersBuilder::Handle RegistersBuilder::write(std::uint32_t session, std::int32_t key) {
  auto at = static_cast<Handle>(operations_.size());
  operations_.push_back({.kind = weak::Kind::write,
                         .key = key,
                         .session = session,
                         .invoked = 2 * at,
                         .returned = 2 * at + 1});
  return at;
}

RegistersBuilder::Handle RegistersBuilder::read(std::uint32_t session, std::int32_t key,
                                                Handle source) {
  Handle at = write(session, key);
  operations_.back().kind = weak::Kind::read;
  operations_.back().source = source;
  return at;
}

void RegistersBuilder::set_positions(Handle operation, std::uint32_t invoked,
                                     std::uint32_t returned) {
  operations_[operation].invoked = invoked;
  operations_[operation].returned = returned;
}

weak::Registers RegistersBuilder::build() const {
  std::vector<Index> order(operations_.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    return operations_[a].session < operations_[b].session;
  });
  std::vector<Index> place(order.size());
  for (Index i = 0; i < order.size(); ++i) place[order[i]] = i;
  weak::Registers made;
  for (Index i = 0; i < order.size(); ++i) {
    weak::Operation operation = operations_[order[i]];
    bool begins = i > 0 && operation.session != operations_[order[i - 1]].session;
    if (begins) made.session_begin.push_back(i);
    operation.session = static_cast<std::uint32_t>(made.session_begin.size() - 1);
    if (operation.source != weak::initial) operation.source = place[operation.source];
    operation.invoked_at = operation.invoked;
    operation.returned_at = operation.returned;
    made.keys = std::max(made.keys, operation.key + 1);
    made.operations.push_back(operation);
  }
  if (!order.empty()) made.session_begin.push_back(static_cast<Index>(order.size()));
  return made;
}

}  // namespace sunder::testing_support
