// etcd 3.4, as Debian 12 ships it: a store on Raft that claims linearizable keys. Spoken to through
// its HTTP/JSON gateway (/v3/...), which carries keys and values in base64, 64-bit numbers as JSON
// texts, and leaves out what is zero, false or empty.

#include "harness/api/system.h"
#include "harness/core/json.h"
#include "nodes/stores/http/base64.h"
#include "nodes/stores/http/http_client.h"

namespace sunder {

namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t client_port = 2379;
constexpr std::uint16_t peer_port = 2380;

std::string url(const std::string& address, std::uint16_t port) {
  return "http://" + address + ":" + std::to_string(port);
}

std::string in_milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(duration).count());
}

std::vector<std::string> command(const ServicePlace& place) {
  const std::string& own = place.address_of(place.self);
  std::string members;
  for (const auto& [node, address] : place.addresses) {
    if (!members.empty()) members += ",";
    members += to_string(node) + "=" + url(place.name_of(node), peer_port);
  }
  return {"etcd",
          "--name",
          to_string(place.self),
          "--data-dir",
          place.data_folder + "/etcd",
          "--listen-client-urls",
          url(own, client_port),
          "--advertise-client-urls",
          url(own, client_port),
          "--listen-peer-urls",
          url(own, peer_port),
          "--initial-advertise-peer-urls",
          url(place.name_of(place.self), peer_port),
          "--initial-cluster",
          members,
          "--initial-cluster-state",
          "new",  // ignored once the data folder holds a member
          "--initial-cluster-token",
          "sunder",
          "--heartbeat-interval",
          in_milliseconds(place.options.duration("heartbeat")),
          "--election-timeout",
          in_milliseconds(place.options.duration("election-timeout")),
          "--logger",
          "zap",
          "--log-outputs",
          "stderr"};
}

/// What the gateway answered: the reply of the call, or the code and text of a gRPC error.
struct GatewayReply {
  bool ok = false;
  Value body;             // of an ok
  std::int64_t code = 0;  // of an error: a gRPC status code; 0 when the reply names none
  std::string message;    // of an error
};

Result<GatewayReply> call(HttpClient& http, const std::string& path, const Map& request,
                          Duration time_limit) {
  Result<HttpReply> reply = http.post(path, to_json(Value(request)), time_limit);
  if (!reply) return reply.error();
  Result<Value> body = parse_json(reply->body);
  if (reply->status == 200) {
    if (!body) return Error{Error::Code::malformed, "etcd's reply: " + body.error().context};
    return GatewayReply{.ok = true, .body = std::move(*body)};
  }
  GatewayReply failed{.message = "HTTP status " + std::to_string(reply->status)};
  if (body) {
    const Value* code = body->find("code");
    const Value* message = body->find("message");
    if (code != nullptr && code->is_integer()) failed.code = code->integer();
    if (message != nullptr && message->is_text()) failed.message = message->text();
  }
  return failed;
}

/// Errors by which a request surely had no effect, now or later. All of them are given before the
/// request is proposed to the cluster. Much that sounds harmless is missing on purpose: a request
/// that "timed out" may be committed later, and "database space exceeded" is also said of a put
/// that was applied.
bool surely_had_no_effect(const GatewayReply& reply) {
  return reply.message == "etcdserver: too many requests" ||
         reply.message == "etcdserver: request is too large" ||
         reply.message == "etcdserver: key is not provided";
}

/// A number that JSON may carry as a text. Nothing when it is neither.
std::optional<std::int64_t> number_in(const Value& value) {
  if (value.is_integer()) return value.integer();
  if (!value.is_text()) return {};
  Result<Value> parsed = parse_json(value.text());
  if (!parsed || !parsed->is_integer()) return {};
  return parsed->integer();
}

/// A member's or leader's number, which has 64 bits without a sign: compared as text only.
std::string id_in(const Value* value) { return value && value->is_text() ? value->text() : "0"; }

Map range_request(const std::string& key, bool serializable) {
  Map request{{"key", to_base64(key)}};
  if (serializable) request.set("serializable", true);
  return request;
}

Result<NodeStatus> status(const std::string& address, Duration time_limit) {
  const auto deadline = std::chrono::steady_clock::now() + time_limit;
  HttpClient http(address, client_port);
  Result<GatewayReply> reply = call(http, "/v3/maintenance/status", {}, time_limit);
  if (!reply) return reply.error();
  if (!reply->ok) return Error{Error::Code::refused, "etcd's status: " + reply->message};

  const Value* header = reply->body.find("header");
  const std::string member = id_in(header ? header->find("member_id") : nullptr);
  const std::string leader = id_in(reply->body.find("leader"));
  NodeStatus answer{.role = leader != "0" && leader == member ? "leader" : "follower"};
  if (const Value* term = reply->body.find("raftTerm")) {
    answer.term = number_in(*term).value_or(0);
  }
  const Duration left = deadline - std::chrono::steady_clock::now();
  if (leader == "0" || left <= Duration::zero()) return answer;

  // A leader that is merely remembered does not make a node usable; a quorum read proves it.
  Result<GatewayReply> read = call(http, "/v3/kv/range", range_request("ready", false), left);
  answer.ready = read && read->ok;
  return answer;
}

/// A member's number, by the name of its node.
Result<std::string> member_named(HttpClient& http, const std::string& name, Duration time_limit) {
  Result<GatewayReply> reply = call(http, "/v3/cluster/member/list", {}, time_limit);
  if (!reply) return reply.error();
  if (!reply->ok) return Error{Error::Code::refused, "etcd's members: " + reply->message};
  const Value* members = reply->body.find("members");
  if (members != nullptr && members->is_list()) {
    for (const Value& member : members->list()) {
      const Value* own = member.find("name");
      if (own != nullptr && own->is_text() && own->text() == name) return id_in(member.find("ID"));
    }
  }
  return Error{Error::Code::not_found, "etcd has no member " + name};
}

/// Answered when the other one leads, or not at all.
Status instruct(const std::string& address, std::string_view verb, const Value& value,
                Duration time_limit) {
  if (verb != transfer_leadership || !value.is_text()) {
    return Error{Error::Code::refused, "etcd cannot be asked to '" + std::string(verb) + "'"};
  }
  HttpClient http(address, client_port);
  Result<std::string> member = member_named(http, value.text(), time_limit);
  if (!member) return member.error();
  Result<GatewayReply> reply = call(http, "/v3/maintenance/transfer-leadership",
                                    {{"targetID", *member}}, time_limit);
  if (!reply) return reply.error();
  if (reply->ok) return Done{};
  return Error{Error::Code::refused, "etcd's transfer: " + reply->message};
}

/// One register operation on key k is one request on the key "r<k>" of etcd.
class EtcdClient final : public BlockingClient {
 public:
  EtcdClient(const std::string& address, bool serializable)
      : http_(address, client_port), serializable_(serializable) {}

  Outcome invoke(const Op& op, Duration time_limit) override {
    const bool shaped = op.value.is_list() && op.value.list().size() == 2;
    if (!shaped || !op.value.list()[0].is_integer()) {
      return Outcome::fail("refused: the value is not [key value]: " + to_json(op.value));
    }
    const Value& key = op.value.list()[0];
    const Value& argument = op.value.list()[1];
    if (op.verb == "read") return read(key, time_limit);
    if (op.verb == "write" && argument.is_integer()) return write(key, argument, time_limit);
    if (op.verb == "cas" && is_change(argument)) return cas(key, argument, time_limit);
    return Outcome::fail("refused: not an operation on a register: " + describe(op));
  }

 private:
  /// [old new]; old is nil for a register that was never written.
  static bool is_change(const Value& value) {
    if (!value.is_list() || value.list().size() != 2) return false;
    const Value& old = value.list()[0];
    return (old.is_integer() || old.is_nil()) && value.list()[1].is_integer();
  }

  static std::string name_of(const Value& key) { return "r" + std::to_string(key.integer()); }
  static Value bytes_of(const Value& integer) { return to_base64(to_json(integer)); }

  static Outcome outcome_of(const Error& error) {
    return error.code == Error::Code::refused ? Outcome::fail("refused: " + error.context)
                                              : Outcome::info(error.context);
  }
  static Outcome outcome_of(const GatewayReply& reply) {
    return surely_had_no_effect(reply) ? Outcome::fail("refused: " + reply.message)
                                       : Outcome::info(reply.message);
  }

  Outcome read(const Value& key, Duration time_limit) {
    const Map request = range_request(name_of(key), serializable_);
    Result<GatewayReply> reply = call(http_, "/v3/kv/range", request, time_limit);
    if (!reply) return outcome_of(reply.error());
    // A read that was answered with an error is over, and it never had an effect.
    if (!reply->ok) return Outcome::fail("refused: " + reply->message);
    const Value* found = reply->body.find("kvs");
    if (found == nullptr) return Outcome::ok(Value::pair(key, {}));
    if (std::optional<Value> number = stored_number(*found)) {
      return Outcome::ok(Value::pair(key, *number));
    }
    return Outcome::info("etcd's reply is no register: " + to_json(reply->body));
  }

  /// The integer in the one entry of "kvs".
  static std::optional<Value> stored_number(const Value& entries) {
    if (!entries.is_list() || entries.list().size() != 1) return {};
    const Value* text = entries.list()[0].find("value");
    if (text == nullptr || !text->is_text()) return {};
    const std::optional<std::string> stored = from_base64(text->text());
    if (!stored) return {};
    const std::optional<std::int64_t> number = number_in(Value(*stored));
    if (!number) return {};
    return Value(*number);
  }

  Outcome write(const Value& key, const Value& value, Duration time_limit) {
    const Map request{{"key", to_base64(name_of(key))}, {"value", bytes_of(value)}};
    Result<GatewayReply> reply = call(http_, "/v3/kv/put", request, time_limit);
    if (!reply) return outcome_of(reply.error());
    if (!reply->ok) return outcome_of(*reply);
    return Outcome::ok(Value::pair(key, value));
  }

  Outcome cas(const Value& key, const Value& change, Duration time_limit) {
    const Value name = to_base64(name_of(key));
    const Value& old = change.list()[0];
    Map compare{{"key", name}};
    if (old.is_nil()) {  // an absent key has no value to compare with; its version is zero
      compare["target"] = "VERSION";
      compare["version"] = "0";
    } else {
      compare["target"] = "VALUE";
      compare["value"] = bytes_of(old);
    }
    const Map put{{"request_put", Map{{"key", name}, {"value", bytes_of(change.list()[1])}}}};
    const Map request{{"compare", List{compare}}, {"success", List{put}}};
    Result<GatewayReply> reply = call(http_, "/v3/kv/txn", request, time_limit);
    if (!reply) return outcome_of(reply.error());
    if (!reply->ok) return outcome_of(*reply);
    if (reply->body.find("succeeded") != nullptr) return Outcome::ok(Value::pair(key, change));
    if (reply->body.find("header") != nullptr) return Outcome::fail("compare failed");
    return Outcome::info("etcd's reply is no transaction: " + to_json(reply->body));
  }

  HttpClient http_;
  bool serializable_;
};

}  // namespace

void add_etcd(Registry<System>& registry) {
  using Kind = OptionSpec::Kind;
  System etcd{
      .name = "etcd",
      .summary = "etcd 3.4, a third-party key-value store on Raft (real worlds only)",
      // Local reads are an option of the client, not a weaker promise of the store's users: a run
      // with them is judged by the same claim, so that it shows what they break.
      .claim = [](const SystemConfig&) { return "linearizable"; },
      .verbs = {{"cas-register", {"read", "write", "cas"}}, {"register", {"read", "write"}}},
      .options = {{"serializable", Kind::boolean, "false",
                   "local reads from whatever node is asked, which break the claim"},
                  {"heartbeat", Kind::duration, "100ms", "between two heartbeats of the leader"},
                  {"election-timeout", Kind::duration, "1s",
                   "without a leader until a node stands for election; at least five heartbeats"}},
      .instructions = {{std::string(transfer_leadership)}},
      .log_patterns = {"panic:", "\"level\":\"(panic|fatal)\""},
      .service = Service{
          .binary = "etcd",
          .install = "apt-get install etcd-server",
          .command = command,
          .status = status,
          .instruct = instruct,
          .connect = [](const ServicePlace& place, NodeId home) -> std::unique_ptr<BlockingClient> {
            return std::make_unique<EtcdClient>(place.address_of(home),
                                                place.options.boolean("serializable"));
          },
          .ports = {client_port, peer_port}}};
  registry.add(std::move(etcd));
}

}  // namespace sunder
