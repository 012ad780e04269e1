#pragma once
// A runtime between the world and a faulty replica: everything passes but traces and most
// probes, because the invariants are promises of correct replicas only.

#include "harness/api/runtime.h"

namespace sunder::pbft {

// So that a run shows that its faulty replicas were; what their honest part probes is not told.
inline constexpr std::string_view liar_lied = "a liar lied";
inline constexpr std::string_view second_twin_spoke = "the second twin spoke";

class WrappedRuntime : public Runtime {
 public:
  explicit WrappedRuntime(Runtime& world) : world_(world) {}
  NodeId self() const override { return world_.self(); }
  std::span<const NodeId> peers() const override { return world_.peers(); }
  Instant now() const override { return world_.now(); }
  WallTime wall_now() const override { return world_.wall_now(); }
  void send(NodeId target, Message message) override { world_.send(target, std::move(message)); }
  Timer start_timer(Duration delay) override { return world_.start_timer(delay); }
  void cancel_timer(Timer timer) override { world_.cancel_timer(timer); }
  Storage& storage() override { return world_.storage(); }
  Rng& rng() override { return world_.rng(); }
  void probe(std::string_view name) override {
    if (name == liar_lied || name == second_twin_spoke) world_.probe(name);
  }
  void trace(Event) override {}

 protected:
  Runtime& world_;
};

}  // namespace sunder::pbft
