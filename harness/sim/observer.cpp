#include "harness/sim/observer.h"

namespace sunder {
SimObserver::SimObserver(Kernel& kernel, std::unique_ptr<Invariants> invariants,
                         const SimOptions& options)
    : kernel_(kernel), invariants_(std::move(invariants)), options_(options) {}

void SimObserver::trace(NodeId node, const Event& event) {
  kernel_.digest.add(kinds_.of(event.kind));
  for (const Event::Number& entry : event.numbers) {
    if (entry.name.empty()) break;
    kernel_.digest.add(static_cast<std::uint64_t>(entry.number));
  }
  if (options_.trace) options_.trace(kernel_.now, node, event);
  if (invariants_ == nullptr) return;
  std::optional<BrokenInvariant> broken = invariants_->observe(node, kernel_.now, event);
  if (broken) broken_.add(kernel_.now, node, *std::move(broken));
}

void SimObserver::lifecycle(NodeId node, std::string_view kind) {
  kernel_.digest.add(kinds_.of(kind));
  if (options_.trace) options_.trace(kernel_.now, node, Event{.kind = kind});
}

void SimObserver::probe(std::string_view name) {
  for (Counter& counter : counters_) {
    bool same_literal = counter.literal.data() == name.data() && counter.name.size() == name.size();
    if (same_literal || counter.name == name) {
      ++counter.count;
      return;
    }
  }
  counters_.push_back(Counter{name, std::string(name), 1});
}

std::map<std::string, std::uint64_t> SimObserver::probes() const {
  std::map<std::string, std::uint64_t> probes;
  for (const Counter& counter : counters_) probes[counter.name] = counter.count;
  return probes;
}

}  // namespace sunder
