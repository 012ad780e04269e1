#include "nodes/text/client.h"

#include "harness/core/assert.h"

namespace sunder::text {
namespace {

constexpr Duration retry_after = std::chrono::milliseconds(400);     // of a read
constexpr Duration give_up_after = std::chrono::milliseconds(1500);  // of an update

std::optional<Verb> verb_from(std::string_view verb) {
  if (verb == "insert") return Verb::insert;
  if (verb == "delete") return Verb::erase;
  if (verb == "read" || verb == "final-read") return Verb::read;
  if (verb == "log") return Verb::log;
  return {};
}

// {"value": element, "position": k, "tag": t} of an insert; a delete has no position. Without a tag
// a site could not tell a copy of the update from another one after a restart.
bool read_update(const Value& argument, Request& request) {
  const Value* element = argument.find("value");
  const Value* tag = argument.find("tag");
  if (element == nullptr || !element->is_integer()) return false;
  if (tag == nullptr || !tag->is_text() || tag->text().empty()) return false;
  request.element = element->integer();
  request.tag = tag->text();
  if (static_cast<Verb>(request.verb) == Verb::erase) return true;
  const Value* position = argument.find("position");
  if (position == nullptr || !position->is_integer() || position->integer() < 0) return false;
  request.position = position->integer();
  return true;
}

std::optional<Request> request_from(const Op& invocation) {
  std::optional<Verb> verb = verb_from(invocation.verb);
  if (!verb || !invocation.value.is_list() || invocation.value.list().size() != 2) return {};
  const Value& key = invocation.value.list()[0];
  if (!key.is_integer()) return {};
  Request request{.op = static_cast<std::int64_t>(invocation.index),
                  .verb = static_cast<std::uint8_t>(*verb),
                  .key = key.integer()};
  bool update = *verb == Verb::insert || *verb == Verb::erase;
  if (update && !read_update(invocation.value.list()[1], request)) return {};
  return request;
}

Value site_name(std::int64_t origin) { return Value("n" + std::to_string(origin + 1)); }

Value dot(std::int64_t origin, std::int64_t sequence) {
  return Value::pair(site_name(origin), Value(sequence));
}

Value vector_of(const std::vector<std::int64_t>& seen) {
  Map map;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] > 0) map.set(site_name(static_cast<std::int64_t>(i)), Value(seen[i]));
  }
  return Value(std::move(map));
}

Value list_of(const std::vector<LogEntry>& entries) {
  List list;
  list.reserve(entries.size());
  for (const LogEntry& entry : entries) {
    Map map;
    map["dot"] = dot(entry.origin, entry.sequence);
    map["tag"] = entry.tag;
    map["seen"] = vector_of(entry.seen);
    list.emplace_back(std::move(map));
  }
  return Value(std::move(list));
}

}  // namespace

OptionSpec sessions_option() {
  return {"sessions",
          OptionSpec::Kind::choice,
          "pinned",
          "whether a session asks always its own site, or any for each operation, which breaks "
          "what sessions are promised",
          {"pinned", "moving"}};
}

TextClient::TextClient(Channel& channel, bool pinned)
    : channel_(channel), pinned_(pinned), target_(channel.home()) {
  channel_.on_receive([this](const Envelope& envelope) {
    if (const Reply* reply = envelope.message.as<Reply>()) on_reply(*reply);
  });
}

TextClient::~TextClient() {
  channel_.cancel_timer(timer_);
  channel_.on_receive({});
}

void TextClient::invoke(const Op& invocation, Complete complete) {
  ASSERT(!complete_);
  std::optional<Request> request = request_from(invocation);
  if (!request) {
    complete(Outcome::fail("refused: no insert, delete, read or log of a document"));
    return;
  }
  request_ = *std::move(request);
  request_.msg_id = ++msg_id_;
  complete_ = std::move(complete);
  if (!pinned_) target_ = channel_.servers()[channel_.rng().below(channel_.servers().size())];
  send();
}

bool TextClient::updates() const {
  auto verb = static_cast<Verb>(request_.verb);
  return verb == Verb::insert || verb == Verb::erase;
}

void TextClient::send() {
  channel_.send(target_, Message(request_));
  timer_ = channel_.start_timer(updates() ? give_up_after : retry_after, [this] { on_timer(); });
}

void TextClient::on_timer() {
  if (!updates()) return send();
  finish(Outcome::info("no answer from " + to_string(target_)));
}

void TextClient::on_reply(const Reply& reply) {
  if (!complete_ || reply.in_reply_to != msg_id_) return;
  switch (static_cast<Code>(reply.code)) {
    case Code::ok: finish(Outcome::ok(Value::pair(Value(request_.key), answer(reply)))); return;
    case Code::refused: finish(Outcome::fail("refused: the document has no such element")); return;
  }
  finish(Outcome::info("an answer that nobody knows"));
}

Value TextClient::answer(const Reply& reply) const {
  Map map;
  if (static_cast<Verb>(request_.verb) == Verb::log) {
    map["log"] = list_of(reply.log);
    return Value(std::move(map));
  }
  List document;
  document.reserve(reply.document.size());
  for (std::int64_t element : reply.document) document.emplace_back(element);
  map["value"] = Value(std::move(document));
  map["seen"] = vector_of(reply.seen);
  if (updates()) map["dot"] = dot(reply.origin, reply.sequence);
  return Value(std::move(map));
}

void TextClient::finish(Outcome outcome) {
  channel_.cancel_timer(timer_);
  timer_ = {};
  // The callee may destroy this client or invoke the next op.
  Complete complete = std::move(complete_);
  complete_ = {};
  complete(std::move(outcome));
}

}  // namespace sunder::text
