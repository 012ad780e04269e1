// What a person gets for input that cannot work: one error that names the cause, the exit code of
// DESIGN section 6, and a machine that is as it was.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "tests/cli/support/command.h"

namespace sunder {
namespace {

struct BadInput {
  std::string name;
  std::vector<std::string> arguments;  // after `sunder`
  int exit_code;
  std::vector<std::string> says;  // each stands in the error
};

void PrintTo(const BadInput& input, std::ostream* out) { *out << input.name; }

class BadInputTest : public testing::TestWithParam<BadInput> {};

void prepare_files(const ScratchFolder& folder) {
  folder.write("broken.jsonl",
               "{\"process\":0,\"type\":\"invoke\",\"f\":\"read\",\"value\":null}\n"
               "{\"process\":0,\"type\":ok}\n"
               "{\"process\":0,\"type\":\"ok\",\"f\":\"read\",\"value\":1}\n");
  folder.write("no_type.jsonl", "{\"process\":0,\"f\":\"read\",\"value\":null}\n{}\n");
  folder.write("broken.edn",
               "{:process 0, :type :invoke, :f :read, :value nil}\n"
               "{:process 0 :type}\n"
               "{:process 0, :type :ok, :f :read, :value 1}\n");
  folder.write("empty.jsonl", "");
  folder.write("a_file", "x");
}

void expect_one_error(const CommandResult& result, const BadInput& input) {
  EXPECT_EQ(result.exit_code, input.exit_code) << result.out << result.err;
  std::size_t errors = 0;
  for (std::size_t at = 0; (at = result.err.find("error: ", at)) != std::string::npos; ++at) {
    ++errors;
  }
  EXPECT_EQ(errors, 1u) << result.err;
  for (const std::string& part : input.says) {
    EXPECT_NE(result.err.find(part), std::string::npos) << "no '" << part << "' in " << result.err;
  }
}

TEST_P(BadInputTest, GivesOneClearErrorAndChangesNothing) {
  ScratchFolder folder;
  prepare_files(folder);
  std::vector<std::string> command{built("sunder")};
  command.insert(command.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  CommandResult result = run_program(command, folder.path());
  expect_one_error(result, GetParam());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "store"));
}

const std::vector<BadInput> bad_inputs = {
    {"no_subcommand", {}, 64, {"subcommand"}},
    {"unknown_subcommand", {"rum"}, 64, {}},
    {"unknown_flag", {"run", "raft", "--worlds", "sim"}, 64, {"--worlds"}},
    {"unknown_system", {"run", "rafft"}, 64, {"unknown system 'rafft'", "did you mean 'raft'"}},
    {"unknown_workload", {"run", "raft", "-w", "registre"}, 64, {"did you mean 'register'"}},
    {"unknown_nemesis", {"run", "raft", "-n", "partition,kil"}, 64, {"did you mean 'kill'"}},
    {"nemesis_twice", {"run", "raft", "-n", "kill,kill"}, 64, {"named twice"}},
    {"unknown_flaw", {"run", "raft", "--flaw", "stale-locl-read"}, 64, {"stale-local-read"}},
    {"unknown_option", {"run", "raft", "--set", "no-such-option=1"}, 64, {"no-such-option"}},
    {"option_without_value", {"run", "raft", "--set", "read"}, 64, {"KEY=VALUE"}},
    {"wrong_option_value", {"run", "raft", "--set", "read=quick"}, 64, {"'quick'", "lease"}},
    {"wrong_duration", {"run", "raft", "--time-limit", "ten"}, 64, {"--time-limit", "'ten'"}},
    {"no_time", {"run", "raft", "--time-limit", "0s"}, 64, {"--time-limit"}},
    {"wrong_seed", {"run", "raft", "--seed", "0x1"}, 64, {"--seed", "0x1"}},
    {"too_many_nodes", {"run", "raft", "--nodes", "1000"}, 64, {"--nodes"}},
    {"no_clients", {"run", "raft", "--concurrency", "0"}, 64, {"--concurrency"}},
    {"negative_rate", {"run", "raft", "--rate", "-3"}, 64, {"--rate"}},
    {"hasty_nemesis", {"run", "raft", "--interval", "1us"}, 64, {"--interval"}},
    {"unknown_world", {"run", "raft", "--world", "moon"}, 64, {"unknown world 'moon'"}},
    {"no_hosts", {"run", "raft", "--world", "ssh"}, 64, {"--hosts FILE", "--ssh-config FILE"}},
    {"hosts_in_lab", {"run", "raft", "--hosts", "x"}, 64, {"--world ssh"}},
    {"no_such_hosts",
     {"run", "raft", "--world", "ssh", "--hosts", "/no/such"},
     64,
     {"/no/such"}},
    {"machines_in_lab", {"run", "raft", "--machines", "vagrant_"}, 64, {"--world ssh"}},
    {"packets_in_lab", {"run", "raft", "--packets", "netem"}, 64, {"--world ssh"}},
    {"unknown_packets",
     {"run", "raft", "--world", "ssh", "--hosts", "x", "--packets", "iptables"},
     64,
     {"auto, netem or queue", "'iptables'"}},
    {"power_over_ssh",
     {"run", "raft", "--world", "ssh", "--hosts", "x", "--machines", "m", "-n", "disk,disk-error"},
     64,
     {"--machines"}},
    {"latency_over_ssh",
     {"run", "raft", "--world", "ssh", "--hosts", "x", "--latency", "5ms"},
     64,
     {"--latency"}},
    {"store_in_simulator", {"run", "etcd", "--world", "sim"}, 69, {"simulator"}},
    {"disk_in_simulator", {"run", "raft", "--world", "sim", "-n", "disk"}, 69, {"--world lab"}},
    {"bad_log_pattern", {"run", "raft", "--log-pattern", "a(b"}, 64, {"--log-pattern", "'a(b'"}},
    {"log_pattern_in_simulator",
     {"run", "raft", "--world", "sim", "--log-pattern", "panic"},
     64,
     {"--world lab"}},
    {"workload_that_the_system_does_not_speak", {"run", "raft", "-w", "text"}, 64, {"crdt-list"}},
    {"unknown_claim", {"run", "raft", "--claim", "perfect"}, 64, {"perfect"}},
    {"name_with_slash", {"run", "raft", "--world", "sim", "--name", "../x"}, 64, {"--name"}},
    {"unwritable_store",
     {"run", "raft", "--world", "sim", "--store", "a_file"},
     69,
     {"a_file", "--store"}},
    {"sweep_of_nothing", {"sweep", "raft", "--seeds", "0"}, 64, {"--seeds"}},
    {"no_datatype", {"check", "empty.jsonl"}, 64, {"--datatype is required"}},
    {"missing_history_without_datatype", {"check", "none.log"}, 64, {"none.log"}},
    {"missing_history", {"check", "none.jsonl", "--datatype", "cas-register"}, 64, {"none.jsonl"}},
    {"folder_as_history", {"check", ".", "--datatype", "cas-register"}, 64, {}},
    {"broken_json",
     {"check", "broken.jsonl", "--datatype", "cas-register"},
     64,
     {"broken.jsonl:2:"}},
    {"op_without_type",
     {"check", "no_type.jsonl", "--datatype", "cas-register"},
     64,
     {"no_type.jsonl:1", "type"}},
    {"broken_edn", {"check", "broken.edn", "--datatype", "cas-register"}, 64, {"broken.edn:"}},
    {"unknown_format",
     {"check", "empty.jsonl", "--datatype", "cas-register", "--format", "xml"},
     64,
     {"xml"}},
    {"unknown_datatype",
     {"check", "empty.jsonl", "--datatype", "cas-registre"},
     64,
     {"did you mean 'cas-register'"}},
    {"unknown_consistency",
     {"check", "empty.jsonl", "--datatype", "cas-register", "--consistency", "linearisable"},
     64,
     {"did you mean 'linearizable'"}},
    {"keyed_and_not",
     {"check", "empty.jsonl", "--datatype", "cas-register", "--keyed", "--no-keyed"},
     64,
     {"exclude"}},
    {"wrong_memory",
     {"check", "empty.jsonl", "--datatype", "cas-register", "--memory-budget", "lots"},
     64,
     {"lots"}},
    {"report_of_nothing", {"report", "nowhere"}, 64, {"nowhere", "history.jsonl"}},
    {"heal_of_nothing", {"heal", "--store", "nowhere"}, 64, {"nowhere"}},
    {"list_of_nothing", {"list", "sistems"}, 64, {"did you mean 'systems'"}},
    {"flaws_of_nothing", {"list", "flaws", "rafft"}, 64, {"did you mean 'raft'"}},
};

INSTANTIATE_TEST_SUITE_P(Cli, BadInputTest, testing::ValuesIn(bad_inputs),
                         [](const auto& input) { return input.param.name; });

TEST(BadEnvironment, AStoreThatIsNotInstalledIsNamedWithItsPackage) {
  ScratchFolder folder;
  // The controller itself lives outside PATH, so an empty one hides only the store. /usr/bin is
  // searched as a default only when PATH is unset.
  std::vector<std::string> environment{"PATH=" + folder.path().string()};
  CommandResult result = run_program({built("sunder"), "run", "etcd"}, folder.path(), environment);
  expect_one_error(result, {"", {}, 69, {"'etcd'", "etcd-server"}});
}

TEST(BadEnvironment, AControllerWithoutItsSiblingsSaysWhatToBuild) {
  ScratchFolder folder;
  std::filesystem::copy_file(built("sunder"), folder.path() / "sunder");
  std::string controller = folder.path() / "sunder";
  CommandResult result =
      run_program({controller, "run", "raft", "--time-limit", "1s"}, folder.path());
  expect_one_error(result, {"", {}, 69, {"sunder-agent"}});
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "store"));
}

TEST(BadEnvironment, APortInUseIsNamed) {
  int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::string port = std::to_string(ntohs(address.sin_port));
  ScratchFolder folder;
  CommandResult result =
      run_program({built("sunder"), "node", "--system", "single", "--self", "n1", "--peers",
                   "n1=127.0.0.1:" + port, "--data", folder.path() / "data"},
                  folder.path());
  EXPECT_EQ(result.exit_code, 69) << result.err;
  EXPECT_NE(result.err.find(port), std::string::npos) << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  ::close(listener);
}

}  // namespace
}  // namespace sunder
