#pragma once
// The client of every register system here: which server it asks, what its session remembers.

#include "harness/api/channel.h"
#include "harness/api/client.h"
#include "nodes/clock/vector.h"
#include "nodes/register/messages.h"

namespace sunder::registers {

/// Which of Terry's vectors go with which operation ("Session Guarantees for Weakly Consistent
/// Replicated Data", PDIS 1994, table 1).
struct SessionRules {
  bool reads_need_writes = false;   // read your writes
  bool reads_need_reads = false;    // monotonic reads
  bool writes_need_writes = false;  // monotonic writes
  bool writes_need_reads = false;   // writes follow reads
};

struct ClientConfig {
  Duration retry_after = std::chrono::milliseconds(400);  // of a read without an answer
  Duration give_up_after = std::chrono::milliseconds(1500);  // of a write
  bool redirected = false;  // goes on asking where a refusal sends it, as long as it has patience
  bool pinned = true;       // always the home server; else any server, drawn for each op
  SessionRules session;
};

/// Sends a write once: another server would carry it out as another write. A read that is not
/// answered is sent again, to another server unless the session is pinned, as long as the world
/// lets it: that keeps the session alive over a restart of its server. Fails only when the
/// server says that the op was surely not carried out.
class RegisterClient : public Client {
 public:
  RegisterClient(Channel& channel, ClientConfig config);
  ~RegisterClient() override;
  void invoke(const Op& invocation, Complete complete) override;

 private:
  void send();
  void on_timer();
  void on_reply(const Reply& reply);
  void remember(const Reply& reply);
  void on_refusal(const Reply& reply);
  void choose_server();
  void finish(Outcome outcome);

  Channel& channel_;
  ClientConfig config_;
  NodeId target_;
  std::int64_t msg_id_ = 0;
  clock::VectorClock read_;     // what the session has read, by the node that accepted it
  clock::VectorClock written_;  // and what it has written
  std::int64_t time_ = 0;       // the largest logical time of both
  Request request_;
  Instant begun_;
  Value argument_;
  Complete complete_;  // empty when idle
  Timer timer_;
};

}  // namespace sunder::registers
