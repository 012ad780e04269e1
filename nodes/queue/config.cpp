#include "nodes/queue/config.h"

#include "harness/api/flaw_switches.h"

namespace sunder::queue {
namespace {

// Each is told by whichever check is done first: as lost or doubled elements, as disorder, as an
// answer that no queue gives, or as a broken invariant.
std::vector<FlawSwitch<Flaws>> switches() {
  return {
      {&Flaws::enqueued_before_replicated,
       {"enqueued-before-replicated",
        "an enqueue is acknowledged once the leader has it (Kafka with acks=1)",
        {"kill", "partition"}, "queue"}},
      {&Flaws::delivered_before_replicated,
       {"delivered-before-replicated",
        "a dequeue is answered before its removal is replicated, so that another leader delivers "
        "the element again (RabbitMQ's mirrored queues on both sides of a partition; Jepsen 2014)",
        {"kill", "partition"}, "queue"}},
      {&Flaws::retry_enqueued_twice,
       {"retry-enqueued-twice",
        "whatever is sent again is carried out again, as by Kafka's producers before they were "
        "idempotent (KIP-98)",
        {"kill", "partition", "pause"}, "queue"}},
      {&Flaws::take_retried_as_another,
       {"take-retried-as-another",
        "a dequeue without an answer is sent as a new one, and what the first one took is lost, as "
        "with automatic acknowledgements (RabbitMQ's documentation of consumers)",
        {"kill", "partition", "pause"}, "queue"}},
      {&Flaws::emptiness_not_confirmed,
       {"emptiness-not-confirmed",
        "whichever server is asked says that the queue is empty when its own copy is (Amazon SQS "
        "with short polling asks some of its servers)",
        {"kill", "partition", "pause"}, "queue"}},
      {&Flaws::kept_in_memory,
       {"kept-in-memory",
        "nothing is synced before it is told (RabbitMQ's transient messages)",
        {"kill"}, "queue"}},
  };
}

}  // namespace

std::vector<Flaw> queue_flaws() { return flaws_in(switches()); }

Config queue_config(const SystemConfig& wanted) {
  Config config{.raft = raft::raft_config(wanted)};
  config.flaws = switched_on(switches(), wanted);
  config.raft.flaws.ack_before_replicated = config.flaws.enqueued_before_replicated;
  config.raft.flaws.retry_applied_twice = config.flaws.retry_enqueued_twice;
  config.raft.flaws.no_sync = config.flaws.kept_in_memory;
  return config;
}

}  // namespace sunder::queue
