#include "tests/nodes/support/stage.h"

#include <charconv>
#include <sstream>

#include "catalogue/nodes.h"
#include "harness/core/assert.h"
#include "nodes/kv/messages.h"

namespace sunder::testing_support {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::int64_t integer(const std::string& text) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  ASSERT_MSG(error == std::errc{} && end == text.data() + text.size(), text);
  return number;
}

Duration parsed(const std::string& text) {
  bool negative = text.starts_with("-");
  Result<Duration> duration = parse_duration(text.substr(negative ? 1 : 0));
  ASSERT_MSG(duration, text);
  return negative ? -*duration : *duration;
}

// Hashes say nothing to a reader; the entries of a message are told by their terms.
std::string describe(const Envelope& envelope) {
  std::string line = to_string(envelope.source) + ">" + to_string(envelope.target) + " " +
                     std::string(envelope.message.type());
  Value body = envelope.message.value();
  for (const auto& [key, value] : body.map()) {
    if (key.text() == "type" || key.text() == "hash" || key.text() == "data") continue;
    line += " " + key.text() + "=";
    if (key.text() != "entries") {
      line += to_json(value);
      continue;
    }
    std::string terms;
    for (const Value& entry : value.list()) terms += " " + to_json(*entry.find("term"));
    line += "[" + (terms.empty() ? terms : terms.substr(1)) + "]";
  }
  return line;
}

}  // namespace

StageHost::StageHost(Stage& stage, NodeId self, std::vector<NodeId> peers)
    : stage_(stage),
      self_(self),
      peers_(std::move(peers)),
      rng_(7, Stream::of("stage", static_cast<std::uint64_t>(self.index))),
      storage_([this](DiskImage image) { effects_.push_back({std::move(image), {}, {}}); }) {}

void StageHost::send(NodeId target, Message message) {
  effects_.push_back({{}, target, std::move(message)});
}

Timer StageHost::start_timer(Duration delay) {
  timers_[++last_timer_] = now_ + delay;
  return {last_timer_};
}

void StageHost::probe(std::string_view name) {
  stage_.say(to_string(self_) + " probe: " + std::string(name));
}

void StageHost::trace(Event event) {
  std::string line = to_string(self_) + " " + std::string(event.kind);
  for (const Event::Number& number : event.numbers) {
    if (number.name.empty() || number.name == "hash" || number.name == "state") continue;
    bool is_node = number.name == "for" || number.name == "from" || number.name == "leader" ||
                   number.name == "vote";
    // "from" of a truncation is an index, "leader" of a commit a flag.
    bool is_plain = event.kind == "truncate" || event.kind == "commit";
    line += " " + std::string(number.name) + "=";
    if (is_node && !is_plain) {
      line += number.number < 0
                  ? "none"
                  : to_string(NodeId::node(static_cast<std::int32_t>(number.number)));
    } else {
      line += std::to_string(number.number);
    }
  }
  stage_.say(line);
  std::optional<BrokenInvariant> broken = stage_.invariants_->observe(self_, now_, event);
  if (!broken) return;
  stage_.broken_ = true;
  stage_.say("BROKEN " + broken->sentence);
  for (const ConcernedOp& op : broken->ops) {
    stage_.say("  op " + std::to_string(op.op) + ": " + op.fate);
  }
}

void StageHost::start() {
  node_ = stage_.system_.make_node(*this, stage_.config_);
  node_->on_start();
  carry_out();
}

void StageHost::crash() {
  node_.reset();
  effects_.clear();
  timers_.clear();
  held_ = false;
  storage_.now = durable_;
}

void StageHost::advance(Duration duration) {
  Instant target = now_ + duration;
  wall_ += duration;
  while (node_) {
    auto due = std::min_element(timers_.begin(), timers_.end(),
                                [](auto& a, auto& b) { return a.second < b.second; });
    if (due == timers_.end() || due->second > target) break;
    now_ = std::max(now_, due->second);
    Timer timer{due->first};
    timers_.erase(due);
    node_->on_timer(timer);
    carry_out();
  }
  now_ = target;
}

void StageHost::receive(const Envelope& envelope) {
  if (!node_) return;
  node_->on_message(envelope);
  carry_out();
}

void StageHost::hold_disk(bool held) {
  held_ = held;
  carry_out();
}

void StageHost::carry_out() {
  while (!effects_.empty() && !(held_ && effects_.front().image)) {
    Effect effect = std::move(effects_.front());
    effects_.pop_front();
    if (effect.image) {
      durable_ = *std::move(effect.image);
    } else {
      stage_.pass({self_, effect.target, std::move(effect.message)});
    }
  }
}

Stage::Stage() {
  Registry<System> registry;
  add_all_nodes(registry);
  system_ = *registry.find("raft");
}

Stage::~Stage() = default;

std::string Stage::run(const std::string& command) {
  out_.clear();
  Words words = split(command, ' ');
  const std::string& verb = words.at(0);
  if (verb == "nodes") build(words);
  else if (verb == "elect") elect(host(words.at(1)));
  else if (verb == "deliver" && words.size() == 1) deliver_all();
  else if (verb == "deliver" || verb == "drop" || verb == "duplicate") pick(words);
  else if (verb == "partition") partition(words);
  else if (verb == "heal") side_.clear();
  else if (verb == "crash") host(words.at(1)).crash();
  else if (verb == "restart") host(words.at(1)).start();
  else if (verb == "hold-disk") host(words.at(1)).hold_disk(true);
  else if (verb == "release-disk") host(words.at(1)).hold_disk(false);
  else if (verb == "step-wall") host(words.at(1)).step_wall(parsed(words.at(2)));
  else if (verb == "messages") show_messages_ = words.at(1) == "on";
  else if (verb == "request") request(words);
  else if (verb == "show") show();
  else if (verb == "advance" && words.size() == 3) host(words[1]).advance(parsed(words[2]));
  else if (verb == "advance") {
    for (auto& each : hosts_) each->advance(parsed(words.at(1)));
  } else {
    ASSERT_MSG(false, "no such command: " + command);
  }
  return out_.empty() ? "ok\n" : out_;
}

void Stage::build(const Words& words) {
  std::map<std::string, std::string> set;
  for (std::size_t i = 2; i < words.size(); ++i) {
    std::vector<std::string> parts = split(words[i], '=');
    if (parts.at(0) == "flaw") config_.flaws.insert(parts.at(1));
    else set[parts[0]] = parts.at(1);
  }
  Result<Options> options = Options::parse(system_.options, set);
  ASSERT_MSG(options, options.error().context);
  config_.options = *options;
  invariants_ = system_.make_invariants();
  std::vector<NodeId> peers;
  for (int i = 0; i < static_cast<int>(integer(words.at(1))); ++i) peers.push_back(NodeId::node(i));
  for (NodeId peer : peers) hosts_.push_back(std::make_unique<StageHost>(*this, peer, peers));
  std::string booted = std::move(out_);
  for (auto& each : hosts_) each->start();
  out_ = std::move(booted);  // empty nodes boot alike
}

// Long enough for every node to have lost its leader, and for this one to act on it.
void Stage::elect(StageHost& candidate) {
  Duration shortest = config_.options.duration("election-timeout");
  for (auto& each : hosts_) each->advance(shortest);
  candidate.advance(shortest + std::chrono::milliseconds(1));
  deliver_all();
}

void Stage::deliver_all() {
  for (int limit = 10000; !in_flight_.empty(); --limit) {
    ASSERT_MSG(limit > 0, "messages without end");
    Envelope envelope = in_flight_.front();
    in_flight_.pop_front();
    host(to_string(envelope.target)).receive(envelope);
  }
}

void Stage::pick(const Words& words) {
  std::vector<std::string> ends = split(words.at(1), '>');
  std::deque<Envelope> before;
  before.swap(in_flight_);
  std::vector<Envelope> picked;
  for (const Envelope& envelope : before) {
    bool fits = (ends[0] == "*" || to_string(envelope.source) == ends[0]) &&
                (ends[1] == "*" || to_string(envelope.target) == ends[1]);
    if (fits) picked.push_back(envelope);
    if (!fits || words[0] == "duplicate") in_flight_.push_back(envelope);
  }
  if (words[0] == "drop") return;
  if (words[0] == "duplicate") {
    in_flight_.insert(in_flight_.end(), picked.begin(), picked.end());
    return;
  }
  for (const Envelope& envelope : picked) host(to_string(envelope.target)).receive(envelope);
}

void Stage::partition(const Words& words) {
  side_.clear();
  for (std::size_t i = 1; i < words.size(); ++i) {
    for (const std::string& name : split(words[i], ',')) {
      side_[host(name).self()] = static_cast<int>(i);
    }
  }
  std::erase_if(in_flight_, [&](const Envelope& e) { return cut(e.source, e.target); });
}

bool Stage::cut(NodeId source, NodeId target) const {
  auto from = side_.find(source);
  auto to = side_.find(target);
  return from != side_.end() && to != side_.end() && from->second != to->second;
}

void Stage::request(const Words& words) {
  KvRequest request{.msg_id = ++msg_id_};
  KvCommand& command = request.command;
  const std::string& verb = words.at(2);
  std::size_t options = 4;
  auto code = [&](KvVerb kind) { command.verb = static_cast<std::uint8_t>(kind); };
  if (verb == "open") {
    code(KvVerb::open_session);
    options = 3;
  } else {
    std::vector<std::string> parts = split(words.at(3), '=');
    command.key = integer(parts[0]);
    code(verb == "read" ? KvVerb::read : verb == "write" ? KvVerb::write : KvVerb::cas);
    if (verb == "write") command.value = integer(parts.at(1));
    if (verb == "cas") {
      std::vector<std::string> change = split(parts.at(1), '>');
      command.expected = integer(change[0]);
      command.value = integer(change.at(1));
    }
  }
  for (std::size_t i = options; i < words.size(); ++i) {
    std::vector<std::string> parts = split(words[i], '=');
    std::int64_t number = integer(parts.at(1));
    if (parts[0] == "op") request.op = number;
    else (parts[0] == "session" ? command.session : command.sequence) = number;
  }
  StageHost& target = host(words.at(1));
  target.receive({NodeId::client(0), target.self(), Message(request)});
}

void Stage::show() {
  for (auto& each : hosts_) {
    if (!each->running()) {
      say(to_string(each->self()) + " down");
      continue;
    }
    NodeStatus status = each->status();
    say(to_string(each->self()) + " " + status.role + " term=" + std::to_string(status.term) +
        (status.ready ? " ready" : ""));
  }
}

void Stage::pass(const Envelope& envelope) {
  if (const KvReply* reply = envelope.message.as<KvReply>()) {
    std::string line = to_string(envelope.source) + " answers #" +
                       std::to_string(reply->in_reply_to);
    switch (static_cast<KvCode>(reply->code)) {
      case KvCode::ok: line += " ok"; break;
      case KvCode::unavailable: line += " not the leader"; break;
      case KvCode::session_expired: line += " session expired"; break;
      case KvCode::condition_failed: line += " compare failed"; break;
    }
    if (reply->value) line += " " + std::to_string(*reply->value);
    if (reply->leader) line += ", " + to_string(*reply->leader) + " is";
    say(line);
    return;
  }
  bool lost = cut(envelope.source, envelope.target);
  if (show_messages_) say(describe(envelope) + (lost ? " (lost)" : ""));
  if (!lost) in_flight_.push_back(envelope);
}

StageHost& Stage::host(const std::string& name) {
  std::optional<NodeId> id = parse_node_id(name);
  ASSERT_MSG(id && id->is_node() && static_cast<std::size_t>(id->index) < hosts_.size(), name);
  return *hosts_[static_cast<std::size_t>(id->index)];
}

}  // namespace sunder::testing_support
