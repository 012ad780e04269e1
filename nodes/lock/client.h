#pragma once
// A client of the lock service: it never believes in a lease that may be over.

#include "nodes/kv/client.h"
#include "nodes/lock/config.h"

namespace sunder::lock {

/// Counts a lease from when it first asked for it, which is before the servers do. An acquire or a
/// renewal whose answer takes too long is `info`: the lock may be held, but not to be used.
class LockClient final : public Client {
 public:
  LockClient(Channel& channel, const Config& config);
  ~LockClient() override;
  void invoke(const Op& invocation, Complete complete) override;

 private:
  void finish(Outcome outcome);
  Value told(const Value& answer) const;

  Channel& channel_;
  const Config config_;
  KvClient kv_;
  bool grants_ = false;  // the op under way asks for a lease
  Complete complete_;    // empty when idle
  Timer timer_;
};

}  // namespace sunder::lock
