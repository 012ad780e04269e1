#pragma once
// The client of replicated objects: it keeps what it has read of each key, and sends that along
// with its writes.

#include <map>

#include "harness/api/channel.h"
#include "harness/api/client.h"
#include "nodes/lattice/messages.h"
#include "nodes/lattice/object.h"

namespace sunder::lattice {

/// Asks the same server until it answers: a retry carries the number of its request, so that the
/// server knows it. Reads of a session that moves are sent to another server each time.
class ObjectClient : public Client {
 public:
  ObjectClient(Channel& channel, ClientConfig config);
  ~ObjectClient() override;
  void invoke(const Op& invocation, Complete complete) override;

 private:
  std::optional<Request> request_from(const Op& invocation) const;
  void send();
  void on_reply(const Reply& reply);
  Value answer(const Reply& reply) const;
  Value told(const Made& made, bool tagged) const;
  Value vector(const std::vector<std::int64_t>& counts) const;  // {"n1": 4}
  void choose_server();
  void finish(Outcome outcome);

  Channel& channel_;
  ClientConfig config_;
  std::optional<Kind> kind_;
  NodeId target_;
  std::int64_t msg_id_ = 0;
  std::map<std::int64_t, clock::VectorClock> contexts_;  // by key: what was read
  Request request_;
  Complete complete_;  // empty when idle
  Timer timer_;
};

}  // namespace sunder::lattice
