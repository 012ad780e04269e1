#include "harness/real/node_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <random>

#include "harness/core/log.h"
#include "harness/real/node_host.h"
#include "harness/real/stdio/host.h"

namespace sunder {
namespace {

constexpr int exit_usage = 64;
constexpr int exit_environment = 69;

struct CommandLine {
  std::string system;
  std::string self;
  std::string peers;
  std::string data;
  std::string trace;
  std::vector<std::string> set;
  std::vector<std::string> flaws;
  std::optional<std::uint64_t> seed;
  std::string called;
  bool stdio = false;
  std::string workload;
  std::string time_limit = "5s";
};

Error usage(std::string text) { return Error{Error::Code::malformed, std::move(text)}; }

Result<SystemConfig> config_from(const System& system, const CommandLine& line) {
  SystemConfig config;
  std::map<std::string, std::string> set;
  for (const std::string& pair : line.set) {
    std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return usage("'" + pair + "' is not KEY=VALUE");
    set[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  Result<Options> options = Options::parse(system.options, set);
  if (!options) return options.error();
  config.options = *std::move(options);
  std::vector<std::string> known;
  for (const Flaw& flaw : system.flaws) known.push_back(flaw.name);
  for (const std::string& flaw : line.flaws) {
    if (std::find(known.begin(), known.end(), flaw) == known.end()) {
      return usage(system.name + " has no flaw '" + flaw + "'; " + suggest(flaw, known));
    }
    config.flaws.insert(flaw);
  }
  return config;
}

std::uint64_t drawn() {
  return std::uint64_t{std::random_device{}()} << 32 | std::random_device{}();
}

/// What both ways to run a node have in common.
template <class Setup>
Status start_setup(const Registry<System>& systems, const CommandLine& line, Setup& setup) {
  setup.system = systems.find(line.system);
  if (setup.system == nullptr) {
    return usage("there is no reference system '" + line.system + "'; " +
                 suggest(line.system, systems.names()));
  }
  Result<SystemConfig> config = config_from(*setup.system, line);
  if (!config) return config.error();
  setup.config = *std::move(config);
  setup.data = line.data;
  setup.seed = line.seed ? *line.seed : drawn();
  return Done{};
}

Result<NodeSetup> setup_from(const Registry<System>& systems, const CommandLine& line) {
  NodeSetup setup;
  if (Status started = start_setup(systems, line, setup); !started) return started.error();
  if (line.self.empty() || line.peers.empty() || line.data.empty()) {
    return usage("--self, --peers and --data are required, except with --stdio");
  }
  std::optional<NodeId> self = parse_node_id(line.self);
  if (!self || !self->is_node()) return usage("--self must be a node like n1");
  setup.self = *self;
  auto peers = parse_peers(line.peers);
  if (!peers) return peers.error();
  setup.peers = *std::move(peers);
  setup.trace = line.trace;
  setup.called = line.called;
  return setup;
}

Result<stdio::Setup> stdio_setup_from(const Registry<System>& systems, const CommandLine& line) {
  stdio::Setup setup;
  if (Status started = start_setup(systems, line, setup); !started) return started.error();
  Result<stdio::Spoken> spoken = stdio::choose_speech(*setup.system, line.workload);
  if (!spoken) return spoken.error();
  setup.spoken = *std::move(spoken);
  setup.config.datatype = setup.spoken.datatype;
  Result<Duration> time_limit = parse_duration(line.time_limit);
  if (!time_limit) return usage("--op-timeout: " + time_limit.error().context);
  setup.time_limit = *time_limit;
  setup.boot = drawn();
  return setup;
}

int fail(const Error& error) {
  std::fprintf(stderr, "sunder-node: %s\n", error.context.c_str());
  return error.code == Error::Code::malformed ? exit_usage : exit_environment;
}

int run_over_tcp(const Registry<System>& systems, const CommandLine& line) {
  Result<NodeSetup> setup = setup_from(systems, line);
  if (!setup) return fail(setup.error());
  Status ran = run_node(*setup);
  return ran ? 0 : fail(ran.error());
}

int run_over_stdio(const Registry<System>& systems, const CommandLine& line) {
  Result<stdio::Setup> setup = stdio_setup_from(systems, line);
  if (!setup) return fail(setup.error());
  Status ran = stdio::run(*setup);
  return ran ? 0 : fail(ran.error());
}

}  // namespace

int node_command(int argc, char** argv, const Registry<System>& systems) {
  CommandLine line;
  CLI::App app("Runs one node of a reference system until SIGTERM.", "sunder-node");
  app.add_option("--system", line.system, "the reference system, for example raft")->required();
  auto* self = app.add_option("--self", line.self, "which node this is, for example n1");
  auto* peers = app.add_option("--peers", line.peers, "all nodes: n1=ADDRESS:PORT,n2=...");
  app.add_option("--data", line.data, "the folder of what must survive");
  auto* trace =
      app.add_option("--trace", line.trace, "a file for what happens inside, as JSON lines");
  app.add_option("--set", line.set, "an option of the system, KEY=VALUE");
  app.add_option("--flaw", line.flaws, "a bug that the system shall have");
  app.add_option("--seed", line.seed, "of the node's random choices; else drawn");
  auto* called =
      app.add_option("--called", line.called, "what it says when it is asked for its version");
  auto* speaks = app.add_flag("--stdio", line.stdio,
                              "speak Maelstrom's protocol over standard input and output, until "
                              "the input ends; without --data, in memory");
  speaks->excludes(self)->excludes(peers)->excludes(trace)->excludes(called);
  app.add_option("--workload", line.workload,
                 "with --stdio: which of Maelstrom's workloads to speak, for example g-set; else "
                 "the first that the system knows")
      ->needs(speaks);
  app.add_option("--op-timeout", line.time_limit,
                 "with --stdio: a request without answer gets error 0 after this")
      ->needs(speaks)
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  log::configure("sunder-node", log::Level::info);
  return line.stdio ? run_over_stdio(systems, line) : run_over_tcp(systems, line);
}

}  // namespace sunder
