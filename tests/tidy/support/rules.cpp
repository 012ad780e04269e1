// The tables. A new exception needs its reason beside it.

#include "tests/tidy/support/tidy.h"

namespace sunder::tidy {

const std::vector<IncludeRule>& include_rules() {
  static const std::vector<IncludeRule> rules{
      {"harness/core/", {"harness/core/"}, "values know nothing but values"},
      {"harness/api/", {"harness/core/", "harness/api/"}, "interfaces speak in values"},
      {"harness/generate/",
       {"harness/core/", "harness/api/generator.h", "harness/api/checker.h", "harness/generate/"},
       "generators are data, in no world"},
      {"harness/store/",
       {"harness/core/", "harness/api/journal.h", "harness/store/"},
       "what is stored is readable without a system; the undo journal is an interface of api"},
      {"harness/formats/", {"harness/core/", "harness/formats/"}, "formats turn into histories"},
      {"harness/run/",
       {"harness/core/", "harness/api/", "harness/store/", "harness/run/"},
       "the run loop knows no world"},
      {"harness/sim/",
       {"harness/core/", "harness/api/", "harness/sim/"},
       "a world never sees the other world nor a plug-in"},
      {"harness/real/",
       {"harness/core/", "harness/api/", "harness/faultkit/", "harness/agent/", "harness/real/"},
       "a world never sees the other world nor a plug-in"},
      {"harness/real/node_main.cpp",
       {"harness/core/", "harness/api/", "harness/real/", "catalogue/nodes.h"},
       "the program that is one node: it finds its protocol in the catalogue"},
      {"harness/faultkit/", {"harness/core/", "harness/faultkit/"}, "runs on bare machines"},
      {"harness/crashfs/",
       {"harness/core/", "harness/faultkit/", "harness/crashfs/"},
       "runs on bare machines"},
      {"harness/agent/",
       {"harness/core/", "harness/faultkit/", "harness/agent/"},
       "runs on bare machines"},
      {"nodes/",
       {"harness/core/", "harness/api/runtime.h", "harness/api/channel.h", "harness/api/client.h",
        "harness/api/invariants.h", "harness/api/system.h", "harness/api/flaw_switches.h",
        "harness/api/registry.h",
        "nodes/clock/", "nodes/kv/", "nodes/lattice/", "nodes/register/", "nodes/text/",
        "nodes/txn/", "own"},
       "a protocol sees its runtime, its invariants and itself, the clocks, and the machines and "
       "replicas that several share"},
      {"nodes/chain",
       {"harness/core/", "harness/api/runtime.h", "harness/api/channel.h", "harness/api/client.h",
        "harness/api/invariants.h", "harness/api/system.h", "harness/api/registry.h",
        "nodes/kv/", "nodes/raft/", "own"},
       "a protocol as above, whose configuration service is a Raft group"},
      {"nodes/lock",
       {"harness/core/", "harness/api/", "nodes/kv/", "nodes/raft/", "own"},
       "a machine over Raft sees what Raft is, and itself"},
      {"nodes/queue",
       {"harness/core/", "harness/api/", "nodes/kv/", "nodes/raft/", "own"},
       "a machine over Raft sees what Raft is, and itself"},
      {"nodes/stores/",
       {"harness/core/", "harness/api/", "nodes/stores/"},
       "an adapter sees api and its store's library"},
      {"nemesis/",
       {"harness/core/", "harness/api/nemesis.h", "harness/api/cluster.h",
        "harness/api/fault_budget.h", "harness/api/generator.h", "harness/api/registry.h",
        "harness/generate/", "nemesis/"},
       "a fault sees the cluster, never a world"},
      {"checker/",
       {"harness/core/", "harness/api/checker.h", "harness/api/generator.h",
        "harness/api/registry.h", "checker/"},
       "a checker sees histories only"},
      {"workloads/",
       {"harness/core/", "harness/api/workload.h", "harness/api/checker.h",
        "harness/api/generator.h", "harness/api/registry.h", "harness/generate/", "checker/",
        "workloads/"},
       "a load sees generators and the meaning of its operations"},
      {"reports/",
       {"harness/core/", "harness/api/", "harness/store/", "reports/"},
       "a report needs a stored run, not a live system"},
      {"harness/cli/", {""}, "the one folder that knows all others"},
      {"tests/", {""}, "tests may look everywhere"},
  };
  return rules;
}

const std::vector<HeavyHeader>& heavy_headers() {
  static const std::vector<HeavyHeader> headers{
      {"nlohmann/", {"harness/core/json.cpp"}, "harness/core/json.h: parse_json()"},
      {"spdlog/", {"harness/core/log.cpp"}, "harness/core/log.h"},
      {"fmt/", {"harness/core/"}, "std::to_string and +, or harness/core/log.h"},
      {"CLI/",
       {"harness/cli/command_line.cpp", "harness/real/node_command.cpp"},
       "a field of the request in harness/cli"},
      {"boost/beast", {"nodes/stores/http/http_client.cpp"}, "nodes/stores/http/http_client.h"},
      {"boost/asio",
       {"nodes/stores/http/http_client.cpp", "harness/real/", "tests/real/"},
       "Channel, Runtime, or nodes/stores/http/http_client.h"},
      {"boost/process", {"harness/real/"}, "Cluster, or harness/real's own launcher"},
      {"libssh2.h",
       {"harness/real/ssh/key_file.cpp", "harness/real/ssh/session_parts.h"},
       "harness/real/ssh/session.h"},
      {"regex",
       {"harness/run/log_patterns.cpp"},  // <regex.h>: regcomp of the C library
       "std::string_view::find and std::from_chars: <regex> is slow both to compile "
       "and to run"},
      {"iostream", {}, "harness/core/log.h, or std::printf where output is the purpose"},
      {"cassert", {}, "harness/core/assert.h: ASSERT stays on in every build"},
  };
  return headers;
}

namespace {

// Where the same seed must mean the same run.
const std::vector<std::string_view> deterministic{
    "harness/core/", "harness/api/", "harness/generate/", "harness/sim/",
    "nodes/",        "nemesis/",     "workloads/"};
const std::vector<std::string_view> everywhere{""};

constexpr std::string_view own_randomness =
    "sunder::Rng on a stream of its own: the standard's laws differ between libraries";
constexpr std::string_view world_time = "Runtime::now(), Channel::now() or World::now()";
constexpr std::string_view no_threads =
    "handlers and timers: threads make the order of events a matter of luck";
constexpr std::string_view no_floats =
    "integers and Ratio: floating point differs between processors";
constexpr std::string_view no_shell = "a vector of arguments and a spawned process: no shell";
constexpr std::string_view printing = "log::debug(), or nothing: output belongs to cli";

}  // namespace

const std::vector<Ban>& bans() {
  static const std::vector<Ban> list{
      {"random_device",
       everywhere,
       // A fresh seed, which is printed or stored first.
       {"harness/cli/plan.cpp", "harness/real/node_command.cpp"},
       own_randomness},
      {"mt19937", everywhere, {}, own_randomness},
      {"mt19937_64", everywhere, {}, own_randomness},
      {"minstd_rand", everywhere, {}, own_randomness},
      {"default_random_engine", everywhere, {}, own_randomness},
      {"uniform_int_distribution", everywhere, {}, own_randomness},
      {"uniform_real_distribution", everywhere, {}, own_randomness},
      {"normal_distribution", everywhere, {}, own_randomness},
      {"exponential_distribution", everywhere, {}, own_randomness},
      {"bernoulli_distribution", everywhere, {}, own_randomness},
      {"std::shuffle", everywhere, {}, own_randomness},
      {"std::sample", everywhere, {}, own_randomness},
      {"rand(", everywhere, {}, own_randomness},
      {"srand(", everywhere, {}, own_randomness},
      {"drand48(", everywhere, {}, own_randomness},

      {"system_clock::now",
       everywhere,
       {"harness/cli/", "harness/real/", "harness/store/run_directory.cpp",
        "tests/agent/programs/"},
       world_time},
      {"steady_clock::now", deterministic, {"nodes/stores/"}, world_time},
      {"gettimeofday", everywhere, {"harness/faultkit/", "tests/agent/programs/"}, world_time},
      {"clock_gettime", deterministic, {}, world_time},
      {"time(nullptr)", everywhere, {"tests/agent/programs/"}, world_time},
      {"sleep_for",
       everywhere,
       {"tests/", "harness/real/", "harness/agent/"},
       "a timer, Cluster::after() or World::await()"},
      {"sleep_until", everywhere, {"tests/"}, "a timer, Cluster::after() or World::await()"},
      {"usleep", everywhere, {}, "a timer, Cluster::after() or World::await()"},
      {"nanosleep",
       everywhere,
       {"harness/real/", "harness/agent/",
        "harness/faultkit/clock/preload/", "tests/agent/programs/"},  // what bends clocks bends it
       "a timer, Cluster::after() or World::await()"},

      {"std::this_thread", deterministic, {}, no_threads},
      {"std::thread", deterministic, {}, no_threads},
      {"std::jthread", deterministic, {}, no_threads},
      {"std::async", everywhere, {}, "a thread with an owner: a future's destructor blocks"},
      {"float", deterministic, {}, no_floats},
      {"double",
       deterministic,
       {"harness/core/time.cpp"},  // format_duration: for people only
       no_floats},
      {"long double", everywhere, {}, no_floats},
      {"unordered_map",
       deterministic,
       {"harness/core/history.h"},  // looked up, never iterated
       "std::map or a sorted vector: iteration order must be the same everywhere"},
      {"unordered_set",
       deterministic,
       {},
       "std::set or a sorted vector: iteration order must be the same everywhere"},
      {"std::hash", deterministic, {}, "Digest: std::hash differs between libraries"},

      {"system(", everywhere, {"tests/reports/browser_test.cpp"}, no_shell},
      {"popen(", everywhere, {"tests/reports/browser_test.cpp"}, no_shell},  // its own paths only
      {"printf(",
       everywhere,
       {"harness/cli/", "harness/real/node_command.cpp", "harness/agent/main.cpp",
        "harness/crashfs/main.cpp", "tests/agent/programs/", "tests/bench/",
        "tests/tidy/tidy_test.cpp"},
       printing},
      {"std::cout", everywhere, {}, printing},
      {"std::cerr", everywhere, {"tests/"}, printing},
      {"sprintf(", everywhere, {}, "std::snprintf or std::to_chars: it knows the room"},
      {"strcpy(", everywhere, {}, "std::string"},
      {"strcat(", everywhere, {}, "std::string"},
      {"atoi(", everywhere, {}, "std::from_chars: it reports what is no number"},
      {"atol(", everywhere, {}, "std::from_chars: it reports what is no number"},
      {"std::stoi", everywhere, {}, "std::from_chars: it throws nothing"},
      {"std::stol", everywhere, {}, "std::from_chars: it throws nothing"},
      {"std::stoll", everywhere, {}, "std::from_chars: it throws nothing"},
      {"assert(", everywhere, {}, "ASSERT, which stays on in every build"},
      {"std::endl", everywhere, {}, "'\\n': flushing is a decision"},
      {"using namespace std;", everywhere, {}, "the names that are meant"},
  };
  return list;
}

const std::vector<std::string_view>& allowed_globals() {
  static const std::vector<std::string_view> files{
      "harness/core/assert.cpp",    // what is printed beside a failed ASSERT of this thread
      "harness/core/log.cpp",       // the logger, set once by main
      "harness/cli/interrupts.cpp",  // a signal handler can reach nothing else
      "harness/faultkit/clock/preload/"  // functions in front of a library's have no owner
  };
  return files;
}

}  // namespace sunder::tidy
