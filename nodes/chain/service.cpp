#include "nodes/chain/service.h"

namespace sunder::chain {
namespace {

constexpr std::int64_t log_key = 0;
constexpr std::int64_t poll_max = 64;  // configurations in one read
constexpr Duration propose_again = std::chrono::milliseconds(300);
constexpr Duration ask_again = std::chrono::milliseconds(500);
constexpr Duration join_patience = std::chrono::seconds(1);

raft::Config raft_config(const Config& config) {
  raft::Config raft;
  raft.election_min = std::chrono::milliseconds(150);
  raft.heartbeat = std::chrono::milliseconds(50);
  raft.snapshot_every = 500;
  raft.snapshot_chunk = 16384;
  raft.sessions = 1;
  raft.flaws.leader_read_without_quorum = config.flaws.grants_without_quorum;
  return raft;
}

}  // namespace

void MemberRuntime::send(NodeId target, Message message) {
  if (target != service()) return outer_.send(target, std::move(message));
  if (const auto* answer = message.as<KvReply>()) answers_.push_back(*answer);
}

ConfigurationService::ConfigurationService(Runtime& runtime, const Config& config,
                                           std::function<void(const Grant&)> granted)
    : runtime_(runtime),
      config_(config),
      granted_(std::move(granted)),
      member_runtime_(runtime),
      member_(member_runtime_, raft_config(config)),
      known_(first_configuration(runtime.peers())),
      heard_(runtime.peers().size()) {}

void ConfigurationService::on_start() {
  known_since_ = runtime_.now();
  member_.on_start();
  take_answers();
}

void ConfigurationService::on_message(const Envelope& envelope) {
  member_.on_message(envelope);
  take_answers();
}

void ConfigurationService::on_timer(Timer timer) {
  member_.on_timer(timer);
  take_answers();
}

// Everyone's beats are answered with the own one; news of an epoch are worth a read of their own.
void ConfigurationService::on_renew(NodeId source, const Renew& renew) {
  bool news = renew.epoch > heard(source).epoch;
  note(source, renew);
  pending_[source] = renew;
  if (news && leading_ && asked_ == 0) ask();
}

void ConfigurationService::on_beat(const Renew& own) {
  note(runtime_.self(), own);
  pending_[runtime_.self()] = own;
  bool waits = asked_ != 0 && runtime_.now() - asked_at_ < ask_again;
  if (!waits) ask();
}

void ConfigurationService::ask() {
  for (auto& [node, renew] : pending_) covered_[node] = renew;
  pending_.clear();
  asked_ = ++last_msg_id_;
  asked_at_ = runtime_.now();
  request(asked_, {.verb = static_cast<std::uint8_t>(KvVerb::poll),
                   .key = log_key,
                   .value = offset_,
                   .expected = poll_max});
  take_answers();
}

void ConfigurationService::request(std::int64_t msg_id, const KvCommand& command) {
  member_.on_message({.source = MemberRuntime::service(),
                      .target = runtime_.self(),
                      .message = Message(KvRequest{.msg_id = msg_id, .command = command})});
}

void ConfigurationService::take_answers() {
  std::deque<KvReply>& answers = member_runtime_.answers();
  while (!answers.empty()) {
    KvReply answer = std::move(answers.front());
    answers.pop_front();
    if (answer.in_reply_to == asked_) on_answer(answer);
    if (answer.in_reply_to == proposal_ && answer.code == 0 && asked_ == 0) ask();
  }
}

void ConfigurationService::on_answer(const KvReply& answer) {
  asked_ = 0;
  if (answer.code != 0) {
    leading_ = false;
    auto own = covered_.find(runtime_.self());
    if (answer.leader && own != covered_.end()) {
      runtime_.send(*answer.leader, Message(own->second));
    }
    covered_.clear();
    pending_.clear();
    return;
  }
  for (std::int64_t number : answer.list) learn(number);
  if (std::ssize(answer.list) == poll_max) return ask();
  lead();
}

void ConfigurationService::learn(std::int64_t number) {
  ++offset_;
  std::optional<Configuration> next = unpacked(number);
  if (!next || next->epoch != known_.epoch + 1) {
    runtime_.probe("a configuration came too late");
    return;
  }
  known_ = *std::move(next);
  known_since_ = runtime_.now();
}

// What a replica has said of its epochs stays true; the rest is as of its last word.
void ConfigurationService::note(NodeId node, const Renew& renew) {
  Heard& heard = heard_[static_cast<std::size_t>(node.index)];
  heard.at = runtime_.now();
  heard.epoch = std::max(heard.epoch, renew.epoch);
  if (renew.synced) heard.synced = std::max(heard.synced, renew.epoch);
  heard.last = renew;
}

// A read was confirmed, so this member led when the read began.
void ConfigurationService::lead() {
  std::int64_t term = member_.status().term;
  if (!leading_ || term_ != term) {
    leading_ = true;
    term_ = term;
    leading_since_ = runtime_.now();
    joining_.reset();
    for (Heard& heard : heard_) heard.at = runtime_.now();  // everyone gets the time to be heard
  }
  choose_joining();
  answer_all();
  consider();
}

void ConfigurationService::answer_all() {
  std::map<NodeId, Renew> renewals;
  renewals.swap(covered_);
  bool leased = begun();
  for (const auto& [node, renew] : renewals) {
    Grant grant{.boot = renew.boot,
                .sent = renew.sent,
                .configuration = packed(known_),
                .leased = leased && known_.place_of(node).has_value(),
                .joining = joining_};
    if (grant.leased) heard_[static_cast<std::size_t>(node.index)].granted = runtime_.now();
    if (node == runtime_.self()) {
      granted_(grant);
    } else {
      runtime_.send(node, Message(grant));
    }
  }
}

bool ConfigurationService::begun() const {
  if (config_.flaws.no_leases || config_.flaws.epoch_starts_at_once) return true;
  return std::all_of(heard_.begin(), heard_.end(),
                     [this](const Heard& heard) { return has_given_up(heard); });
}

bool ConfigurationService::has_given_up(const Heard& heard) const {
  if (heard.epoch >= known_.epoch) return true;
  Instant last = std::max(heard.granted, leading_since_);
  return runtime_.now() - std::min(known_since_, last) >= config_.lease_wait;
}

bool ConfigurationService::alive(NodeId node) const {
  return runtime_.now() - heard(node).at < config_.dead_after;
}

bool ConfigurationService::synced(NodeId node) const {
  return heard(node).synced == known_.epoch;
}

void ConfigurationService::consider() {
  bool waits = proposed_ > known_.epoch && runtime_.now() - proposed_at_ < propose_again;
  if (waits) return;
  std::vector<NodeId> left = survivors();
  if (left.size() < known_.members.size()) {
    // Only a member that has every committed write may become the head.
    if (!left.empty() && synced(left.front())) propose(std::move(left));
    return;
  }
  if (std::optional<NodeId> node = taught()) {
    left.push_back(*node);
    propose(std::move(left));
  }
}

// A member goes when it is silent, or when the one before it says that it does not answer.
std::vector<NodeId> ConfigurationService::survivors() const {
  std::vector<NodeId> left;
  std::optional<NodeId> stalled;
  for (NodeId member : known_.members) {
    if (!alive(member) || member == stalled) continue;
    left.push_back(member);
    const Renew& said = heard(member).last;
    stalled = said.epoch == known_.epoch ? said.stalled : std::optional<NodeId>();
  }
  return left;
}

std::optional<NodeId> ConfigurationService::taught() const {
  if (config_.flaws.join_before_transfer) return joining_;
  const Renew& said = heard(known_.tail()).last;
  bool fits = said.epoch == known_.epoch && said.taught && !known_.place_of(*said.taught) &&
              alive(*said.taught);
  return fits ? said.taught : std::optional<NodeId>();
}

// One that the tail cannot reach makes way for the next.
void ConfigurationService::choose_joining() {
  bool waits = joining_ && alive(*joining_) && !known_.place_of(*joining_);
  if (waits && runtime_.now() - joining_since_ < join_patience) return;
  std::optional<NodeId> first;
  std::optional<NodeId> next;
  for (NodeId node : runtime_.peers()) {
    if (known_.place_of(node) || !alive(node) || heard(node).epoch != known_.epoch) continue;
    if (!first) first = node;
    if (!next && joining_ && node > *joining_) next = node;
  }
  joining_ = next ? next : first;
  joining_since_ = runtime_.now();
}

void ConfigurationService::propose(std::vector<NodeId> members) {
  if (members.size() < known_.members.size()) runtime_.probe("a member was removed");
  if (members.size() > known_.members.size()) runtime_.probe("a member was added");
  Configuration next{.epoch = known_.epoch + 1, .members = std::move(members)};
  proposed_ = next.epoch;
  proposed_at_ = runtime_.now();
  proposal_ = ++last_msg_id_;
  request(proposal_, {.verb = static_cast<std::uint8_t>(KvVerb::send),
                      .key = log_key,
                      .value = packed(next)});
}

}  // namespace sunder::chain
