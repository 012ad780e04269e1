#pragma once
// The node that a client asks: it asks the replicas, and sees to it that those which did not answer
// get what they missed. DeCandia and others, SOSP 2007, sections 4.5, 4.6 and 5.

#include <map>
#include <span>
#include <vector>

#include "nodes/dynamo/holdings.h"
#include "nodes/dynamo/liveness.h"
#include "nodes/register/messages.h"
#include "nodes/register/once.h"

namespace sunder::dynamo {

/// What holds between handlers:
///  1. A stamp belongs to one value: (node, boot) is one boot of one coordinator, whose numbers of
///     a key grow.
///  2. The coordinator's own copy is durable before any answer from another node comes in, because
///     a barrier stands before the messages that ask for those answers.
///  3. A write whose round has ended is on each replica, or a hint of it is somewhere, unless the
///     coordinator went down in between: then anti-entropy is what is left.
class Coordinator {
 public:
  Coordinator(Runtime& runtime, const Config& config, const Ring& ring, Holdings& holdings,
              const Liveness& liveness);

  void start(std::int64_t boot);
  void on_request(NodeId client, const registers::Request& request);
  void on_query_reply(std::size_t source, const QueryReply& reply);
  void on_store_reply(std::size_t source, const StoreReply& reply);
  void tick();  // every Config::retransmit

 private:
  enum class Phase : std::uint8_t {
    query,  // what do replicas hold?
    store,  // they shall hold this
    after,  // the client has its answer; late ones are waited for, to repair or to leave hints
  };
  /// What a task wants of one node in this phase.
  struct Leg {
    bool asked = false;
    bool answered = false;
    Instant asked_at;       // first
    std::size_t owner = 0;  // the replica that the node is or stands in for
    Version told;           // in answer to a query
  };
  struct Task {
    NodeId client;
    registers::Request request;
    Phase phase = Phase::query;
    std::vector<std::size_t> order;  // the walk over all nodes
    std::vector<Leg> legs;           // by node
    Version version;      // the newest heard of; from the second phase on, what is stored
    bool stored = false;  // the second phase has begun
    bool remote = false;  // another node has answered in this phase
    bool untold = false;  // it succeeded, but nothing proves yet that it is durable
    bool hinted = false;  // of the flaw hints-count-towards-w only
    Instant begun;
    Instant answered;
  };
  using Tasks = std::map<std::int64_t, Task>;  // by round

  // coordinator.cpp: the phases
  void begin_query(Tasks::iterator at);
  void begin_store(Tasks::iterator at);
  void count_hints(Task& task);      // of the flaw hints-count-towards-w only
  void advance(Tasks::iterator at);  // to the next phase, if this one is complete
  void after_query(Tasks::iterator at);
  void answer(Tasks::iterator at);
  void give_up(Tasks::iterator at);
  bool complete(const Task& task) const;
  Stamp new_stamp(const Task& task);
  Version newest_answer(const Task& task) const;
  std::size_t holders(const Task& task) const;

  // asking.cpp: whom to ask
  void ask_all(Tasks::value_type& entry, bool again);
  void ask(Tasks::value_type& entry, std::size_t node);
  void ask_itself(Task& task);
  std::vector<std::size_t> targets(const Task& task) const;
  bool suspected(const Task& task, std::size_t node) const;
  std::size_t owner_for(const Task& task, std::size_t node) const;
  std::span<const std::size_t> replicas(const Task& task) const;
  bool is_replica(const Task& task, std::size_t node) const;

  // aftermath.cpp: what late or missing answers lead to
  bool all_replicas_answered(const Task& task) const;
  void close(Tasks::iterator at);
  void repair(const Tasks::value_type& entry);
  void send_repair(std::size_t target, std::int64_t key, const Version& version);
  void leave_hints(const Task& task);
  void keep_hint(const Task& task, std::size_t replica);
  bool has_stand_in(const Task& task, std::size_t replica) const;

  void barrier();
  std::size_t self() const { return static_cast<std::size_t>(runtime_.self().index); }
  void trace_round(std::string_view kind, std::int64_t round, std::size_t node);
  void trace_stamp(std::string_view kind, std::string_view first, std::int64_t number,
                   const Task& task);

  Runtime& runtime_;
  const Config& config_;
  const Ring& ring_;
  Holdings& holdings_;
  const Liveness& liveness_;
  Tasks tasks_;
  std::int64_t round_ = 0;
  std::int64_t boot_ = 0;
  std::int64_t last_time_ = 0;                        // of the coordinator's clock
  std::map<std::int64_t, std::int64_t> last_number_;  // by key: of this boot's last write
  registers::OnceOnly once_;
};

}  // namespace sunder::dynamo
