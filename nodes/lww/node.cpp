#include "nodes/lww/node.h"

namespace sunder::lww {
namespace {

using registers::Reply;
using registers::Request;

constexpr std::size_t digest_max = 256;  // keys in one digest
constexpr Duration sync_every = std::chrono::seconds(1);
constexpr std::int64_t writes_per_boot = std::int64_t{1} << 32;
constexpr std::int64_t millisecond = 1'000'000;

Bytes to_bytes(const Entry& entry) {
  ByteWriter out;
  out.number(entry.stamp.time);
  out.number(entry.stamp.count);
  out.number(entry.stamp.node);
  out.number(entry.value);
  return out.take();
}

}  // namespace

LwwNode::LwwNode(Runtime& runtime, Config config)
    : runtime_(runtime), config_(config), store_(runtime.storage()) {}

void LwwNode::on_start() {
  recover();
  digest_timer_ = runtime_.start_timer(config_.interval);
  if (config_.flaws.ack_before_sync) sync_timer_ = runtime_.start_timer(sync_every);
}

void LwwNode::recover() {
  boot_ = registers::count_boot(runtime_.storage());
  runtime_.storage().sync();
  runtime_.trace({.kind = "boot", .numbers = {{{"boot", boot_}, {"hybrid", config_.hybrid}}}});
  store_.recover([this](std::int64_t key, ByteReader& record) {
    Entry entry{.key = key};
    entry.stamp.time = record.number();
    entry.stamp.count = record.number();
    entry.stamp.node = record.number();
    entry.value = record.number();
    if (!record.ok()) return;
    registers_[key] = entry;
    if (!config_.flaws.clock_lost_on_restart) clock_.observe({entry.stamp.time, entry.stamp.count});
    trace_entry("held", entry);
  });
  runtime_.trace({.kind = "recovered"});
}

void LwwNode::on_message(const Envelope& envelope) {
  const Message& message = envelope.message;
  NodeId source = envelope.source;
  if (const auto* request = message.as<Request>()) return on_request(source, *request);
  if (!source.is_node() || source.index >= std::ssize(runtime_.peers())) return;
  if (const auto* entries = message.as<Entries>()) return on_entries(*entries);
  if (const auto* digest = message.as<Digest>()) return on_digest(source, *digest);
}

void LwwNode::on_timer(Timer timer) {
  if (timer == digest_timer_) {
    digest_timer_ = runtime_.start_timer(config_.interval);
    send_digest();
  } else if (timer == sync_timer_) {
    sync_timer_ = runtime_.start_timer(sync_every);
    runtime_.storage().sync();
  }
}

void LwwNode::on_request(NodeId client, const Request& request) {
  if (request.write && !once_.is_new(client, request.msg_id)) return;
  Reply reply{.in_reply_to = request.msg_id};
  if (request.write) {
    reply.time = write(request).time;
  } else if (auto found = registers_.find(request.key); found != registers_.end()) {
    reply.value = found->second.value;
    reply.time = found->second.stamp.time;
  }
  runtime_.send(client, Message(std::move(reply)));
}

// With a bare wall clock the write may be older than what it is to replace. Then it is ignored, and
// acknowledged all the same: that is what last-writer-wins means when clocks are wrong.
Stamp LwwNode::write(const Request& request) {
  // A session tells the time of what it has seen, but not the count: the next nanosecond is above.
  if (request.time > 0 && request.time < INT64_MAX) clock_.observe({request.time + 1, 0});
  Entry entry{request.key, new_stamp(), request.value};
  bool kept = newer(entry);
  adopt(entry, false);
  if (!kept) runtime_.probe("an own write was older than what it was to replace");
  runtime_.trace({.kind = "write",
                  .numbers = {{{"key", entry.key},
                               {"clock", entry.stamp.time},
                               {"count", entry.stamp.count},
                               {"op", request.op}}}});
  barrier();
  Message message(Entries{{entry}});
  for (NodeId peer : runtime_.peers()) {
    if (peer != runtime_.self()) runtime_.send(peer, message);
  }
  return entry.stamp;
}

Stamp LwwNode::new_stamp() {
  const Flaws& flaws = config_.flaws;
  std::int64_t wall = runtime_.wall_now().time_since_epoch().count();
  std::int64_t node = runtime_.self().index;
  if (flaws.zero_rejected) {
    if (!first_write_at_) first_write_at_ = wall;
    return {wall - *first_write_at_, 0, node};
  }
  if (flaws.equal_stamps) return {wall / millisecond * millisecond, 0, node};
  if (!config_.hybrid) return {wall, boot_ * writes_per_boot + ++writes_, node};
  clock::HybridTime time = clock_.tick(wall);
  // flaw notes-clock-not-advanced: the clock forgets, but for its number of writes.
  if (flaws.clock_not_advanced) return {wall, boot_ * writes_per_boot + ++writes_, node};
  return {time.wall, time.count, node};
}

bool LwwNode::newer(const Entry& entry) const {
  auto found = registers_.find(entry.key);
  if (found != registers_.end()) return found->second.stamp < entry.stamp;
  return !config_.flaws.zero_rejected || entry.stamp.time > 0;
}

void LwwNode::adopt(const Entry& entry, bool received) {
  clock_.observe({entry.stamp.time, entry.stamp.count});
  bool blindly = received && config_.flaws.received_overwrites;
  if (!newer(entry) && !blindly) return;
  registers_[entry.key] = entry;
  store_.put(entry.key, to_bytes(entry));
  trace_entry("stored", entry);
}

void LwwNode::on_entries(const Entries& message) {
  for (const Entry& entry : message.entries) adopt(entry, true);
  barrier();
}

void LwwNode::send_digest() {
  std::size_t peers = runtime_.peers().size();
  if (peers < 2) return;
  auto self = static_cast<std::size_t>(runtime_.self().index);
  std::size_t peer = runtime_.rng().below(peers - 1);
  if (peer >= self) ++peer;
  Digest digest = digest_from(digest_from_);
  digest_from_ = digest.last == INT64_MAX ? INT64_MIN : digest.last + 1;
  runtime_.send(runtime_.peers()[peer], Message(std::move(digest)));
}

Digest LwwNode::digest_from(std::int64_t first) const {
  Digest digest{.first = first, .last = INT64_MAX};
  for (auto at = registers_.lower_bound(first); at != registers_.end(); ++at) {
    if (digest.stamps.size() == digest_max) {
      digest.last = at->first - 1;
      break;
    }
    digest.stamps.push_back({at->first, at->second.stamp});
  }
  return digest;
}

// Sends what is newer here, and asks for what is newer there by a digest of the same keys.
void LwwNode::on_digest(NodeId source, const Digest& digest) {
  std::map<std::int64_t, Stamp> theirs;
  bool behind = false;
  for (const auto& [key, stamp] : digest.stamps) {
    theirs[key] = stamp;
    behind = behind || newer({key, stamp, 0});
  }
  Entries newer_here;
  Digest own{.first = digest.first, .last = digest.last, .answer = true};
  for (auto at = registers_.lower_bound(digest.first);
       at != registers_.end() && at->first <= digest.last; ++at) {
    const Entry& entry = at->second;
    if (own.stamps.size() < digest_max) own.stamps.push_back({entry.key, entry.stamp});
    auto found = theirs.find(entry.key);
    bool ahead = found == theirs.end() || found->second < entry.stamp;
    if (ahead && newer_here.entries.size() < digest_max) newer_here.entries.push_back(entry);
  }
  if (!newer_here.entries.empty()) {
    runtime_.probe("anti-entropy sent entries");
    runtime_.send(source, Message(std::move(newer_here)));
  }
  if (behind && !digest.answer) runtime_.send(source, Message(std::move(own)));
}

void LwwNode::barrier() {
  if (!config_.flaws.ack_before_sync) runtime_.storage().sync();
}

void LwwNode::trace_entry(std::string_view kind, const Entry& entry) {
  runtime_.trace({.kind = kind,
                  .numbers = {{{"key", entry.key},
                               {"clock", entry.stamp.time},
                               {"count", entry.stamp.count},
                               {"origin", entry.stamp.node},
                               {"value", entry.value}}}});
}

}  // namespace sunder::lww
