#include "nodes/jupiter/journal.h"

namespace sunder::jupiter {
namespace {

enum class Record : std::uint8_t { edited = 1, sealed = 2, received = 3, grown = 4 };

ByteWriter begin(Record record, std::int64_t key) {
  ByteWriter out;
  out.number(static_cast<std::int64_t>(record));
  out.number(key);
  return out;
}

}  // namespace

void Journal::edited(std::int64_t key, const Edit& edit, const text::Update& update) {
  ByteWriter out = begin(Record::edited, key);
  put_change(out, {edit});
  text::put_update(out, update);
  storage_.append(out.take());
}

void Journal::sealed(std::int64_t key) { storage_.append(begin(Record::sealed, key).take()); }

void Journal::grown(std::int64_t key) { storage_.append(begin(Record::grown, key).take()); }

void Journal::received(std::int64_t key, std::int64_t peer, std::int64_t index,
                       const Operation& operation) {
  ByteWriter out = begin(Record::received, key);
  out.number(peer);
  out.number(index);
  out.number(operation.origin);
  out.number(operation.confirmed);
  put_change(out, operation.change);
  out.number(static_cast<std::int64_t>(operation.updates.size()));
  for (const text::Update& update : operation.updates) text::put_update(out, update);
  storage_.append(out.take());
}

void Journal::recover(const Replay& replay) {
  std::uint64_t at = storage_.log_begin();
  while (at < storage_.log_end() && play(storage_.log_read(at), replay)) ++at;
  if (at < storage_.log_end()) storage_.truncate_from(at);
}

bool Journal::play(const Bytes& record, const Replay& replay) {
  ByteReader in(record);
  auto kind = static_cast<Record>(in.number());
  std::int64_t key = in.number();
  switch (kind) {
    case Record::edited: {
      Change change = get_change(in);
      text::Update update = text::get_update(in);
      return in.ok() && change.size() == 1 && replay.edited(key, change.front(), update);
    }
    case Record::sealed: return in.ok() && replay.sealed(key);
    case Record::grown: return in.ok() && replay.grown(key);
    case Record::received: {
      std::int64_t peer = in.number();
      std::int64_t index = in.number();
      Operation operation{.origin = in.number()};
      operation.confirmed = in.number();
      operation.change = get_change(in);
      for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
        operation.updates.push_back(text::get_update(in));
      }
      return in.ok() && replay.received(key, peer, index, operation);
    }
  }
  return false;
}

}  // namespace sunder::jupiter
