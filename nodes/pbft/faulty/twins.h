#pragma once
// Twins: two copies of one replica with one identity, each of which talks to one part of the others
// (Bano, Sonnino, Chursin, Perelman, Li, Ching and Malkhi, "Twins: BFT Systems Made Robust", OPODIS
// 2021). Every double vote and amnesia that needs no malice comes from them.

#include <deque>
#include <map>
#include <memory>

#include "nodes/pbft/faulty/plan.h"
#include "nodes/pbft/faulty/wrapped_runtime.h"

namespace sunder::pbft {

/// A disk that forgets with the process.
class MemoryDisk : public Storage {
 public:
  std::uint64_t log_begin() const override { return begin_; }
  std::uint64_t log_end() const override { return begin_ + log_.size(); }
  const Bytes& log_read(std::uint64_t index) const override { return log_.at(index - begin_); }
  void append(Bytes record) override { log_.push_back(std::move(record)); }
  void truncate_from(std::uint64_t index) override { log_.resize(index - begin_); }
  void discard_before(std::uint64_t index) override;
  const Bytes* get(std::string_view key) const override;
  void put(std::string_view key, Bytes value) override;
  void erase(std::string_view key) override;
  void sync() override {}

 private:
  std::uint64_t begin_ = 0;
  std::deque<Bytes> log_;
  std::map<std::string, Bytes, std::less<>> values_;
};

/// The part of the world that one copy lives in: every second correct replica, all faulty ones, all
/// clients. The first copy has the node's disk.
class TwinRuntime : public WrappedRuntime {
 public:
  TwinRuntime(Runtime& world, const Config& config, int copy)
      : WrappedRuntime(world), plan_(config, world.peers().size()), copy_(copy) {}
  bool knows(NodeId other) const;
  void send(NodeId target, Message message) override;
  Storage& storage() override { return copy_ == 0 ? world_.storage() : disk_; }
  /// What the copy sent to itself, when this was the timer of it: its sibling must not get it.
  std::optional<Message> own_message(Timer timer);

 private:
  const Plan plan_;
  const int copy_;
  MemoryDisk disk_;
  std::map<Timer, Message> to_itself_;
};

class Twins : public Node {
 public:
  Twins(Runtime& runtime, const Config& config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override;

 private:
  struct Copy {
    std::unique_ptr<TwinRuntime> runtime;
    std::unique_ptr<Node> node;
  };
  const NodeId self_;
  std::vector<Copy> copies_;
};

/// A replica as this run wants it: honest, a liar, a pair of twins, or twins that lie.
std::unique_ptr<Node> make_replica(Runtime& runtime, const Config& config);

}  // namespace sunder::pbft
