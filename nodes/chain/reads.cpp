// Reads at any replica: Terrace and Freedman, USENIX ATC 2009, section 2.3.

#include "nodes/chain/replica.h"

namespace sunder::chain {
namespace {

// Whether a write may change what a read answers; when in doubt, it does.
bool touches(const KvCommand& write, const KvCommand& read) {
  bool same_key = write.key == read.key;
  switch (write.kind()) {
    case KvVerb::noop:
    case KvVerb::open_session: return false;
    case KvVerb::write:
    case KvVerb::cas:
      if (read.kind() == KvVerb::read) return same_key;
      return read.kind() == KvVerb::read_range;
    case KvVerb::set_add: return read.kind() == KvVerb::set_read && same_key;
    case KvVerb::counter_add: return read.kind() == KvVerb::counter_read && same_key;
    case KvVerb::send: return read.kind() == KvVerb::poll && same_key;
    default: return true;
  }
}

}  // namespace

void Replica::on_read(NodeId client, const KvRequest& request) {
  if (!serves()) return refuse(client, request);
  const Flaws& flaws = config_.flaws;
  if (flaws.read_dirty || flaws.version_query_skipped || clean(request.command)) {
    return serve(client, request);
  }
  runtime_.probe("a dirty read asked the tail");
  reads_.push_back({client, request, round_ + 1, runtime_.now()});
  ask_tail();
}

// The replica has every committed write, and of what it reads none that may not be committed.
bool Replica::clean(const KvCommand& read) const {
  for (std::int64_t index = commit_ + 1; index <= log_.last(); ++index) {
    if (touches(log_.at(index).command, read)) return false;
  }
  return true;
}

void Replica::ask_tail() {
  ++round_;
  runtime_.send(configuration_.tail(),
                Message(Query{.epoch = configuration_.epoch, .round = round_}));
}

void Replica::on_query(NodeId source, const Query& query) {
  if (!current(query.epoch) || !tail() || !serves()) return;
  runtime_.send(source, Message(QueryReply{.epoch = query.epoch,
                                           .round = query.round,
                                           .commit = commit_}));
}

// The tail's version is here too, and newer than all that was committed before these reads began.
void Replica::on_query_reply(const QueryReply& reply) {
  if (!current(reply.epoch) || !serves()) return;
  commit_to(std::min(reply.commit, log_.last()));
  while (!reads_.empty() && reads_.front().round <= reply.round) {
    Read read = std::move(reads_.front());
    reads_.pop_front();
    serve(read.client, read.request);
  }
}

void Replica::serve(NodeId client, const KvRequest& request) {
  Event event{.kind = "chain-read",
              .numbers = {{{"epoch", configuration_.epoch}, {"last", log_.last()}}}};
  if (request.op >= 0) event.numbers[2] = {"op", request.op};
  runtime_.trace(std::move(event));
  KvAnswer answer = config_.flaws.read_dirty ? observe_newest(request.command)
                                             : machine_.observe(request.command);
  runtime_.send(client, Message(kv_reply(request.msg_id, answer)));
}

// flaw read-dirty: as if everything here were committed.
KvAnswer Replica::observe_newest(const KvCommand& read) const {
  KvStateMachine newest = machine_;
  for (std::int64_t index = commit_ + 1; index <= log_.last(); ++index) {
    newest.apply(index, log_.at(index).command);
  }
  return newest.observe(read);
}

// The client has long asked another replica.
void Replica::give_up_old_reads() {
  while (!reads_.empty() && runtime_.now() - reads_.front().since >= config_.give_up) {
    reads_.pop_front();
  }
}

}  // namespace sunder::chain
