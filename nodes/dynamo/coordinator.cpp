#include "nodes/dynamo/coordinator.h"

#include <algorithm>

namespace sunder::dynamo {
namespace {

using registers::Code;
using registers::Reply;
using registers::Request;

// Of the flaw notes-waits-for-hung-replica: requests that are worked on at a time.
constexpr std::size_t slots = 2;
// A session's time comes from outside. What follows it must still fit a number.
constexpr std::int64_t time_max = INT64_MAX / 2;

}  // namespace

Coordinator::Coordinator(Runtime& runtime, const Config& config, const Ring& ring,
                         Holdings& holdings, const Liveness& liveness)
    : runtime_(runtime), config_(config), ring_(ring), holdings_(holdings), liveness_(liveness) {}

void Coordinator::start(std::int64_t boot) {
  boot_ = boot;
  // An answer to a round of an earlier boot must fit none of this one.
  round_ = static_cast<std::int64_t>(runtime_.rng().next() >> 2);
}

void Coordinator::on_request(NodeId client, const Request& request) {
  if (request.write && !once_.is_new(client, request.msg_id)) return;
  if (config_.flaws.waits_for_hung_replica && tasks_.size() >= slots) return;
  auto at = tasks_.try_emplace(++round_).first;
  runtime_.trace({.kind = "begin",
                  .numbers = {{{"round", round_}, {"op", request.op}, {"key", request.key}}}});
  Task& task = at->second;
  task.client = client;
  task.request = request;
  task.request.time = std::clamp<std::int64_t>(request.time, 0, time_max);
  task.order = ring_.walk(request.key);
  task.begun = runtime_.now();
  bool by_clock = !config_.quorum_stamps || config_.flaws.wall_clock_stamps ||
                  config_.flaws.stamp_above_own_copy;
  if (request.write && by_clock) {
    after_query(at);
  } else {
    begin_query(at);
  }
}

void Coordinator::begin_query(Tasks::iterator at) {
  Task& task = at->second;
  task.legs.assign(ring_.nodes(), {});
  ask_all(*at, false);
  advance(at);
}

void Coordinator::begin_store(Tasks::iterator at) {
  Task& task = at->second;
  task.phase = Phase::store;
  task.stored = true;
  task.remote = false;
  task.legs.assign(ring_.nodes(), {});
  if (config_.flaws.hints_count) count_hints(task);
  ask_all(*at, false);
  advance(at);
}

void Coordinator::count_hints(Task& task) {
  for (std::size_t replica : replicas(task)) {
    if (liveness_.up(replica)) continue;
    keep_hint(task, replica);
    task.hinted = true;
  }
}

void Coordinator::on_query_reply(std::size_t source, const QueryReply& reply) {
  auto at = tasks_.find(reply.round);
  if (at == tasks_.end() || at->second.stored) return;
  Task& task = at->second;
  Leg& leg = task.legs[source];
  if (!leg.asked || leg.answered) return;
  leg.answered = true;
  leg.told = reply.version;
  task.remote = true;
  advance(at);
}

void Coordinator::on_store_reply(std::size_t source, const StoreReply& reply) {
  auto at = tasks_.find(reply.round);
  if (at == tasks_.end() || !at->second.stored) return;
  Task& task = at->second;
  Leg& leg = task.legs[source];
  if (!leg.asked || leg.answered || static_cast<std::size_t>(reply.owner) != leg.owner) return;
  leg.answered = true;
  trace_stamp(leg.owner == source ? "confirmed" : "hint-confirmed", "by",
              static_cast<std::int64_t>(source), task);
  task.remote = true;
  if (task.untold) trace_stamp("wrote", "round", at->first, task);
  task.untold = false;
  advance(at);
}

void Coordinator::tick() {
  for (auto at = tasks_.begin(); at != tasks_.end();) {
    auto present = at++;
    Task& task = present->second;
    bool hangs = config_.flaws.waits_for_hung_replica && task.request.write;
    if (hangs && task.phase == Phase::store) continue;
    if (task.phase == Phase::after) {
      if (runtime_.now() - task.answered >= 2 * config_.retransmit) {
        close(present);
      } else if (task.stored) {
        ask_all(*present, true);
      }
    } else if (runtime_.now() - task.begun >= config_.give_up) {
      give_up(present);
    } else {
      ask_all(*present, true);
      advance(present);
    }
  }
}

bool Coordinator::complete(const Task& task) const {
  const Flaws& flaws = config_.flaws;
  std::size_t asked = 0;
  std::size_t answers = task.hinted ? 1 : 0;
  for (const Leg& leg : task.legs) {
    if (leg.asked) ++asked;
    if (leg.answered) ++answers;
  }
  bool waited = runtime_.now() - task.begun >= config_.retransmit;
  if (flaws.first_replicas_only && !task.request.write) {
    return answers == asked || (waited && answers > 0);
  }
  if (flaws.waits_for_hung_replica && task.stored && answers < asked) return false;
  std::size_t needed = task.phase == Phase::query ? config_.reads : config_.writes;
  return answers >= std::min(needed, ring_.replicas());
}

void Coordinator::advance(Tasks::iterator at) {
  Task& task = at->second;
  if (task.phase == Phase::after) {
    if (all_replicas_answered(task)) close(at);
    return;
  }
  if (!complete(task)) return;
  if (task.phase == Phase::query) {
    after_query(at);
  } else {
    answer(at);
  }
}

// A quorum has told its newest version. A read that must not be followed by an older one may end
// here only if a write quorum holds what it returns.
void Coordinator::after_query(Tasks::iterator at) {
  Task& task = at->second;
  if (task.request.write) {
    task.version = {new_stamp(task), task.request.value};
    begin_store(at);
    return;
  }
  task.version = newest_answer(task);
  bool write_back = config_.blocking_repair && !config_.flaws.repair_after_return;
  if (write_back && task.version.stamp.number > 0 &&
      holders(task) < std::min(config_.writes, ring_.replicas())) {
    runtime_.probe("a read wrote back");
    begin_store(at);
    return;
  }
  answer(at);
}

Version Coordinator::newest_answer(const Task& task) const {
  Version newest;
  bool first = true;
  for (std::size_t node : task.order) {
    if (task.legs.empty() || !task.legs[node].answered) continue;
    const Version& told = task.legs[node].told;
    // Nothing compares as later than a timestamp that is not there.
    bool taken = first && config_.flaws.missing_version_wins && !task.request.write;
    if (taken && told.stamp.number == 0) return told;
    if (newest.stamp < told.stamp) newest = told;
    first = false;
  }
  return newest;
}

std::size_t Coordinator::holders(const Task& task) const {
  return static_cast<std::size_t>(std::count_if(
      task.legs.begin(), task.legs.end(),
      [&](const Leg& leg) { return leg.answered && leg.told.stamp == task.version.stamp; }));
}

// The context of Dynamo's put: whatever the session has seen must not be newer than this.
Stamp Coordinator::new_stamp(const Task& task) {
  auto node = static_cast<std::int64_t>(self());
  std::int64_t wall = runtime_.wall_now().time_since_epoch().count();
  if (config_.flaws.wall_clock_stamps) return {wall, node, boot_};
  if (!config_.quorum_stamps) {
    last_time_ = std::max({last_time_ + 1, task.request.time + 1, wall});
    return {last_time_, node, boot_};
  }
  std::int64_t seen = newest_answer(task).stamp.number;
  if (config_.flaws.stamp_above_own_copy) {
    seen = holdings_.version(task.request.key).stamp.number;
  }
  std::int64_t& last = last_number_[task.request.key];
  last = std::max({last, seen, task.request.time}) + 1;
  if (config_.flaws.equal_stamps) return {last, 0, 0};
  return {last, node, boot_};
}

void Coordinator::answer(Tasks::iterator at) {
  Task& task = at->second;
  bool write = task.request.write;
  Reply reply{.in_reply_to = task.request.msg_id};
  if (!write && task.version.stamp.number > 0) reply.value = task.version.value;
  reply.time = task.version.stamp.number;
  if (write && config_.flaws.quorum_undefined) {
    reply.code = static_cast<std::uint8_t>(Code::unavailable);
  }
  // An answer leaves after the barrier before it, but the trace knows nothing of barriers: only
  // what another node said proves that the own copy has survived until now.
  if (task.remote) trace_stamp(write ? "wrote" : "read", "round", at->first, task);
  task.untold = write && !task.remote;
  runtime_.send(task.client, Message(std::move(reply)));
  task.phase = Phase::after;
  task.answered = runtime_.now();
  if (all_replicas_answered(task)) close(at);
}

// In the first phase nothing was asked for that could take effect. In the second, replicas that
// hold the version make it last, whoever reads it.
void Coordinator::give_up(Tasks::iterator at) {
  Task& task = at->second;
  bool surely = !task.stored || !task.request.write;
  Reply reply{.in_reply_to = task.request.msg_id};
  reply.code = static_cast<std::uint8_t>(surely ? Code::unavailable : Code::aborted);
  runtime_.probe("a quorum did not answer");
  runtime_.send(task.client, Message(std::move(reply)));
  close(at);
}

void Coordinator::barrier() {
  if (!config_.flaws.ack_before_sync) runtime_.storage().sync();
}

void Coordinator::trace_round(std::string_view kind, std::int64_t round, std::size_t node) {
  runtime_.trace(
      {.kind = kind, .numbers = {{{"round", round}, {"peer", static_cast<std::int64_t>(node)}}}});
}

void Coordinator::trace_stamp(std::string_view kind, std::string_view first, std::int64_t number,
                              const Task& task) {
  runtime_.trace({.kind = kind,
                  .numbers = {{{first, number},
                               {"key", task.request.key},
                               {"number", task.version.stamp.number},
                               {"coordinator", task.version.stamp.node},
                               {"boot", task.version.stamp.boot}}}});
}

}  // namespace sunder::dynamo
