#pragma once
// How one run wants the queue: its options, and its flaws.

#include "nodes/raft/config.h"

namespace sunder::queue {

struct Flaws {
  bool enqueued_before_replicated = false;
  bool delivered_before_replicated = false;
  bool retry_enqueued_twice = false;
  bool take_retried_as_another = false;
  bool emptiness_not_confirmed = false;
  bool kept_in_memory = false;
};

struct Config {
  raft::Config raft;
  Flaws flaws;
};

std::vector<Flaw> queue_flaws();
Config queue_config(const SystemConfig& config);

}  // namespace sunder::queue
