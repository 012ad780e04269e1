#include "nodes/lock/client.h"

namespace sunder::lock {

LockClient::LockClient(Channel& channel, const Config& config)
    : channel_(channel),
      config_(config),
      kv_(channel, {.retry_after = config.retry_after, .leased = true}) {}

LockClient::~LockClient() { channel_.cancel_timer(timer_); }

void LockClient::invoke(const Op& invocation, Complete complete) {
  complete_ = std::move(complete);
  grants_ = invocation.verb == "acquire" || invocation.verb == "renew";
  if (grants_ && !config_.flaws.lease_not_checked_by_client) {
    timer_ = channel_.start_timer(config_.patience, [this] {
      finish(Outcome::info("no answer while the lease was still worth something"));
    });
  }
  kv_.invoke(invocation, [this](Outcome outcome) { finish(std::move(outcome)); });
}

void LockClient::finish(Outcome outcome) {
  if (!complete_) return;
  channel_.cancel_timer(timer_);
  timer_ = {};
  bool granted = grants_ && outcome.phase == Phase::ok;
  if (granted && config_.datatype == "lease") outcome.value = told(outcome.value);
  // The callee may destroy this client or invoke the next op.
  Complete complete = std::move(complete_);
  complete_ = {};
  complete(std::move(outcome));
}

// Leases are answered by how long they last, under the key if there is one.
Value LockClient::told(const Value& answer) const {
  Value life(static_cast<std::int64_t>(config_.told.count()));
  if (!answer.is_list()) return life;
  return Value::pair(answer.list().front(), std::move(life));
}

}  // namespace sunder::lock
