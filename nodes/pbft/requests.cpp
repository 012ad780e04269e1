// Clients: the primary's batches, and the execution of what was committed (4.1, 4.2).

#include <algorithm>

#include "nodes/pbft/node.h"

namespace sunder::pbft {
namespace {

constexpr std::size_t pending_max = 8192;  // requests; past it a primary takes no more
constexpr std::int64_t batches_ahead = 8;  // proposed and not yet executed

}  // namespace

bool PbftNode::is_proved(const Request& request) const {
  return config_.flaws.requests_with_macs ? is_authentic(keys_, request)
                                          : is_signed(keys_, request);
}

bool PbftNode::is_valid(const Request& request) {
  auto verb = static_cast<KvVerb>(request.command.verb);
  if (request.command.verb > static_cast<std::uint8_t>(last_kv_verb)) return false;
  if (verb == KvVerb::open_session || verb == KvVerb::noop || request.timestamp <= 0) return false;
  if (is_proved(request) || config_.flaws.requests_unchecked) return true;
  runtime_.probe("refused a request that its client did not sign");
  return false;
}

void PbftNode::on_request(NodeId source, const Request& request) {
  if (!is_valid(request)) return;
  if (config_.flaws.read_only_with_few && only_reads(request.command.kind())) {
    answer(request, service_.observe(request.command));
    return;
  }
  if (!service_.is_new(request) && !config_.flaws.no_deduplication) {
    std::optional<KvAnswer> known = service_.last_answer(request);
    if (known) answer(request, *known);
    return;
  }
  wait_for(request);
  if (is_primary()) return enqueue(request);
  // A backup passes on what clients sent to it; what another replica passed on goes no further.
  if (!source.is_node() && active_) runtime_.send(primary_of(view_), Message(request));
}

// From now on the primary must get it done in time.
void PbftNode::wait_for(const Request& request) {
  auto [at, fresh] = waiting_.try_emplace(request.client, Waiting{request, runtime_.now()});
  if (!fresh && at->second.request.timestamp < request.timestamp) {
    at->second = {request, runtime_.now()};
  }
}

void PbftNode::enqueue(const Request& request) {
  std::int64_t& newest = queued_[request.client];
  if (newest >= request.timestamp && !config_.flaws.no_deduplication) return;
  if (pending_.size() >= pending_max) return;
  newest = request.timestamp;
  pending_.push_back(request);
  propose(false);
  if (!pending_.empty() && batch_timer_.id == 0) {
    batch_timer_ = runtime_.start_timer(config_.batch_delay);
  }
}

// Full batches at once, the rest when the delay is over.
void PbftNode::propose(bool all) {
  while (!pending_.empty() && in_window(next_) && next_ <= executed_ + batches_ahead) {
    if (!all && pending_.size() < config_.batch_max) return;
    std::size_t size = std::min(pending_.size(), config_.batch_max);
    auto end = pending_.begin() + static_cast<std::ptrdiff_t>(size);
    Batch batch(pending_.begin(), end);
    pending_.erase(pending_.begin(), end);
    std::int64_t sequence = next_++;
    std::int64_t digest = digest_of(batch);
    auto shared = std::make_shared<const Batch>(std::move(batch));
    accept(sequence, digest, shared);
    to_all(Message(authenticated(keys_, PrePrepare{view_, sequence, digest, *shared})), false);
    check_prepared(sequence);
  }
  if (all && !pending_.empty() && batch_timer_.id == 0) {
    batch_timer_ = runtime_.start_timer(config_.batch_delay);
  }
}

// After a change of views: to the new primary, which may be this replica.
void PbftNode::forward_waiting() {
  Instant now = runtime_.now();
  for (auto& [client, waiting] : waiting_) {
    waiting.since = now;
    if (is_primary()) {
      enqueue(waiting.request);
    } else {
      runtime_.send(primary_of(view_), Message(waiting.request));
    }
  }
}

void PbftNode::answer(const Request& request, const KvAnswer& answer) {
  Reply reply{.view = view_,
              .timestamp = request.timestamp,
              .code = static_cast<std::uint8_t>(answer.code),
              .value = answer.value,
              .list = answer.list};
  Mac mac = keys_.mac(request.client, sealed_bytes(self_, reply));
  runtime_.send(request.client, Message(Sealed<Reply>{self_, std::move(reply), {mac}}));
}

void PbftNode::execute_committed() {
  if (config_.flaws.executes_per_commit) return;
  for (;;) {
    Slot* slot = log_.find(executed_ + 1);
    bool ready = slot != nullptr && slot->committed.has_value();
    if (config_.flaws.reply_when_prepared && slot != nullptr && !ready && slot->prepared) {
      slot->committed = slot->prepared->digest;
      ready = true;
    }
    if (!ready) return;
    auto batch = slot->batches.find(*slot->committed);
    if (batch == slot->batches.end()) {
      fetch_batch(executed_ + 1, *slot->committed);
      return;
    }
    if (config_.flaws.primary_forgets_own && primary_of(view_) == self_) {
      halted_ = true;
      return;
    }
    SharedBatch shared = batch->second;
    execute(executed_ + 1, *shared);
  }
}

void PbftNode::execute(std::int64_t sequence, const Batch& batch) {
  executed_ = sequence;
  failed_views_ = 0;
  for (const Request& request : batch) execute_request(sequence, request);
  if (wanted_ && wanted_->checkpoint.sequence <= executed_) wanted_.reset();
  trace_executed(sequence, *log_.at(sequence).committed);
  if (executed_ % config_.checkpoint_every == 0) take_checkpoint();
}

void PbftNode::execute_request(std::int64_t sequence, const Request& request) {
  auto waiting = waiting_.find(request.client);
  if (waiting != waiting_.end() && waiting->second.request.timestamp <= request.timestamp) {
    waiting_.erase(waiting);
  }
  // A read may come again when its answers were lost, and is then ordered anew.
  auto queued = queued_.find(request.client);
  if (queued != queued_.end() && queued->second <= request.timestamp) queued_.erase(queued);
  if (!service_.is_new(request) && !config_.flaws.no_deduplication) {
    runtime_.probe("a request was ordered twice and executed once");
    if (std::optional<KvAnswer> known = service_.last_answer(request)) answer(request, *known);
    return;
  }
  bool updates = !only_reads(request.command.kind());
  answer(request, service_.execute(request));
  if (!updates) return;
  Event event{.kind = "ran",
              .numbers = {{{"sequence", sequence},
                           {"client", request.client.is_node() ? -1 - request.client.index
                                                               : request.client.index},
                           {"timestamp", request.timestamp},
                           {"signed", is_proved(request) ? 1 : 0},
                           {"op", request.op}}}};
  runtime_.trace(std::move(event));
}

void PbftNode::trace_executed(std::int64_t sequence, std::int64_t digest) {
  runtime_.trace({.kind = "executed",
                  .numbers = {{{"sequence", sequence},
                               {"digest", digest},
                               {"state", static_cast<std::int64_t>(service_.digest())}}}});
}

}  // namespace sunder::pbft
