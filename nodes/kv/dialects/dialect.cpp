#include "nodes/kv/dialects/dialect.h"

#include "harness/core/assert.h"
#include "nodes/kv/dialects/dialects.h"

namespace sunder {
namespace {

struct Entry {
  std::string_view datatype;
  std::vector<std::string> verbs;
  std::unique_ptr<KvDialect> (*make)();
  bool leased = false;
};

std::vector<Entry> entries() {
  return {
      {"cas-register", {"read", "write", "cas"}, register_dialect},
      {"register", {"read", "write"}, register_dialect},
      {"g-set", {"add", "read"}, set_dialect},
      {"fifo-queue", {"enqueue", "dequeue"}, queue_dialect},
      {"counter", {"add", "read"}, counter_dialect},
      {"unique-ids", {"generate"}, id_dialect},
      {"fenced-mutex", {"acquire", "release"}, lock_dialect},
      {"bank", {"transfer", "read"}, bank_dialect},
      {"multi-register", {"txn"}, multi_register_dialect},
      {"kafka", {"assign", "send", "poll"}, log_dialect},
      {"fenced-mutex", {"acquire", "release"}, lease_dialect, true},
      {"fenced-resource", {"acquire", "release", "write"}, lease_dialect, true},
      {"lease", {"acquire", "renew", "release"}, lease_dialect, true},
  };
}

}  // namespace

std::unique_ptr<KvDialect> kv_dialect(std::string_view datatype) {
  if (datatype.empty()) return register_dialect();
  for (const Entry& entry : entries()) {
    if (entry.datatype == datatype && !entry.leased) return entry.make();
  }
  ASSERT_MSG(false, datatype);
  return nullptr;
}

std::map<std::string, std::vector<std::string>> kv_verbs() {
  std::map<std::string, std::vector<std::string>> verbs;
  for (const Entry& entry : entries()) {
    if (!entry.leased) verbs[std::string(entry.datatype)] = entry.verbs;
  }
  return verbs;
}

std::map<std::string, std::vector<std::string>> lease_verbs() {
  std::map<std::string, std::vector<std::string>> verbs;
  for (const Entry& entry : entries()) {
    if (entry.leased) verbs[std::string(entry.datatype)] = entry.verbs;
  }
  return verbs;
}

KeyedArgument::KeyedArgument(const Value& value) : argument(&value) {
  if (!value.is_list() || value.list().size() != 2 || !value.list()[0].is_integer()) return;
  keyed = true;
  key = value.list()[0].integer();
  argument = &value.list()[1];
}

Value KeyedArgument::with_key(Value answer) const {
  return keyed ? Value::pair(Value(key), std::move(answer)) : answer;
}

KvCommand kv_command(KvVerb verb, std::int64_t key, std::int64_t value, std::int64_t expected) {
  return {
      .verb = static_cast<std::uint8_t>(verb), .key = key, .value = value, .expected = expected};
}

}  // namespace sunder
