#include "nodes/dynamo/holdings.h"

#include <algorithm>

#include "nodes/kv/bytes.h"

namespace sunder::dynamo {
namespace {

constexpr std::int64_t itself = -1;

std::string name(std::int64_t owner, std::int64_t key) {
  return "version " + std::to_string(owner) + " " + std::to_string(key);
}

}  // namespace

Holdings::Holdings(Runtime& runtime, const Ring& ring, const Flaws& flaws)
    : runtime_(runtime), ring_(ring), flaws_(flaws), trees_(ring.nodes()) {}

void Holdings::recover() {
  Storage& storage = runtime_.storage();
  std::uint64_t at = storage.log_begin();
  for (; at < storage.log_end(); ++at) {
    ByteReader in(storage.log_read(at));
    std::int64_t owner = in.number();
    std::int64_t key = in.number();
    if (!in.ok() || owner < itself || owner >= std::ssize(trees_)) break;  // torn: nobody knows
    const Bytes* saved = storage.get(name(owner, key));
    if (saved == nullptr || !logged_.emplace(owner, key).second) continue;
    ByteReader record(*saved);
    Version version;
    version.stamp.number = record.number();
    version.stamp.node = record.number();
    version.stamp.boot = record.number();
    version.value = record.number();
    if (!record.ok()) continue;
    if (owner == itself) {
      versions_[key] = version;
      note(key, {}, version.stamp);
      trace("held", "value", version.value, key, version.stamp);
    } else {
      hints_[static_cast<std::size_t>(owner)][key] = version;
      trace("hint-held", "owner", owner, key, version.stamp);
    }
  }
  if (at < storage.log_end()) storage.truncate_from(at);
}

void Holdings::adopt(std::int64_t key, const Version& version, bool blindly) {
  Stamp before = this->version(key).stamp;
  if (!(before < version.stamp) && !blindly) return;
  versions_[key] = version;
  if (!flaws_.tree_not_updated || before.number == 0) note(key, before, version.stamp);
  write(itself, key, version);
  trace("stored", "value", version.value, key, version.stamp);
}

void Holdings::keep_hint(std::size_t owner, std::int64_t key, const Version& version) {
  Version& hint = hints_[owner][key];
  if (!(hint.stamp < version.stamp)) return;
  hint = version;
  auto index = static_cast<std::int64_t>(owner);
  if (!flaws_.hints_in_memory) write(index, key, version);
  trace("hinted", "owner", index, key, version.stamp);
}

void Holdings::drop_hint(std::size_t owner, std::int64_t key, const Stamp& given) {
  auto of_owner = hints_.find(owner);
  if (of_owner == hints_.end()) return;
  auto hint = of_owner->second.find(key);
  if (hint == of_owner->second.end() || given < hint->second.stamp) return;
  auto index = static_cast<std::int64_t>(owner);
  trace("dropped", "owner", index, key, hint->second.stamp);
  runtime_.storage().erase(name(index, key));
  of_owner->second.erase(hint);
  if (of_owner->second.empty()) hints_.erase(of_owner);
}

const Version& Holdings::version(std::int64_t key) const {
  static const Version nothing;
  auto found = versions_.find(key);
  return found == versions_.end() ? nothing : found->second;
}

const Version& Holdings::newest(std::int64_t key) const {
  const Version* best = &version(key);
  for (const auto& [owner, hints] : hints_) {
    auto found = hints.find(key);
    if (found != hints.end() && best->stamp < found->second.stamp) best = &found->second;
  }
  return *best;
}

std::vector<std::int64_t> Holdings::shared_keys(std::size_t leaf, std::size_t peer) const {
  std::vector<std::int64_t> shared;
  auto found = keys_.find(leaf);
  if (found == keys_.end()) return shared;
  for (std::int64_t key : found->second) {
    if (ring_.is_replica(peer, key)) shared.push_back(key);
  }
  return shared;
}

void Holdings::write(std::int64_t owner, std::int64_t key, const Version& version) {
  ByteWriter record;
  record.number(version.stamp.number);
  record.number(version.stamp.node);
  record.number(version.stamp.boot);
  record.number(version.value);
  runtime_.storage().put(name(owner, key), record.take());
  if (!logged_.emplace(owner, key).second) return;
  ByteWriter line;
  line.number(owner);
  line.number(key);
  runtime_.storage().append(line.take());
}

void Holdings::note(std::int64_t key, const Stamp& before, const Stamp& after) {
  keys_[MerkleTree::leaf_of(key)].insert(key);
  for (std::size_t peer : ring_.preference(key)) trees_[peer].replace(key, before, after);
}

void Holdings::trace(std::string_view kind, std::string_view first, std::int64_t number,
                     std::int64_t key, const Stamp& stamp) {
  runtime_.trace({.kind = kind,
                  .numbers = {{{first, number},
                               {"key", key},
                               {"number", stamp.number},
                               {"coordinator", stamp.node},
                               {"boot", stamp.boot}}}});
}

}  // namespace sunder::dynamo
