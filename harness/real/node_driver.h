#pragma once
// A reference node at work in this process: its runtime, its timers and its disk, on one
// io_context. What its messages travel by is the business of whoever owns it.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "harness/api/system.h"
#include "harness/real/node_runtime.h"
#include "harness/real/syncer.h"

namespace sunder {

/// Lives on the thread of its io_context. Owners stop that before they destroy this.
class NodeDriver final : private NodeRuntime::Carrier {
 public:
  struct Setup {
    const System* system = nullptr;  // a reference system
    const SystemConfig* config = nullptr;
    NodeId self;
    std::vector<NodeId> peers;  // self included, ascending
    std::unique_ptr<FileStorage> storage;
    TraceFile trace;
    std::uint64_t seed = 0;
    /// Takes a message away, to anyone but the node itself. Called between handlers.
    std::function<void(NodeId target, const Message& message)> carry;
    std::function<void(const Error& error)> disk_failed;  // the node is of no further use
  };
  NodeDriver(boost::asio::io_context& io, Setup setup);

  void boot();
  /// REQUIRES: not called from within `carry`.
  void deliver(const Envelope& envelope) { runtime_.deliver(envelope); }
  void deliver_soon(Envelope envelope);
  /// REQUIRES: the same.
  Status instruct(std::string_view verb, const Value& value) {
    return runtime_.instruct(verb, value);
  }
  NodeStatus status() const { return node_->status(); }

 private:
  void carry(NodeId target, const Message& message) override;
  void sync(std::shared_ptr<const Descriptor> file, std::uint64_t changes) override;
  void wake_at(Instant instant) override;
  void disk_failed(const Error& error) override { on_disk_failed_(error); }

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  std::function<void(NodeId target, const Message& message)> carry_;
  std::function<void(const Error& error)> on_disk_failed_;
  NodeRuntime runtime_;
  std::unique_ptr<Node> node_;
  Syncer syncer_;  // last: its thread ends before the rest goes
};

}  // namespace sunder
