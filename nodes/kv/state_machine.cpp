#include "nodes/kv/state_machine.h"

#include <algorithm>

namespace sunder {

namespace {

std::uint64_t part_of_register(std::int64_t key, std::int64_t value) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(key));
  digest.add(static_cast<std::uint64_t>(value));
  return digest.value();
}

}  // namespace

std::uint64_t KvStateMachine::part(std::int64_t id, const Session& session) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(id));
  digest.add(static_cast<std::uint64_t>(session.sequence));
  digest.add(static_cast<std::uint64_t>(session.answer.code) << 1 |
             (session.answer.value ? 1 : 0));
  digest.add(static_cast<std::uint64_t>(session.answer.value.value_or(0)));
  digest.add(static_cast<std::uint64_t>(session.used_at));
  return digest.value();
}

KvAnswer KvStateMachine::apply(std::int64_t index, const KvCommand& command) {
  if (command.kind() == KvVerb::noop || command.kind() == KvVerb::configure) return {};
  if (command.kind() == KvVerb::open_session) {
    Session& session = sessions_[index];
    session.used_at = index;
    digest_ += part(index, session);
    expire_sessions();
    return {.value = index};
  }
  if (command.session == 0) return execute(command);
  auto found = sessions_.find(command.session);
  if (found == sessions_.end()) return {.code = KvCode::session_expired};
  Session& session = found->second;
  if (!would_execute(command)) {
    // The client waits for one answer at a time, so an older command has nobody listening.
    return command.sequence == session.sequence ? session.answer
                                                : KvAnswer{.code = KvCode::session_expired};
  }
  digest_ -= part(found->first, session);
  session = {.sequence = command.sequence, .answer = execute(command), .used_at = index};
  digest_ += part(found->first, session);
  return session.answer;
}

bool KvStateMachine::would_execute(const KvCommand& command) const {
  if (command.session == 0) return true;
  auto found = sessions_.find(command.session);
  if (found == sessions_.end()) return false;
  return command.sequence > found->second.sequence || limits_.apply_retries;
}

void KvStateMachine::set(std::int64_t key, std::int64_t value) {
  auto [at, fresh] = registers_.try_emplace(key, value);
  if (!fresh) digest_ -= part_of_register(key, at->second);
  at->second = value;
  digest_ += part_of_register(key, value);
}

KvAnswer KvStateMachine::execute(const KvCommand& command) {
  switch (command.kind()) {
    case KvVerb::read: return read(command.key);
    case KvVerb::write: set(command.key, command.value); return {};
    case KvVerb::cas: {
      auto found = registers_.find(command.key);
      if (found == registers_.end() || found->second != command.expected) {
        return {.code = KvCode::condition_failed};
      }
      set(command.key, command.value);
      return {};
    }
    case KvVerb::noop:
    case KvVerb::open_session: return {};
    case KvVerb::read_range: return observe(command);
    default: return objects_.execute(command);
  }
}

KvAnswer KvStateMachine::observe(const KvCommand& command) const {
  if (command.kind() == KvVerb::read) return read(command.key);
  if (command.kind() != KvVerb::read_range) return objects_.observe(command);
  KvAnswer answer;  // pairs of key and value; what was never written is left out
  for (auto at = registers_.lower_bound(command.key); at != registers_.end(); ++at) {
    // Both are ordered, so the difference is not negative; it may be too large for its type.
    auto beyond = static_cast<std::uint64_t>(at->first) - static_cast<std::uint64_t>(command.key);
    if (command.value < 0 || beyond >= static_cast<std::uint64_t>(command.value)) break;
    answer.list.push_back(at->first);
    answer.list.push_back(at->second);
  }
  return answer;
}

KvAnswer KvStateMachine::read(std::int64_t key) const {
  auto found = registers_.find(key);
  if (found == registers_.end()) return {};
  return {.value = found->second};
}

void KvStateMachine::expire_sessions() {
  while (sessions_.size() > limits_.sessions) {
    auto oldest = std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.used_at < b.second.used_at; });
    digest_ -= part(oldest->first, oldest->second);
    sessions_.erase(oldest);
  }
}

std::string KvStateMachine::snapshot() const {
  ByteWriter out;
  // A negative number tells that objects follow at the end.
  auto registers = static_cast<std::int64_t>(registers_.size());
  out.number(objects_.empty() ? registers : -1 - registers);
  for (const auto& [key, value] : registers_) {
    out.number(key);
    out.number(value);
  }
  out.number(static_cast<std::int64_t>(sessions_.size()));
  for (const auto& [id, session] : sessions_) {
    const Session kept = limits_.forget_in_snapshot ? Session{.used_at = session.used_at} : session;
    out.number(id);
    out.number(kept.sequence);
    out.number(static_cast<std::int64_t>(kept.answer.code));
    out.number(kept.answer.value ? 1 : 0);
    out.number(kept.answer.value.value_or(0));
    out.number(kept.used_at);
  }
  if (!objects_.empty()) objects_.put(out);
  return out.take();
}

bool KvStateMachine::restore(std::string_view bytes) {
  ByteReader in(bytes);
  KvStateMachine fresh(limits_);
  std::int64_t registers = in.number();
  bool has_objects = registers < 0;
  for (std::int64_t left = has_objects ? -1 - registers : registers; left > 0 && in.ok(); --left) {
    std::int64_t key = in.number();
    fresh.set(key, in.number());
  }
  for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
    std::int64_t id = in.number();
    Session session;
    session.sequence = in.number();
    session.answer.code = static_cast<KvCode>(in.number());
    bool has_value = in.number() != 0;
    std::int64_t value = in.number();
    if (has_value) session.answer.value = value;
    session.used_at = in.number();
    if (fresh.sessions_.try_emplace(id, session).second) fresh.digest_ += part(id, session);
  }
  if (has_objects && !fresh.objects_.get(in)) return false;
  if (!in.ok() || !in.at_end()) return false;
  *this = std::move(fresh);
  return true;
}

}  // namespace sunder
