#pragma once
// The client: signs its requests, and believes what f + 1 replicas say alike (4.1).

#include <map>

#include "harness/api/channel.h"
#include "harness/api/client.h"
#include "nodes/kv/dialects/dialect.h"
#include "nodes/pbft/config.h"
#include "nodes/pbft/seal.h"

namespace sunder::pbft {

/// Sends to the primary that it knows of, and when no answer comes in time to all, again and again
/// under one timestamp. Equal answers are of the same timestamp and result.
class PbftClient : public Client {
 public:
  PbftClient(Channel& channel, const Config& config, std::string_view datatype);
  ~PbftClient() override;
  void invoke(const Op& invocation, Complete complete) override;

 private:
  void on_timeout();
  void on_reply(const Sealed<Reply>& reply);
  void finish(const Reply& result);

  Channel& channel_;
  const Duration retry_after_;
  const std::size_t needed_;  // equal replies
  const bool with_macs_;      // flaw
  const Keyring keys_;
  std::unique_ptr<KvDialect> dialect_;
  std::int64_t view_ = 0;  // as the last believed replies say
  Request request_;        // under way
  Op invocation_;
  Complete complete_;      // empty when idle
  std::map<NodeId, Reply> replies_;  // to it
  Timer timer_;
};

}  // namespace sunder::pbft
