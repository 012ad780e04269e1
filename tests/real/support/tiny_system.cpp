#include "tests/real/support/tiny_system.h"

#include <charconv>
#include <map>

namespace sunder {
namespace {

struct Greeting {
  static constexpr std::string_view type = "greeting";
  std::int64_t count = 0;
  static constexpr auto fields() { return std::tuple{field("count", &Greeting::count)}; }
  bool operator==(const Greeting&) const = default;
};
struct Write {
  static constexpr std::string_view type = "write";
  std::int64_t request = 0;
  std::int64_t key = 0;
  std::int64_t value = 0;
  static constexpr auto fields() {
    return std::tuple{field("request", &Write::request), field("key", &Write::key),
                      field("value", &Write::value)};
  }
  bool operator==(const Write&) const = default;
};
struct Read {
  static constexpr std::string_view type = "read";
  std::int64_t request = 0;
  std::int64_t key = 0;
  static constexpr auto fields() {
    return std::tuple{field("request", &Read::request), field("key", &Read::key)};
  }
  bool operator==(const Read&) const = default;
};
struct Answer {
  static constexpr std::string_view type = "answer";
  std::int64_t request = 0;
  std::optional<std::int64_t> value;
  static constexpr auto fields() {
    return std::tuple{field("request", &Answer::request), field("value", &Answer::value)};
  }
  bool operator==(const Answer&) const = default;
};

constexpr Duration pace = std::chrono::milliseconds(20);
constexpr Duration fresh = std::chrono::seconds(1);

class TinyNode final : public Node {
 public:
  explicit TinyNode(Runtime& runtime) : runtime_(runtime) {}
  void on_start() override { timer_ = runtime_.start_timer(pace); }
  void on_timer(Timer) override {
    ++count_;
    for (NodeId peer : runtime_.peers()) {
      if (peer != runtime_.self()) runtime_.send(peer, Greeting{count_});
    }
    timer_ = runtime_.start_timer(pace);
  }
  void on_message(const Envelope& envelope) override {
    if (const auto* greeting = envelope.message.as<Greeting>()) {
      heard_[envelope.source] = runtime_.now();
      runtime_.trace(Event{.kind = "greeted",
                           .numbers = {{{"peer", envelope.source.index + 1},
                                        {"count", greeting->count}}}});
      if (heard_.size() + 1 == runtime_.peers().size()) runtime_.probe("all greeted");
    } else if (const auto* write = envelope.message.as<Write>()) {
      runtime_.storage().put(std::to_string(write->key), std::to_string(write->value));
      runtime_.storage().sync();
      runtime_.send(envelope.source, Answer{write->request, write->value});
    } else if (const auto* read = envelope.message.as<Read>()) {
      const Bytes* value = runtime_.storage().get(std::to_string(read->key));
      Answer answer{read->request, {}};
      if (value != nullptr) {
        std::int64_t number = 0;
        std::from_chars(value->data(), value->data() + value->size(), number);
        answer.value = number;
      }
      runtime_.send(envelope.source, answer);
    }
  }
  Status instruct(std::string_view verb, const Value& value) override {
    if (verb != change_voters) return Node::instruct(verb, value);
    if (decode_field(value, voters_)) return Done{};
    return Error{Error::Code::refused, "voters are a list of names"};
  }
  NodeStatus status() const override {
    std::size_t alive = 1;
    for (const auto& [peer, when] : heard_) alive += runtime_.now() - when < fresh ? 1u : 0u;
    return {runtime_.self().index == 0 ? "keeper" : "greeter", 1,
            alive == runtime_.peers().size(), voters_};
  }

 private:
  Runtime& runtime_;
  Timer timer_;
  std::int64_t count_ = 0;
  std::map<NodeId, Instant> heard_;
  std::vector<NodeId> voters_;
};

class TinyClient final : public Client {
 public:
  explicit TinyClient(Channel& channel) : channel_(channel) {
    channel_.on_receive([this](const Envelope& envelope) {
      const auto* answer = envelope.message.as<Answer>();
      if (answer == nullptr || answer->request != request_ || !complete_) return;
      Value value = encode_field(answer->value);
      auto complete = std::exchange(complete_, nullptr);
      complete(Outcome::ok(Value::pair(key_, std::move(value))));
    });
  }
  void invoke(const Op& invocation, Complete complete) override {
    complete_ = std::move(complete);
    ++request_;
    key_ = invocation.value.list()[0].integer();
    NodeId keeper = channel_.servers()[0];
    if (invocation.verb == "read") return channel_.send(keeper, Read{request_, key_});
    channel_.send(keeper, Write{request_, key_, invocation.value.list()[1].integer()});
  }

 private:
  Channel& channel_;
  Complete complete_;
  std::int64_t request_ = 0;
  std::int64_t key_ = 0;
};

}  // namespace

System tiny_system() {
  System system;
  system.name = "tiny";
  system.summary = "registers on one node, greetings among all";
  system.claim = [](const SystemConfig&) { return std::string("linearizable"); };
  system.verbs = {{"register", {"read", "write"}}};
  system.messages = MessageCodec::of<Greeting, Write, Read, Answer>();
  system.make_node = [](Runtime& runtime, const SystemConfig&) {
    return std::make_unique<TinyNode>(runtime);
  };
  system.make_client = [](Channel& channel, const SystemConfig&) {
    return std::make_unique<TinyClient>(channel);
  };
  return system;
}

}  // namespace sunder
