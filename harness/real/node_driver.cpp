#include "harness/real/node_driver.h"

#include <boost/asio/post.hpp>
#include <cerrno>

#include "harness/faultkit/system_error.h"

namespace sunder {
namespace asio = boost::asio;

NodeDriver::NodeDriver(asio::io_context& io, Setup setup)
    : io_(io), timer_(io), carry_(std::move(setup.carry)),
      on_disk_failed_(std::move(setup.disk_failed)),
      runtime_(setup.self, std::move(setup.peers), std::move(setup.storage),
               std::move(setup.trace), setup.seed, *this),
      node_(setup.system->make_node(runtime_, *setup.config)) {}

void NodeDriver::boot() { runtime_.boot(*node_); }

void NodeDriver::deliver_soon(Envelope envelope) {
  asio::post(io_, [this, envelope = std::move(envelope)] { runtime_.deliver(envelope); });
}

void NodeDriver::carry(NodeId target, const Message& message) {
  if (target == runtime_.self()) return deliver_soon({target, target, message});
  carry_(target, message);
}

void NodeDriver::sync(std::shared_ptr<const Descriptor> file, std::uint64_t changes) {
  if (file == nullptr) return asio::post(io_, [this, changes] { runtime_.synced(changes); });
  syncer_.sync(std::move(file), [this, changes](int error) {
    asio::post(io_, [this, changes, error] {
      if (error == 0) return runtime_.synced(changes);
      errno = error;
      disk_failed(system_error("make the node's journal durable"));
    });
  });
}

void NodeDriver::wake_at(Instant instant) {
  timer_.expires_at(std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(
          instant.time_since_epoch())));
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) runtime_.fire_timers();
  });
}

}  // namespace sunder
