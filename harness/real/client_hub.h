#pragma once
// Channels of reference clients over TCP: one connection to each node, shared by all clients.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/api/channel.h"
#include "harness/core/op.h"

namespace sunder {

/// Lives on the thread of its io_context, except for the constructor.
class ClientHub {
 public:
  struct Setup {
    std::vector<std::pair<NodeId, std::string>> nodes;  // IPv4 address as text
    std::uint16_t port = 0;
    MessageCodec messages;
    std::uint64_t seed = 0;
    std::function<Instant()> now;
    /// May a client that sits beside `home` talk to `server` just now, in this direction?
    std::function<bool(NodeId source_home, NodeId target_home)> allowed;
  };
  struct Status {
    NodeStatus status;
    std::string version;       // as the node calls it; empty: the usual one
    Duration clock_offset{0};  // the node's wall clock minus ours,
    Duration clock_doubt{0};   // by which that may be wrong, either way
  };

  ClientHub(boost::asio::io_context& io, Setup setup);
  ~ClientHub();

  void connect();
  void close();
  /// The channel of a process. Of use only while the hub lives.
  std::unique_ptr<Channel> open(Process process);
  /// Asks a node how it is. An Error when it did not answer in time.
  void ask_status(NodeId node, Duration time_limit, std::function<void(Result<Status>)> answered);
  /// Asks a node for something, as an operator does. An Error when it refused, or did not answer.
  void instruct(NodeId node, std::string verb, Value value, Duration time_limit,
                std::function<void(sunder::Status)> answered);

  struct Parts;

 private:
  std::shared_ptr<Parts> parts_;  // channels that outlive the hub for a moment share it
};

}  // namespace sunder
