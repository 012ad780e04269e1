#pragma once
// The multi-writer quorum register: Attiya, Bar-Noy and Dolev, "Sharing Memory Robustly in
// Message-Passing Systems", JACM 1995, with the two-phase writes of Lynch and Shvartsman, FTCS
// 1997.
//
// What holds between handlers:
//  1. A replica's tag of a key never falls, also not over a restart once it has answered: a barrier
//     stands between the version and the answer that tells of it.
//  2. A coordinator's own copy is durable before any answer from another replica comes in, because
//     a barrier stands before the messages that ask for those answers.
//  3. A tag belongs to one value: (node, boot) is one boot of one coordinator, which numbers its
//     writes of a key upwards.

#include <map>
#include <vector>

#include "harness/api/runtime.h"
#include "nodes/abd/config.h"
#include "nodes/abd/messages.h"
#include "nodes/register/key_store.h"
#include "nodes/register/messages.h"
#include "nodes/register/once.h"

namespace sunder::abd {

/// A replica, and the coordinator of whatever clients ask it.
class AbdNode : public Node {
 public:
  AbdNode(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override;

 private:
  enum class Phase : std::uint8_t { query, store };
  /// A read or write under way.
  struct Task {
    NodeId client;
    registers::Request request;
    Phase phase = Phase::query;
    std::vector<bool> answered;  // in this phase, by node
    Version version;             // the newest heard of; from the second phase on, what is stored
    bool unanimous = true;       // all that answered hold it already
    Instant begun;
  };
  using Tasks = std::map<std::int64_t, Task>;  // by round

  void recover();
  void on_request(NodeId client, const registers::Request& request);
  void on_query_reply(NodeId source, const QueryReply& reply);
  void on_store_reply(NodeId source, const StoreReply& reply);
  void hear(Task& task, const Version& version);
  void after_query(Tasks::iterator at);
  Tag chosen_tag(const Task& task);
  void adopt(std::int64_t key, const Version& version);
  void send_phase(const Tasks::value_type& entry);  // to those that have not answered
  bool complete(const Task& task) const;
  void give_up(Tasks::iterator at);
  void finish(Tasks::iterator at);
  void barrier();
  bool seems_active(std::size_t node) const;
  std::size_t self() const { return static_cast<std::size_t>(runtime_.self().index); }
  const Version& held(std::int64_t key) const;
  void trace_tag(std::string_view kind, std::int64_t first, std::string_view first_name,
                 std::int64_t key, const Tag& tag);

  Runtime& runtime_;
  Config config_;
  registers::KeyStore store_;
  std::map<std::int64_t, Version> registers_;
  std::map<std::int64_t, std::int64_t> last_number_;  // by key: of this boot's last write
  std::int64_t boot_ = 0;
  std::int64_t own_clock_ = 0;  // of the flaw notes-volatile-clock only
  Tasks tasks_;
  std::int64_t round_ = 0;
  registers::OnceOnly once_;
  std::vector<Instant> contact_;  // by node: when it was last heard
};

}  // namespace sunder::abd
