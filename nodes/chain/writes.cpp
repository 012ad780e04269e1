// Writes: van Renesse and Schneider, OSDI 2004, section 3; retransmission and epochs are ours.

#include "nodes/chain/replica.h"
#include "nodes/kv/hex.h"

namespace sunder::chain {
namespace {

constexpr std::int64_t uncommitted_max = 4096;  // entries; past it the head refuses more
constexpr std::int64_t batch_max = 128;         // entries in one message

}  // namespace

void Replica::on_request(NodeId client, const KvRequest& request) {
  if (request.command.verb > static_cast<std::uint8_t>(last_kv_verb)) return;
  if (only_reads(request.command.kind())) return on_read(client, request);
  on_write(client, request);
}

void Replica::on_write(NodeId client, const KvRequest& request) {
  bool full = log_.last() - commit_ >= uncommitted_max;
  if (!head() || !leased() || full) return refuse(client, request);
  // A retry of what is under way would only make a second entry that changes nothing.
  for (const Waiting& waiting : waiting_) {
    if (waiting.client == client && waiting.msg_id == request.msg_id) return;
  }
  append({.epoch = configuration_.epoch, .command = request.command}, request.op);
  bool early = config_.flaws.ack_from_head && always_succeeds(request.command.kind());
  if (early) {
    runtime_.send(client, Message(kv_reply(request.msg_id, {})));
  } else {
    waiting_.push_back({client, request.msg_id, request.op, log_.last(), request.command});
  }
  log_.barrier();
  forward(false);
  try_commit();
}

void Replica::append(const Entry& entry, std::int64_t op) {
  log_.append(entry);
  Event event{.kind = "chain-append",
              .numbers = {{{"index", log_.last()}, {"hash", log_.hash_at(log_.last())},
                           {"epoch", entry.epoch}}}};
  if (op >= 0) event.numbers[3] = {"op", op};
  runtime_.trace(std::move(event));
}

// The first message of an epoch asks where the successor stands.
void Replica::forward(bool beat) {
  std::optional<NodeId> target = after();
  if (!target) return;
  bool unheard = successor_.acked < 0;
  bool untaught = unheard && target == joining_;
  if (untaught || successor_.next <= log_.base()) {
    if (beat) send_install(*target);
    return;
  }
  Forward message{.epoch = configuration_.epoch,
                  .start = synced_ ? start_ : -1,
                  .previous = successor_.next - 1,
                  .beat = beat};
  message.previous_hash = log_.hash_at(message.previous);
  while (successor_.next <= log_.last() && std::ssize(message.entries) < batch_max) {
    message.entries.push_back(log_.at(successor_.next++));
  }
  if (message.entries.empty() && !beat) return;
  runtime_.send(*target, Message(std::move(message)));
}

void Replica::on_forward(NodeId source, const Forward& forwarded) {
  if (!current(forwarded.epoch)) return;
  bool lawful = source == before() && (member() || log_.lineage() == configuration_.epoch);
  if (!lawful && !config_.flaws.no_epoch_check) return;
  if (forwarded.previous > log_.last()) return acknowledge(source, true);
  if (forwarded.previous < 0) return;
  bool known = forwarded.previous >= log_.base();
  bool fits = !known || log_.hash_at(forwarded.previous) == forwarded.previous_hash;
  if (!fits) {
    runtime_.trace({.kind = "chain-split",
                    .numbers = {{{"epoch", configuration_.epoch}, {"index", forwarded.previous},
                                 {"from", source.index}}}});
    return;
  }
  std::int64_t committed = commit_;
  take(forwarded);
  // What the tail commits it says at once; the others wait for that, or for a beat.
  bool told = commit_ > committed;
  if (forwarded.beat && !told) acknowledge(source, false);
}

void Replica::take(const Forward& forwarded) {
  std::int64_t index = forwarded.previous;
  for (const Entry& entry : forwarded.entries) {
    if (++index > log_.last()) append(entry, -1);
  }
  bool has_all = forwarded.start >= 0 && log_.last() >= forwarded.start;
  bool becomes_synced = member() && !synced_ && has_all;
  if (becomes_synced) become_synced(forwarded.start);
  log_.barrier();
  forward(becomes_synced);
  try_commit();
}

void Replica::acknowledge(NodeId target, bool gap) {
  runtime_.send(target, Message(Acked{.epoch = configuration_.epoch,
                                      .last = log_.last(),
                                      .commit = commit_,
                                      .gap = gap}));
}

void Replica::on_acked(NodeId source, const Acked& acked) {
  if (!current(acked.epoch) || source != after()) return;
  successor_.heard = runtime_.now();
  std::int64_t held = std::clamp<std::int64_t>(acked.last, 0, log_.last());
  bool moves = successor_.acked < 0 || acked.gap;
  successor_.acked = std::max(successor_.acked, held);
  successor_.next = moves ? held + 1 : std::max(successor_.next, held + 1);
  if (source != joining_) commit_to(std::min(acked.commit, log_.last()));
  forward(moves);
}

void Replica::try_commit() {
  if (tail() && serves()) commit_to(log_.last());
}

// The whole chain holds what is committed. A tail's own copy is proved durable only by what it
// sends after the barrier, so a trace of it alone would promise too much.
void Replica::commit_to(std::int64_t index) {
  if (index <= commit_) return;
  bool proved = !tail();
  while (commit_ < index) {
    const KvCommand& command = log_.at(commit_ + 1).command;
    bool runs = command.session != 0 && machine_.would_execute(command);
    KvAnswer answer = machine_.apply(++commit_, command);
    if (proved) {
      runtime_.trace({.kind = "chain-commit",
                      .numbers = {{{"index", commit_}, {"hash", log_.hash_at(commit_)},
                                   {"epoch", configuration_.epoch},
                                   {"state", static_cast<std::int64_t>(machine_.digest())},
                                   {"ran", runs ? 1 : 0}}}});
    }
    answer_written(commit_, answer, proved);
  }
  if (std::optional<NodeId> target = before(); target && member()) acknowledge(*target, false);
  compact();
}

void Replica::answer_written(std::int64_t index, const KvAnswer& answer, bool proved) {
  while (!waiting_.empty() && waiting_.front().index <= index) {
    const Waiting& waiting = waiting_.front();
    if (waiting.index == index) {
      if (proved && waiting.op >= 0) {
        runtime_.trace({.kind = "chain-acknowledged",
                        .numbers = {{{"index", index}, {"hash", log_.hash_at(index)},
                                     {"epoch", configuration_.epoch}, {"op", waiting.op}}}});
      }
      runtime_.send(waiting.client, Message(kv_reply(waiting.msg_id, answer)));
    }
    waiting_.pop_front();
  }
}

void Replica::refuse(NodeId client, const KvRequest& request) {
  KvReply reply = kv_reply(request.msg_id, {.code = KvCode::unavailable});
  bool reads = only_reads(request.command.kind());
  if (reads && !member()) reply.leader = configuration_.tail();
  if (!reads && !head()) reply.leader = configuration_.head();
  runtime_.send(client, Message(std::move(reply)));
}

// Their entries may still be committed by the others; the sessions make a retry harmless.
void Replica::refuse_all() {
  for (const Waiting& waiting : waiting_) {
    refuse(waiting.client, {.msg_id = waiting.msg_id, .command = waiting.command});
  }
  waiting_.clear();
}

void Replica::compact() {
  if (commit_ - log_.base() < config_.snapshot_every) return;
  log_.compact(commit_, machine_.snapshot());
  snapshot_at_ = runtime_.now();
}

// The newest state, so that little is left to send after it.
void Replica::send_install(NodeId target) {
  runtime_.send(target, Message(Install{.epoch = configuration_.epoch,
                                        .index = commit_,
                                        .hash = log_.hash_at(commit_),
                                        .state = to_hex(machine_.snapshot())}));
}

void Replica::on_install(NodeId source, const Install& install) {
  if (install.epoch != configuration_.epoch || source != before()) return;
  bool stranger = !member() && log_.lineage() != configuration_.epoch;
  bool wanted = stranger || install.index > log_.last();
  if (wanted) {
    std::optional<std::string> state = from_hex(install.state);
    if (!state || install.index < 0 || !machine_.restore(*state)) return;
    log_.install(install.index, install.hash, configuration_.epoch, *std::move(state));
    commit_ = install.index;
    snapshot_at_ = runtime_.now();
    runtime_.probe("a state was installed");
    runtime_.trace({.kind = "chain-install",
                    .numbers = {{{"epoch", configuration_.epoch}, {"index", install.index},
                                 {"hash", install.hash},
                                 {"state", static_cast<std::int64_t>(machine_.digest())}}}});
  }
  log_.barrier();
  acknowledge(source, false);
}

}  // namespace sunder::chain
