#include "nodes/chain/replica.h"

#include "harness/core/assert.h"

namespace sunder::chain {
namespace {

constexpr std::string_view configuration_key = "chain configuration";

}  // namespace

Replica::Replica(Runtime& runtime, const Config& config)
    : runtime_(runtime),
      config_(config),
      self_(runtime.self()),
      log_(runtime.storage(), !config.flaws.no_sync),
      machine_({.sessions = config.sessions, .apply_retries = config.flaws.retry_applied_twice}) {}

void Replica::on_start() {
  recover();
  boot_ = static_cast<std::int64_t>(runtime_.rng().next() >> 2);
  runtime_.trace({.kind = "chain-boot",
                  .numbers = {{{"epoch", configuration_.epoch},
                               {"members", packed(configuration_)},
                               {"last", log_.last()},
                               {"hash", log_.hash_at(log_.last())}}}});
  begin_epoch();
}

void Replica::recover() {
  log_.recover();
  bool readable = log_.state().empty() || machine_.restore(log_.state());
  ASSERT_MSG(readable, "the stored snapshot cannot be read");
  commit_ = log_.base();
  configuration_ = first_configuration(runtime_.peers());
  if (const Bytes* saved = runtime_.storage().get(configuration_key)) {
    std::optional<Configuration> stored = unpacked(ByteReader(*saved).number());
    if (stored) configuration_ = *std::move(stored);
  }
}

// The epoch is durable before anything is said in it.
void Replica::adopt(const Configuration& configuration) {
  if (configuration.epoch <= configuration_.epoch) return;
  configuration_ = configuration;
  ByteWriter out;
  out.number(packed(configuration_));
  runtime_.storage().put(configuration_key, out.take());
  log_.barrier();
  bool leaves = member() && !configuration_.place_of(self_);
  if (leaves) runtime_.probe("a removed replica heard of it");
  runtime_.trace({.kind = "chain-epoch",
                  .numbers = {{{"epoch", configuration_.epoch},
                               {"members", packed(configuration_)},
                               {"last", log_.last()}}}});
  begin_epoch();
}

void Replica::begin_epoch() {
  place_ = configuration_.place_of(self_);
  synced_ = false;
  start_ = -1;
  if (head() || (member() && config_.flaws.join_before_transfer)) become_synced(log_.last());
  lease_end_ = {};
  lease_end_wall_ = {};
  joining_.reset();
  successor_ = {.next = log_.last() + 1, .heard = runtime_.now()};
  if (!head()) refuse_all();
  for (const Read& read : reads_) refuse(read.client, read.request);
  reads_.clear();
  // Whichever of two neighbours is the second to get here is heard by the other.
  if (synced_) forward(true);
  if (member() && !head()) acknowledge(*before(), false);
}

void Replica::become_synced(std::int64_t start) {
  synced_ = true;
  start_ = start;
  runtime_.trace({.kind = "chain-synced",
                  .numbers = {{{"epoch", configuration_.epoch}, {"last", log_.last()}}}});
}

void Replica::on_beat() {
  give_up_old_reads();
  if (!reads_.empty()) ask_tail();
  if (!after()) return;
  // Nothing new was acknowledged since the last beat: what is on its way may be lost.
  bool stuck = successor_.acked >= 0 && successor_.acked == successor_.acked_before;
  if (stuck) successor_.next = std::min(successor_.next, successor_.acked + 1);
  successor_.acked_before = successor_.acked;
  forward(true);
}

Renew Replica::renewal() const {
  Renew renew{.boot = boot_,
              .sent = nanoseconds(runtime_.now()),
              .epoch = configuration_.epoch,
              .synced = synced_};
  std::optional<NodeId> next = after();
  if (!next) return renew;
  bool silent = runtime_.now() - successor_.heard >= config_.stall_after;
  if (next == joining_) {
    if (successor_.acked >= commit_ && !silent) renew.taught = next;
  } else if (silent && leased()) {
    renew.stalled = next;
  }
  return renew;
}

void Replica::on_grant(const Grant& grant) {
  std::optional<Configuration> configuration = unpacked(grant.configuration);
  if (!configuration) return;
  adopt(*configuration);
  // What was asked after the snapshot's barrier left only when that had finished. A node that is
  // alone hears its own answer at once.
  bool after_snapshot = grant.boot == boot_ && instant_at(grant.sent) > snapshot_at_;
  if (after_snapshot && runtime_.peers().size() > 1) log_.erase_replaced();
  if (configuration->epoch != configuration_.epoch) return;
  if (tail() && grant.joining != joining_ && grant.joining != self_) {
    joining_ = grant.joining;
    successor_ = {.next = log_.last() + 1, .heard = runtime_.now()};
  }
  if (!grant.leased || grant.boot != boot_ || !member()) return;
  Instant from = config_.flaws.lease_from_receipt ? runtime_.now() : instant_at(grant.sent);
  lease_end_ = std::max(lease_end_, from + config_.lease);
  lease_end_wall_ = runtime_.wall_now() + (lease_end_ - runtime_.now());
  runtime_.trace({.kind = "chain-lease",
                  .numbers = {{{"epoch", configuration_.epoch},
                               {"left", nanoseconds(lease_end_ - runtime_.now())}}}});
  try_commit();
}

bool Replica::leased() const {
  if (config_.flaws.no_leases) return true;
  if (config_.flaws.lease_on_wall_clock) return runtime_.wall_now() < lease_end_wall_;
  return runtime_.now() < lease_end_;
}

std::optional<NodeId> Replica::before() const {
  if (head()) return {};
  if (!member()) return configuration_.tail();
  return configuration_.members[*place_ - 1];
}

std::optional<NodeId> Replica::after() const {
  if (!member()) return {};
  if (tail()) return joining_;
  return configuration_.members[*place_ + 1];
}

bool Replica::current(std::int64_t epoch) {
  if (epoch == configuration_.epoch) return true;
  if (epoch < configuration_.epoch) runtime_.probe("a message of an earlier epoch was refused");
  return config_.flaws.no_epoch_check;
}

NodeStatus Replica::status() const {
  std::string role = !member() ? "spare" : head() ? "primary" : tail() ? "tail" : "replica";
  return {.role = std::move(role), .term = configuration_.epoch, .ready = serves()};
}

}  // namespace sunder::chain
