#pragma once
// A node of the chain: a replica, and a member of the configuration service.

#include "nodes/chain/replica.h"
#include "nodes/chain/service.h"

namespace sunder::chain {

class ChainNode : public Node {
 public:
  ChainNode(Runtime& runtime, const Config& config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override { return replica_.status(); }

 private:
  void dispatch(const Envelope& envelope);
  void renew();  // asks for a lease, and says which epoch is known

  Runtime& runtime_;
  const Config config_;
  Replica replica_;
  ConfigurationService service_;
  Timer beat_timer_;
  std::int64_t told_epoch_ = 0;  // the newest that the service has been told is known here
};

}  // namespace sunder::chain
