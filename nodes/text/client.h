#pragma once
// The client of the systems that offer documents.

#include "harness/api/system.h"
#include "nodes/text/messages.h"

namespace sunder::text {

OptionSpec sessions_option();  // "sessions": pinned, as the systems assume, or moving

/// Sends an update once: the site would take a second one for another update. A read is sent again
/// until it is answered, which keeps the session alive over a restart of its site. Fails only when
/// the site says that it refused the op.
class TextClient : public Client {
 public:
  /// A pinned session stays at its site; another one asks any site for each operation.
  TextClient(Channel& channel, bool pinned);
  ~TextClient() override;
  void invoke(const Op& invocation, Complete complete) override;

 private:
  bool updates() const;
  void send();
  void on_timer();
  void on_reply(const Reply& reply);
  Value answer(const Reply& reply) const;
  void finish(Outcome outcome);

  Channel& channel_;
  bool pinned_;
  NodeId target_;
  std::int64_t msg_id_ = 0;
  Request request_;
  Complete complete_;  // empty when idle
  Timer timer_;
};

}  // namespace sunder::text
