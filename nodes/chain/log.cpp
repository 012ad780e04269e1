#include "nodes/chain/log.h"

#include "harness/core/assert.h"
#include "harness/core/digest.h"

namespace sunder::chain {
namespace {

constexpr std::string_view snapshot_key = "chain snapshot";

std::string entry_key(std::int64_t index) { return "chain entry " + std::to_string(index); }

std::int64_t linked(std::int64_t before, const Entry& entry) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(before));
  const KvCommand& command = entry.command;
  for (std::int64_t number : {entry.epoch, static_cast<std::int64_t>(command.verb),
                              command.session, command.sequence, command.key, command.value,
                              command.expected}) {
    digest.add(static_cast<std::uint64_t>(number));
  }
  return static_cast<std::int64_t>(digest.value());
}

}  // namespace

void Log::recover() {
  if (const Bytes* saved = storage_.get(snapshot_key)) {
    ByteReader in(*saved);
    ByteWriter head;
    for (std::int64_t* number : {&base_, &base_hash_, &lineage_, &erased_}) {
      *number = in.number();
      head.number(*number);
    }
    state_ = saved->substr(head.take().size());
    erase_replaced();
  }
  while (const Bytes* saved = storage_.get(entry_key(last() + 1))) {
    ByteReader in(*saved);
    std::int64_t lineage = in.number();
    std::int64_t before = in.number();
    Entry entry{.epoch = in.number(), .command = {}};
    entry.command = get_command(in);
    if (!in.ok() || lineage != lineage_ || before != hash_at(last())) break;
    slots_.push_back({entry, linked(before, entry)});
  }
}

std::int64_t Log::hash_at(std::int64_t index) const {
  if (index == base_) return base_hash_;
  ASSERT(index > base_ && index <= last());
  return slots_[static_cast<std::size_t>(index - base_ - 1)].hash;
}

const Entry& Log::at(std::int64_t index) const {
  ASSERT(index > base_ && index <= last());
  return slots_[static_cast<std::size_t>(index - base_ - 1)].entry;
}

void Log::append(const Entry& entry) {
  std::int64_t before = hash_at(last());
  slots_.push_back({entry, linked(before, entry)});
  ByteWriter out;
  out.number(lineage_);
  out.number(before);
  out.number(entry.epoch);
  put_command(out, entry.command);
  storage_.put(entry_key(last()), out.take());
}

void Log::compact(std::int64_t index, std::string state) {
  std::int64_t hash = hash_at(index);
  slots_.erase(slots_.begin(), slots_.begin() + (index - base_));
  save_snapshot(index, hash, std::move(state));
}

void Log::install(std::int64_t index, std::int64_t hash, std::int64_t lineage,
                  std::string state) {
  slots_.clear();
  lineage_ = lineage;
  erased_ = std::min(erased_, index);
  save_snapshot(index, hash, std::move(state));
}

void Log::save_snapshot(std::int64_t index, std::int64_t hash, std::string state) {
  base_ = index;
  base_hash_ = hash;
  state_ = std::move(state);
  ByteWriter head;
  for (std::int64_t number : {base_, base_hash_, lineage_, erased_}) head.number(number);
  storage_.put(snapshot_key, head.take() + state_);
  barrier();
}

void Log::erase_replaced() {
  while (erased_ < base_) storage_.erase(entry_key(++erased_));
}

void Log::barrier() {
  if (syncs_) storage_.sync();
}

}  // namespace sunder::chain
