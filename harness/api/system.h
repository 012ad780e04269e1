#pragma once
// A system under test: a reference protocol of ours, or a third-party store.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/api/channel.h"
#include "harness/api/client.h"
#include "harness/api/invariants.h"
#include "harness/api/registry.h"
#include "harness/api/runtime.h"
#include "harness/core/options.h"

namespace sunder {

/// A named bug that a reference system can be told to have.
struct Flaw {
  std::string name;
  std::string summary;            // what goes wrong, and which real system shipped it
  std::vector<std::string> shown_by;  // nemeses under which it is caught ("kill", "partition" ...)
  std::string workload{};             // that can see it; empty: the system's first
  std::string anomaly{};              // that it makes: "stale-read", "no-progress"; empty: any
  std::string listing{};              // of the notes that makes this mistake: "Raft log"; or empty
  std::vector<std::string> set{};     // KEY=VALUE of the system or the workload that it needs
  std::string claim{};                // the model that it breaks; empty: what the system claims
};

/// Something that a system does not promise, and that runs can show: a model stronger than its
/// claim, or its claim without one of the assumptions that it rests on.
struct Limit {
  std::string lifted;          // the assumption, "sessions stay at their server"; empty: none
  std::string claim{};         // the model that is refuted; empty: what the system claims
  std::string workload{};      // that can see it; empty: the system's first
  std::string faults{};        // the nemeses; empty: those of its fault model
  std::vector<std::string> set{};  // KEY=VALUE
  std::string flaw{};              // that lifts the assumption; empty: the faults or options do
};

/// Something that operators may ask of a system's nodes (Node::instruct).
struct Instruction {
  std::string verb;                // "change-voters"
  std::vector<std::string> set{};  // KEY=VALUE that a run needs in which this is asked for
};

/// How one run wants a system.
struct SystemConfig {
  Options options;
  std::set<std::string> flaws;
  std::string datatype{};  // of the workload's ops, for clients; empty: of registers
  bool has(std::string_view flaw) const { return flaws.contains(std::string(flaw)); }
};

/// Where one node of a third-party store runs, for building its command line.
struct ServicePlace {
  NodeId self;
  std::vector<std::pair<NodeId, std::string>> addresses;  // of all nodes: IPv4 as text
  std::string data_folder;                                // writable, survives kills
  Options options;
  bool by_name = false;  // nodes are to find each other by name: "n1" can be looked up
  const std::string& address_of(NodeId id) const;
  /// What other nodes are to call a node: its address, or its name.
  std::string name_of(NodeId id) const { return by_name ? to_string(id) : address_of(id); }
};

/// How to run a third-party store. Real worlds only.
struct Service {
  std::string binary;   // looked up in PATH
  std::string install;  // the cure when it is missing: "apt-get install etcd-server"
  std::function<std::vector<std::string>(const ServicePlace&)> command;  // binary first
  /// Blocking, called on a worker thread. An error means not reachable.
  std::function<Result<NodeStatus>(const std::string& address, Duration time_limit)> status;
  /// Blocking, on a worker thread, too: asks the node at the address for one of
  /// System::instructions. Empty where there are none.
  std::function<Status(const std::string& address, std::string_view verb, const Value& value,
                       Duration time_limit)>
      instruct{};
  /// A client of one node.
  std::function<std::unique_ptr<BlockingClient>(const ServicePlace&, NodeId home)> connect;
  /// The TCP ports of every node, the one for clients first.
  std::vector<std::uint16_t> ports;
};

struct System;

/// The TCP ports of each of its nodes, clients' first; a reference system has one.
std::vector<std::uint16_t> ports_of(const System& system, std::uint16_t of_reference_nodes);

/// A system and everything the harness must know of it.
struct System {
  std::string name;
  std::string summary;
  std::function<std::string(const SystemConfig&)> claim;  // a consistency model, "linearizable"
  std::map<std::string, std::vector<std::string>> verbs;  // of each datatype that it speaks
  std::vector<OptionSpec> options;
  std::vector<Flaw> flaws;
  /// What the claim rests on, in one line: the faults that the system withstands, and what it
  /// assumes of clocks, sessions and membership.
  std::string fault_model{};
  std::string faults = "all";  // the nemeses of its fault model, as --nemesis takes them
  /// Lists of KEY=VALUE that the first workload is swept with too, beside the defaults.
  std::vector<std::vector<std::string>> settings{};
  std::vector<Limit> limits{};
  std::vector<Instruction> instructions{};
  int nodes_default = 5;
  int nodes_max = 9;
  std::vector<std::string> required_probes;  // that every run with faults must hit
  /// POSIX extended regular expressions: a line of a node's log that one matches makes a run in a
  /// real world invalid ("panic:").
  std::vector<std::string> log_patterns;

  // A reference system has all of these; a service has none.
  MessageCodec messages;
  std::function<std::unique_ptr<Node>(Runtime&, const SystemConfig&)> make_node;
  std::function<std::unique_ptr<Client>(Channel&, const SystemConfig&)> make_client;
  std::function<std::unique_ptr<Invariants>()> make_invariants;  // may be empty

  std::optional<Service> service;

  /// Null: nodes cannot be asked for it.
  const Instruction* find_instruction(std::string_view verb) const;
};

extern template class Registry<System>;  // compiled once, in registry.cpp

}  // namespace sunder
