#pragma once
// The reference clients that carry out what Maelstrom's clients ask of one node.

#include <boost/asio/io_context.hpp>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "harness/api/system.h"
#include "harness/real/stdio/roster.h"
#include "harness/real/stdio/speech.h"

namespace sunder::stdio {

/// A session of the system for each of Maelstrom's clients, so that what a system promises to a
/// session it promises to them; a client that asks again before it was answered gets another. A
/// session that ended in `info` is closed, as in every world. They are few, since servers remember
/// only so many; what finds none free waits.
class Clients {
 public:
  struct Setup {
    const System* system = nullptr;
    SystemConfig config;  // with the datatype of the ops
    Roster roster;
    std::int32_t first_turn = 0;  // another at every boot: servers remember clients by number
    std::uint64_t seed = 0;
    Duration time_limit{0};  // of one op
    /// Takes a client's message to a node, this one included. Called within handlers.
    std::function<void(NodeId client, NodeId target, const Message& message)> send;
  };
  struct Ended {
    Outcome outcome;
    bool timed_out = false;
  };
  using Done = std::function<void(Ended)>;

  Clients(boost::asio::io_context& io, Setup setup);
  ~Clients();

  /// Carries out an op for the client of that name. `done` is called once, never within this call.
  void invoke(const std::string& whose, const Draft& draft, Done done);
  /// Brings an answer. REQUIRES: not called within a handler of a client or node.
  void deliver(const Envelope& envelope);
  std::size_t under_way() const { return busy_ + waiting_.size(); }  // ops that have not ended
  static constexpr std::size_t under_way_max = 10'000;                // more must be refused

 private:
  class Session;
  struct Waiting {
    std::string whose;
    Draft draft;
    Done done;
    Instant since;
  };
  Session* free_session(const std::string& whose);
  bool retire_one();
  void complete(NodeId id, std::uint64_t op, Ended ended);
  void start_waiting();

  boost::asio::io_context& io_;
  Setup setup_;
  std::vector<NodeId> servers_;
  std::map<NodeId, std::unique_ptr<Session>> sessions_;
  std::map<std::string, std::vector<NodeId>> idle_;  // by whose they are
  std::deque<Waiting> waiting_;
  std::int32_t turn_;
  std::uint64_t ops_ = 0;
  std::size_t busy_ = 0;
};

}  // namespace sunder::stdio
