// One server without replication: the smallest system that can be called durable and linearizable.

#include "harness/api/system.h"
#include "nodes/kv/client.h"
#include "nodes/kv/state_machine.h"

namespace sunder {
namespace {

constexpr std::string_view snapshot_key = "snapshot";
constexpr std::int64_t snapshot_every = 1000;  // commands

struct SingleFlaws {
  // Writes are synced once a second, after they were acknowledged, as with Redis's default
  // `appendfsync everysec`.
  bool ack_before_sync = false;
};

/// n1 answers everything; the other nodes stand by and answer nothing. A command is in the log and
/// synced before its answer leaves; a read waits behind the writes whose effects it shows, because
/// effects leave in order.
class SingleNode : public Node {
 public:
  SingleNode(Runtime& runtime, SingleFlaws flaws)
      : runtime_(runtime), flaws_(flaws), machine_({}) {}

  void on_start() override {
    if (!serves()) return;
    Storage& storage = runtime_.storage();
    if (const Bytes* saved = storage.get(snapshot_key)) restore(*saved);
    for (std::uint64_t i = storage.log_begin(); i < storage.log_end(); ++i) {
      ByteReader in(storage.log_read(i));
      std::int64_t index = in.number();
      KvCommand command = get_command(in);
      if (!in.ok() || index <= applied_) continue;
      applied_ = index;
      machine_.apply(index, command);
    }
    runtime_.trace({.kind = "leader", .numbers = {{{"term", 1}, {"last", applied_}}}});
    if (flaws_.ack_before_sync) runtime_.start_timer(std::chrono::seconds(1));
  }

  void on_message(const Envelope& envelope) override {
    const KvRequest* request = envelope.message.as<KvRequest>();
    if (request == nullptr || !serves()) return;
    if (request->command.verb > static_cast<std::uint8_t>(last_kv_verb)) return;
    if (only_reads(request->command.kind())) {
      answer(envelope.source, request->msg_id, machine_.observe(request->command));
      return;
    }
    ++applied_;
    ByteWriter record;
    record.number(applied_);
    put_command(record, request->command);
    runtime_.storage().append(record.take());
    if (!flaws_.ack_before_sync) runtime_.storage().sync();
    answer(envelope.source, request->msg_id, machine_.apply(applied_, request->command));
    if (applied_ - saved_ >= snapshot_every) save();
  }

  void on_timer(Timer) override {
    runtime_.storage().sync();
    runtime_.start_timer(std::chrono::seconds(1));
  }

  NodeStatus status() const override {
    return {.role = serves() ? "leader" : "spare", .term = 1, .ready = true};
  }

 private:
  bool serves() const { return runtime_.self() == runtime_.peers().front(); }

  void answer(NodeId client, std::int64_t msg_id, const KvAnswer& answer) {
    runtime_.send(client, Message(kv_reply(msg_id, answer)));
  }

  void restore(const Bytes& saved) {
    ByteReader in(saved);
    std::int64_t index = in.number();
    ByteWriter head;
    head.number(index);
    if (!in.ok() || !machine_.restore(std::string_view(saved).substr(head.take().size()))) return;
    applied_ = saved_ = index;
  }

  // The log may go only when the snapshot that replaces it is durable.
  void save() {
    ByteWriter head;
    head.number(applied_);
    Storage& storage = runtime_.storage();
    storage.put(snapshot_key, head.take() + machine_.snapshot());
    storage.sync();
    storage.discard_before(storage.log_end());
    saved_ = applied_;
  }

  Runtime& runtime_;
  SingleFlaws flaws_;
  KvStateMachine machine_;
  std::int64_t applied_ = 0;  // commands carried out, snapshot included
  std::int64_t saved_ = 0;    // of these in the snapshot
};

}  // namespace

void add_single(Registry<System>& registry) {
  System system;
  system.name = "single";
  system.summary = "one server without replication, durable before it acknowledges";
  system.claim = [](const SystemConfig&) { return std::string("linearizable"); };
  system.verbs = kv_verbs();
  system.flaws = {
      {.name = "ack-before-sync",
       .summary = "acknowledges writes that are synced only once a second (Redis's default "
                  "appendfsync everysec)",
       .shown_by = {"kill"},
       .anomaly = "nonlinearizable"}};
  system.fault_model = "crashes with recovery, loss, delay, doubling and reordering; not its death";
  system.limits = {{.lifted = "what is acknowledged is durable", .flaw = "ack-before-sync"}};
  system.nodes_default = 1;
  system.log_patterns = {"a bug of ours"};  // a failed ASSERT
  system.messages = MessageCodec::of<KvRequest, KvReply>();
  system.make_node = [](Runtime& runtime, const SystemConfig& config) -> std::unique_ptr<Node> {
    return std::make_unique<SingleNode>(
        runtime, SingleFlaws{.ack_before_sync = config.has("ack-before-sync")});
  };
  system.make_client = [](Channel& channel, const SystemConfig& config) -> std::unique_ptr<Client> {
    return std::make_unique<KvClient>(
        channel, KvClientConfig{.fixed_server = true, .datatype = config.datatype});
  };
  registry.add(std::move(system));
}

}  // namespace sunder
