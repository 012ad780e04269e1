#include "nodes/txn/invariants.h"

#include <algorithm>

namespace sunder::txn {

std::int64_t number(const Event& event, std::string_view name) {
  for (const Event::Number& entry : event.numbers) {
    if (entry.name == name) return entry.number;
  }
  return 0;
}

std::optional<BrokenInvariant> TxnInvariants::observe(NodeId node, Instant, const Event& event) {
  std::int64_t txn = number(event, "txn");
  if (event.kind == "read") {
    graph_.read(txn, number(event, "key"), number(event, "writer"), number(event, "number"));
  } else if (event.kind == "write") {
    graph_.write(txn, number(event, "key"), number(event, "number"));
  } else if (event.kind == "begin") {
    graph_.begin(node, txn, number(event, "op"));
  } else if (event.kind == "commit") {
    return graph_.commit(txn, number(event, "at"), number(event, "counted"));
  } else if (event.kind == "abort") {
    return graph_.abort(txn);
  } else if (event.kind == "told") {
    return graph_.told(txn);
  } else if (event.kind == "boot") {
    auto level = std::clamp<std::int64_t>(number(event, "level"), 0,
                                          static_cast<std::int64_t>(Level::serializable));
    graph_.expect(static_cast<Level>(level), number(event, "strong") != 0);
    return graph_.restart(node, number(event, "kept"));
  }
  return {};
}

}  // namespace sunder::txn
