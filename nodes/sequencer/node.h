#pragma once
// Total-order broadcast by a sequencer, and registers that each node replicates by it:
// nodes/sequencer.cpp says where it comes from.
//
// What holds between handlers:
//  1. promised_ and the order are in Storage, and a barrier stands between them and any answer that
//     is built on them; so it is with what has been delivered and the replies that show it.
//  2. Epoch e has one possible sequencer, node e mod n, which opens it with a majority whose logs
//     have nothing that its own has not.
//  3. Only entries of the sequencer's own epoch are committed by counting.
//  4. delivered_ <= commit_, and registers_ is what entries 1 ... delivered_ make.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "harness/api/runtime.h"
#include "nodes/register/messages.h"
#include "nodes/register/once.h"
#include "nodes/sequencer/config.h"
#include "nodes/sequencer/order.h"

namespace sunder::sequencer {

class SequencerNode : public Node {
 public:
  SequencerNode(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override;

 private:
  static constexpr std::string_view promised_key = "promised";
  enum class Role : std::uint8_t { follower, candidate, sequencer };
  struct Waiting {
    NodeId client;
    registers::Request request;
    Instant since;
  };
  struct Progress {
    std::int64_t next = 1;
    std::int64_t match = 0;
  };

  // node.cpp: clients and delivery
  void recover();
  void on_request(NodeId client, const registers::Request& request);
  void on_submit(const Entry& entry);
  void on_submitted(const Submitted& submitted);
  void serve_read(NodeId client, const registers::Request& request);
  void deliver();
  void execute(const Entry& entry);
  void answer_write(std::int64_t number, registers::Code code);
  void give_up_old();
  void serve_delayed();
  void barrier();
  void trace_delivered();

  // epochs.cpp: who the sequencer is, and what the order is
  void start_election();
  void on_prepare(NodeId source, const Prepare& prepare);
  void on_promise(NodeId source, const Promise& promise);
  void become_sequencer();
  void follow(std::int64_t epoch);
  void promise(std::int64_t epoch);
  void give_place(const Entry& entry);
  void send_append(std::size_t peer);
  void broadcast();
  void on_append(NodeId source, const Append& append);
  void on_appended(NodeId source, const Appended& appended);
  void advance_commit();
  void heard();

  std::size_t self() const { return static_cast<std::size_t>(runtime_.self().index); }
  std::size_t nodes() const { return runtime_.peers().size(); }
  std::size_t majority() const { return nodes() / 2 + 1; }
  NodeId sequencer_of(std::int64_t epoch) const;

  Runtime& runtime_;
  Config config_;
  Order order_;
  Role role_ = Role::follower;
  std::int64_t promised_ = 0;  // no older epoch is heard; 0: none yet
  std::int64_t boot_ = 0;
  bool heard_in_epoch_ = false;  // the sequencer of promised_ has spoken
  std::int64_t commit_ = 0;
  std::int64_t delivered_ = 0;
  std::map<std::int64_t, std::int64_t> registers_;
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> executed_;  // by node: boot, number
  std::uint64_t state_ = 0;  // fingerprint of registers_

  std::set<std::size_t> promises_;  // of a candidate
  std::vector<Progress> progress_;  // of a sequencer, by node

  std::int64_t number_ = 0;  // of the last own submission
  std::map<std::int64_t, Waiting> waiting_;  // by number
  std::vector<Waiting> delayed_;             // reads that wait for their session's index
  registers::OnceOnly once_;
  Timer heartbeat_timer_;
  Timer election_timer_;
};

}  // namespace sunder::sequencer
