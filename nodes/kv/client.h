#pragma once
// The client of every key-value system here: sessions, leader hints, retries.

#include <functional>

#include "harness/api/channel.h"
#include "harness/api/client.h"
#include "nodes/kv/dialects/dialect.h"
#include "nodes/kv/messages.h"

namespace sunder {

struct KvClientConfig {
  Duration retry_after = std::chrono::milliseconds(400);  // without an answer
  Duration back_off = std::chrono::milliseconds(25);      // after a refusal that names nobody else
  bool fixed_server = false;  // always the first server, whoever is home
  std::string datatype{};     // of the ops; empty: cas-register
  bool leased = false;        // the ops are about locks that are leased
  bool renames_takes = false; // flaw: a dequeue that is sent again is a new one
};

/// Retries one op under one (session, sequence) until it is answered, at its home server first and
/// then wherever it is sent or, without an answer, at the next server. Reads and updates remember
/// separately who answered last: a server that answers reads by itself keeps being asked for them.
/// Fails only where the store says that the command's condition was not met.
class KvClient : public Client {
 public:
  KvClient(Channel& channel, KvClientConfig config);
  ~KvClient() override;
  void invoke(const Op& invocation, Complete complete) override;

 private:
  bool needs_session() const { return !only_reads(command_.kind()); }
  NodeId& target() { return needs_session() ? update_target_ : read_target_; }
  void attempt();            // sends the command, or the request for a session before it
  void attempt_after(Duration delay);
  void on_timeout();
  void on_reply(NodeId source, const KvReply& reply);
  void on_refusal(const KvReply& reply);
  void finish(Outcome outcome);
  NodeId next_server(NodeId after) const;

  Channel& channel_;
  KvClientConfig config_;
  NodeId read_target_;
  NodeId update_target_;
  std::int64_t session_ = 0;   // 0: none yet
  std::int64_t sequence_ = 0;  // within the client's session (thesis 6.3)
  std::int64_t msg_id_ = 0;    // of the request under way
  bool opening_ = false;       // it asks for a session
  int hops_ = 0;               // hints followed at once since the last pause
  std::unique_ptr<KvDialect> dialect_;
  Op invocation_;
  KvCommand command_;          // of the invocation
  Complete complete_;          // empty when idle
  Timer timer_;
};

}  // namespace sunder
