#include "nodes/two_phase/journal.h"

#include "nodes/kv/bytes.h"

namespace sunder::two_phase {
namespace {

enum class Kind : std::int64_t { prepared, ended, decided };

void put(ByteWriter& out, Kind kind) { out.number(static_cast<std::int64_t>(kind)); }

Prepare get_prepare(ByteReader& in) {
  Prepare prepare;
  prepare.txn = in.number();
  prepare.snapshot = in.number();
  for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
    prepare.reads.push_back(in.number());
  }
  for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
    Write write;
    write.key = in.number();
    write.append = in.number() != 0;
    write.value = in.number();
    write.number = in.number();
    prepare.writes.push_back(write);
  }
  return prepare;
}

}  // namespace

void Journal::prepared(NodeId coordinator, const Prepare& prepare) {
  ByteWriter out;
  put(out, Kind::prepared);
  out.number(coordinator.index);
  out.number(prepare.txn);
  out.number(prepare.snapshot);
  out.number(static_cast<std::int64_t>(prepare.reads.size()));
  for (std::int64_t key : prepare.reads) out.number(key);
  out.number(static_cast<std::int64_t>(prepare.writes.size()));
  for (const Write& write : prepare.writes) {
    out.number(write.key);
    out.number(write.append ? 1 : 0);
    out.number(write.value);
    out.number(write.number);
  }
  storage_.append(out.take());
}

void Journal::ended(std::int64_t txn, std::int64_t time) {
  ByteWriter out;
  put(out, Kind::ended);
  out.number(txn);
  out.number(time);
  storage_.append(out.take());
}

void Journal::decided(const Decision& decision) {
  ByteWriter out;
  put(out, Kind::decided);
  out.number(decision.txn);
  out.number(decision.time);
  out.number(decision.client.index);
  storage_.append(out.take());
}

void Journal::recover(const Readers& readers) {
  std::uint64_t at = storage_.log_begin();
  for (; at < storage_.log_end(); ++at) {
    ByteReader in(storage_.log_read(at));
    std::int64_t kind = in.number();
    if (kind == static_cast<std::int64_t>(Kind::prepared)) {
      NodeId coordinator = NodeId::node(static_cast<std::int32_t>(in.number()));
      Prepare prepare = get_prepare(in);
      if (!in.ok()) break;
      readers.prepared(coordinator, std::move(prepare));
      continue;
    }
    std::int64_t txn = in.number();
    std::int64_t time = in.number();
    if (kind == static_cast<std::int64_t>(Kind::ended)) {
      if (!in.ok()) break;
      readers.ended(txn, time);
      continue;
    }
    NodeId client = NodeId::client(static_cast<std::int32_t>(in.number()));
    if (!in.ok()) break;
    readers.decided({txn, time, client});
  }
  if (at < storage_.log_end()) storage_.truncate_from(at);
}

}  // namespace sunder::two_phase
