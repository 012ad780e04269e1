#include "nodes/abd/config.h"

#include "nodes/register/replica/system.h"

namespace sunder::abd {

std::vector<OptionSpec> options() {
  return {{"retransmit", OptionSpec::Kind::duration, "100ms",
           "until a phase is sent again to replicas that have not answered"},
          {"give-up", OptionSpec::Kind::duration, "1500ms",
           "until clients and coordinators stop waiting for a quorum"},
          registers::sessions_option()};
}

std::vector<Flaw> flaws() {
  return {
      {"read-without-write-back",
       "a read returns the newest version of a quorum and leaves it where it is, so that the next "
       "read may miss it (Cassandra's and Riak's quorum reads, whose repair runs after the answer)",
       {"partition", "kill", "pause"},
       "multi-register", "nonlinearizable"},
      {"one-answer-is-enough",
       "each phase ends with the first answer, the coordinator's own (Cassandra's default "
       "consistency level ONE)",
       {"none", "partition"},
       "multi-register", "nonlinearizable"},
      {"tag-without-node",
       "a tag is a number alone, so that two coordinators may give two values the same one",
       {"none"},
       "multi-register", "nonlinearizable"},
      {"ack-before-sync",
       "replicas answer before the version is durable (Cassandra's default commitlog_sync: "
       "periodic)",
       {"kill"},
       "multi-register", "broken-invariant"},
      {"notes-volatile-clock",
       "the notes' listing of linearizability: each coordinator counts timestamps by itself, in "
       "memory, from 0, instead of above a quorum's maximum",
       {"none", "kill"},
       "multi-register", "nonlinearizable", "Linearizable"},
      {"notes-set-without-compare",
       "the notes' listing of linearizability: a replica sets what it is told to, whatever it "
       "holds, so that the older of two writes may win",
       {"none", "pause"},
       "multi-register", "broken-invariant", "Linearizable"},
      {"notes-active-replicas-only",
       "the notes' listing of linearizability: only replicas that seem active are asked, and all "
       "of those are a quorum, so that each side of a partition has one",
       {"partition"},
       "multi-register", "nonlinearizable", "Linearizable"},
      {"notes-partial-write-fails",
       "the notes' listing of linearizability: a write waits for all replicas, and one that some "
       "of them have not answered in time has failed, though others hold it",
       {"partition", "kill", "pause"},
       "multi-register", "nonlinearizable", "Linearizable"},
      {"notes-one-hang-blocks-all",
       "the notes' listing of linearizability: all replicas must answer, so that nothing goes on "
       "while one of them is down; not wrong, but a quorum in name only: progress under faults "
       "shows it",
       {"partition"},
       "multi-register", "no-progress", "Linearizable"},
  };
}

Config config_from(const SystemConfig& wanted) {
  Config config;
  config.flaws.read_without_write_back = wanted.has("read-without-write-back");
  config.flaws.one_answer_is_enough = wanted.has("one-answer-is-enough");
  config.flaws.tag_without_node = wanted.has("tag-without-node");
  config.flaws.ack_before_sync = wanted.has("ack-before-sync");
  config.flaws.volatile_clock = wanted.has("notes-volatile-clock");
  config.flaws.set_without_compare = wanted.has("notes-set-without-compare");
  config.flaws.active_replicas_only = wanted.has("notes-active-replicas-only");
  config.flaws.partial_write_fails = wanted.has("notes-partial-write-fails");
  config.flaws.waits_for_all = wanted.has("notes-one-hang-blocks-all");
  config.pinned = wanted.options.text("sessions") == "pinned";
  auto at_least = [&](std::string_view name, Duration least) {
    return std::max<Duration>(wanted.options.duration(name), least);
  };
  config.retransmit = at_least("retransmit", std::chrono::milliseconds(1));
  config.give_up = at_least("give-up", std::chrono::milliseconds(10));
  return config;
}

}  // namespace sunder::abd
