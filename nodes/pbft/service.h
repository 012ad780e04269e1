#pragma once
// The replicated service: the key-value machine, and for each client its last request and answer.

#include <map>
#include <optional>

#include "nodes/kv/state_machine.h"
#include "nodes/pbft/messages.h"

namespace sunder::pbft {

/// Deterministic: equal batches in equal order give equal answers, snapshots and digests.
class Service {
 public:
  /// Whether this request is still to be carried out: reads always are, and an update that is newer
  /// than the client's last one.
  bool is_new(const Request& request) const;
  KvAnswer execute(const Request& request);
  /// The answer to a client's last update, when it is this one.
  std::optional<KvAnswer> last_answer(const Request& request) const;
  KvAnswer observe(const KvCommand& command) const { return machine_.observe(command); }

  std::uint64_t digest() const { return machine_.digest() + clients_digest_; }
  std::string snapshot() const;
  bool restore(const std::string& bytes);

 private:
  struct Last {
    std::int64_t timestamp = 0;
    KvCode code = KvCode::ok;
    std::optional<std::int64_t> value;  // no update answers a list
  };
  static std::uint64_t part(NodeId client, const Last& last);

  KvStateMachine machine_{{}};
  std::map<NodeId, Last> clients_;
  std::uint64_t clients_digest_ = 0;  // the sum of the parts
};

}  // namespace sunder::pbft
