#include "tests/fuzz/support/wild_history.h"

#include <iterator>

namespace sunder::fuzz {
namespace {

constexpr const char* verbs[] = {
    "read",   "write",     "cas",       "add",      "remove",    "contains",  "enqueue", "dequeue",
    "drain",  "push",      "pop",       "insert",   "delete",    "acquire",   "release", "renew",
    "use",    "generate",  "timestamp", "transfer", "increment", "decrement", "send",    "poll",
    "assign", "subscribe", "txn",       "crash",    "get",       "put",       "append",  "start"};
constexpr const char* words[] = {
    "seen",  "dot",   "value", "stamp", "n1",   "n2",     "from",    "to",       "amount", "token",
    "id",    "after", "at",    "send",  "poll", "append", "r",       "w",        "offset", "empty",
    "until", "lease", "owner", "key",   "sum",  "count",  "element", "elements", "time",   "x"};
constexpr std::size_t ops_max = 300;
constexpr int depth_max = 4;

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool any() const { return at_ != end_; }
  std::uint8_t next() {
    if (at_ == end_) return 0;
    return *at_++;
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

std::int64_t some_number(Bytes& bytes) {
  std::uint8_t byte = bytes.next();
  if (byte < 250) return byte % 8 - 1;
  constexpr std::int64_t far[] = {INT64_MAX, INT64_MIN, INT32_MAX, INT64_C(1) << 32, -1, 0};
  return far[byte - 250];
}

Value some_value(Bytes& bytes, int depth) {
  std::uint8_t byte = bytes.next();
  std::size_t many = static_cast<std::size_t>(byte) / 8 % 4;
  switch (depth == depth_max ? byte % 5 : byte % 8) {
    case 0: return nullptr;
    case 1: return byte > 127;
    case 2: return words[bytes.next() % std::size(words)];
    case 3:
    case 4: return some_number(bytes);
    case 5: {
      Map map;
      for (std::size_t i = 0; i <= many; ++i) {
        map[words[bytes.next() % std::size(words)]] = some_value(bytes, depth + 1);
      }
      return map;
    }
    case 6: return Value::pair(some_number(bytes), some_value(bytes, depth + 1));
    default: {
      List list;
      for (std::size_t i = 0; i < many; ++i) list.push_back(some_value(bytes, depth + 1));
      return list;
    }
  }
}

}  // namespace

History wild_history(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  HistoryBuilder builder;
  std::int64_t time = 0;
  while (bytes.any() && builder.size() < ops_max) {
    std::uint8_t byte = bytes.next();
    Op op;
    op.process = Process{byte % 8 == 7 ? -1 : byte % 8 % 4};
    op.phase = static_cast<Phase>(byte / 8 % 4);
    op.verb = verbs[bytes.next() % std::size(verbs)];
    op.value = some_value(bytes, 0);
    time += byte / 32;
    op.time = at_start + Duration(time);
    if (op.phase == Phase::fail || op.phase == Phase::info) op.error = "timed out";
    builder.add(op);
  }
  return builder.take();
}

}  // namespace sunder::fuzz
