#pragma once
// A replica of objects whose states are joined: nodes/crdt.cpp and nodes/mvr.cpp say where they
// come from.
//
// What holds between handlers:
//  1. An object only grows in the order of its lattice, also over a restart once anybody was told
//     of it: a barrier stands between what was joined and every message that tells of it.
//  2. The context of an object names exactly the updates that its state is made of, so that equal
//     contexts mean equal states.
//  3. A dot names one update for good: a node counts its own updates of a key upwards, and what it
//     has told of is on its disk.
//  4. A request is carried out once, also when it comes again after a restart: the entry of an
//     update says which request made it.

#include "harness/api/runtime.h"
#include "nodes/lattice/messages.h"
#include "nodes/lattice/store.h"

namespace sunder::lattice {

class ReplicaNode : public Node {
 public:
  ReplicaNode(Runtime& runtime, Config config);
  void on_start() override;
  void on_message(const Envelope& envelope) override;
  void on_timer(Timer timer) override;
  NodeStatus status() const override { return {.role = "replica", .ready = true}; }

 private:
  /// The newest request of a client, when it was an update.
  struct Done {
    std::int64_t request = 0;
    std::int64_t key = 0;
    clock::Dot dot;
  };

  void recover();
  void on_request(NodeId client, const Request& request);
  void on_parts(const Parts& message);
  void on_digest(NodeId source, const Digest& digest);
  void make_update(NodeId client, const Request& request, Object& object);
  void answer_update(NodeId client, const Request& request, const Object& object,
                     const Entry& entry);
  void answer_read(NodeId client, const Request& request, const Object* object);
  void remember(std::int64_t key, const Entry& entry);
  clock::Dot next_dot(std::int64_t key, const Object& object);
  std::int64_t next_time();
  bool join(std::int64_t key, const Part& part, bool durable);  // whether anything was new
  void push(std::int64_t key, const Part& part);
  void send_digest();
  Digest digest_from(std::int64_t first) const;
  void maybe_compact();
  void barrier();
  void trace_object(std::string_view kind, std::int64_t key, const Object& object,
                    std::int64_t count = 0, std::int64_t op = -1);
  std::int64_t now() const { return runtime_.now().time_since_epoch().count(); }
  std::size_t self() const { return static_cast<std::size_t>(runtime_.self().index); }

  Runtime& runtime_;
  Config config_;
  ObjectStore store_;
  ObjectStore::Objects objects_;
  std::map<std::int64_t, Done> done_;  // by client
  std::int64_t latest_time_ = 0;       // of all stamps that a new one must exceed
  std::int64_t digest_from_ = INT64_MIN;  // the key at which the next digest begins
  std::map<std::int64_t, std::int64_t> counts_of_boot_;  // by key: of the flaw clock_forgotten
};

}  // namespace sunder::lattice
