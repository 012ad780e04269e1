#pragma once
// The client of the transactional systems: one op is one transaction, step by step.

#include <memory>
#include <string>
#include <vector>

#include "harness/api/channel.h"
#include "harness/api/client.h"
#include "nodes/txn/messages.h"
#include "nodes/txn/script.h"

namespace sunder::txn {

struct ClientConfig {
  Duration retry_after = std::chrono::milliseconds(400);   // of a request without an answer
  Duration give_up_after = std::chrono::milliseconds(1500);  // of what comes before the commit
  bool fixed_server = false;  // always the first server, whoever is home
  std::string datatype{};     // of the ops
  bool runs_again = false;    // flaw: a commit without an answer is begun again from the start
};

/// A transaction stays with the server that began it. Until its commit has been asked for it can
/// be given up as failed. From then on the same server is asked again for as long as the world lets
/// it, because only that server knows.
class TxnClient : public Client {
 public:
  TxnClient(Channel& channel, ClientConfig config);
  ~TxnClient() override;
  void invoke(const Op& invocation, Complete complete) override;

 private:
  void begin();
  void go_on();  // with the next step, or the commit
  void ask(Verb verb, const Step& step = {});
  void send();
  void on_timer();
  void on_reply(NodeId source, const Reply& reply);
  void abandon(std::string why);  // REQUIRES: the commit was never asked for
  void elsewhere();               // turns to another server
  void finish(Outcome outcome);
  Verb asked() const { return static_cast<Verb>(request_.verb); }

  Channel& channel_;
  ClientConfig config_;
  NodeId target_;
  std::int64_t msg_id_ = 0;
  std::int64_t told_ = 0;  // the last transaction that is known as committed
  std::int64_t op_ = -1;
  std::unique_ptr<Script> script_;
  std::vector<Found> answered_;
  Request request_;     // the one under way
  Instant asked_at_;    // when it was first sent
  Complete complete_;   // empty when idle
  Timer timer_;
};

}  // namespace sunder::txn
