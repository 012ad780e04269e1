#include "nodes/lock/node.h"

namespace sunder::lock {
namespace {

constexpr Duration look_every = std::chrono::milliseconds(50);

bool is_about_leases(KvVerb verb) {
  return verb == KvVerb::lease_acquire || verb == KvVerb::lease_renew ||
         verb == KvVerb::lease_release || verb == KvVerb::lease_expire;
}

}  // namespace

void LockNode::on_timer(Timer timer) {
  if (timer != timer_) return RaftNode::on_timer(timer);
  timer_ = {};
  if (!may_serve_reads()) return;
  end_leases();
  timer_ = runtime().start_timer(look_every);
}

// A leader cannot know for how long a lease has lasted that began under another one, so each begins
// anew: it may last longer than it was told, never shorter.
void LockNode::on_established() {
  deadlines_.clear();
  promised_.clear();
  counted_ = 0;
  machine().objects().leases().each_held([this](const KvLeases::Held& held) { begin_lease(held); });
  if (config_.flaws.fail_over_ends_leases) {
    for (auto& [key, deadline] : deadlines_) deadline.at = runtime().now();
  }
  if (!deadlines_.empty()) runtime().probe("leases outlived their leader");
  runtime().cancel_timer(timer_);
  timer_ = runtime().start_timer(look_every);
}

void LockNode::begin_lease(const KvLeases::Held& held) {
  deadlines_[held.key] = {.grants = held.grants,
                          .at = runtime().now() + config_.lease,
                          .at_wall = runtime().wall_now() + config_.lease};
}

void LockNode::on_applied(std::int64_t index, const KvCommand& command, const KvAnswer& answer) {
  if (!is_about_leases(command.kind()) || !may_serve_reads()) return;
  promised_.erase(command.key);
  std::optional<KvLeases::Held> held = machine().objects().leases().held(command.key);
  auto known = deadlines_.find(command.key);
  if (!held) {
    deadlines_.erase(command.key);
  } else if (known == deadlines_.end() || known->second.grants != held->grants) {
    begin_lease(*held);
  }
  if (command.kind() != KvVerb::lease_acquire || !answer.value) return;
  runtime().trace({.kind = "grant",
                   .numbers = {{{"index", index},
                                {"key", command.key},
                                {"token", *answer.value}}}});
}

bool LockNode::is_over(const Deadline& deadline) {
  if (config_.flaws.lease_by_wall_clock) return runtime().wall_now() >= deadline.at_wall;
  return runtime().now() >= deadline.at;
}

void LockNode::end_leases() {
  std::vector<KvCommand> ends;
  for (auto& [key, deadline] : deadlines_) {
    if (deadline.proposed || !is_over(deadline)) continue;
    deadline.proposed = true;
    ends.push_back({.verb = static_cast<std::uint8_t>(KvVerb::lease_expire),
                    .key = key,
                    .value = deadline.grants});
  }
  for (const KvCommand& end : ends) {
    runtime().probe("lease expired");
    append_own(end);
  }
}

bool LockNode::takes(NodeId client, const KvRequest& request) {
  bool acquires = request.command.kind() == KvVerb::lease_acquire;
  if (!acquires || !leads()) return false;
  if (config_.flaws.granted_before_replicated && may_serve_reads()) {
    grant_at_once(client, request);
    return true;
  }
  if (!config_.flaws.tokens_counted_by_leader) return false;
  KvRequest stamped = request;
  stamped.command.expected = ++counted_;
  propose(client, stamped);
  return true;
}

void LockNode::grant_at_once(NodeId client, const KvRequest& request) {
  const KvCommand& command = request.command;
  const KvLeases& leases = machine().objects().leases();
  bool is_free = !leases.held(command.key) && !promised_.contains(command.key);
  if (!is_free) return propose(client, request);
  promised_.insert(command.key);
  KvAnswer granted{.value = leases.last_token(command.key) + 1};
  append_own(command, request.op);
  runtime().send(client, Message(kv_reply(request.msg_id, granted)));
}

}  // namespace sunder::lock
