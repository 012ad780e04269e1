// Two nodes as processes on the loopback interface, and a client hub that asks how they are.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "harness/real/client_hub.h"
#include "harness/real/node_host.h"
#include "harness/real/trace_file.h"
#include "tests/real/support/lab_place.h"
#include "tests/real/support/tiny_system.h"

namespace sunder {
namespace {

constexpr std::uint16_t port = 17341;

class TcpTest : public testing::Test {
 protected:
  // Two loopback addresses with one port, as in a lab.
  pid_t start(const std::string& self, const std::string& peers) {
    pid_t child = ::fork();
    if (child != 0) return child;
    Registry<System> systems;
    systems.add(tiny_system());
    NodeSetup setup;
    setup.system = systems.find("tiny");
    setup.self = *parse_node_id(self);
    setup.peers = *parse_peers(peers);
    setup.data = folder_.path() / self;
    Status ran = run_node(setup);
    ::_exit(ran ? 0 : 69);
  }
  static int end(pid_t child, int signal) {
    ::kill(child, signal);
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }
  TemporaryFolder folder_;
};

TEST_F(TcpTest, NodesHearEachOtherAndAnswer) {
  std::string peers = "n1=127.0.0.1:17341,n2=127.0.0.2:17341";
  pid_t first = start("n1", peers);
  pid_t second = start("n2", peers);
  boost::asio::io_context io;
  ClientHub hub(io, {.nodes = {{NodeId::node(0), "127.0.0.1"}, {NodeId::node(1), "127.0.0.2"}},
                     .port = port,
                     .messages = tiny_system().messages,
                     .now = [] { return instant_at(host_nanoseconds()); },
                     .allowed = [](NodeId, NodeId) { return true; }});
  hub.connect();
  int ready = 0;
  Duration worst_offset{0};
  std::function<void(NodeId)> ask = [&](NodeId node) {
    hub.ask_status(node, std::chrono::milliseconds(300),
                   [&, node](const Result<ClientHub::Status>& answer) {
                     if (answer && answer->status.ready) {
                       worst_offset = std::max(worst_offset, answer->clock_offset);
                       if (++ready == 2) io.stop();
                     } else {
                       ask(node);
                     }
                   });
  };
  ask(NodeId::node(0));
  ask(NodeId::node(1));
  io.run_for(std::chrono::seconds(20));
  EXPECT_EQ(ready, 2);
  EXPECT_LT(worst_offset, std::chrono::milliseconds(300));
  EXPECT_EQ(end(first, SIGTERM), 0);
  EXPECT_EQ(end(second, SIGKILL), SIGKILL);
}

TEST_F(TcpTest, APortInUseIsAnErrorThatSaysSo) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor holder(
      io, {boost::asio::ip::make_address("127.0.0.3"), port}, false);
  System system = tiny_system();
  NodeSetup setup;
  setup.system = &system;
  setup.self = NodeId::node(0);
  setup.peers = *parse_peers("n1=127.0.0.3:17341");
  setup.data = folder_.path() / "n1";
  Status ran = run_node(setup);
  ASSERT_FALSE(ran);
  EXPECT_NE(ran.error().context.find("127.0.0.3:17341"), std::string::npos) << ran.error().context;
  EXPECT_EQ(ran.error().code, Error::Code::environment);
}

TEST_F(TcpTest, PeersAreReadOrRefused) {
  auto peers = parse_peers("n2=127.0.0.1:2,n1=127.0.0.1:1");
  ASSERT_TRUE(peers);
  EXPECT_EQ((*peers)[0].first, NodeId::node(0));
  EXPECT_FALSE(parse_peers("n1"));
  EXPECT_FALSE(parse_peers("n1=a,n1=b"));
  EXPECT_FALSE(parse_peers("c1=127.0.0.1:1"));
}

}  // namespace
}  // namespace sunder
