#include "nodes/raft/log.h"

#include <algorithm>

#include "harness/core/assert.h"
#include "harness/core/digest.h"

namespace sunder::raft {
namespace {

std::int64_t chain(std::int64_t before, const Entry& entry) {
  Digest digest;
  digest.add(static_cast<std::uint64_t>(before));
  digest.add(static_cast<std::uint64_t>(entry.term) << 8 | entry.command.verb);
  digest.add(static_cast<std::uint64_t>(entry.command.session));
  digest.add(static_cast<std::uint64_t>(entry.command.sequence));
  digest.add(static_cast<std::uint64_t>(entry.command.key));
  digest.add(static_cast<std::uint64_t>(entry.command.value));
  digest.add(static_cast<std::uint64_t>(entry.command.expected));
  return static_cast<std::int64_t>(digest.value());
}

}  // namespace

void Log::recover(std::int64_t base, std::int64_t base_term, std::int64_t base_hash,
                  const Voters& voters) {
  slots_.clear();
  changes_.clear();
  base_voters_ = voters;
  base_ = base;
  base_term_ = base_term;
  base_hash_ = base_hash;
  std::uint64_t at = storage_.log_begin();
  std::uint64_t end = storage_.log_end();
  bool first = true;
  for (; at < end; ++at) {
    ByteReader in(storage_.log_read(at));
    std::int64_t index = in.number();
    Entry entry;
    entry.term = in.number();
    entry.command = get_command(in);
    if (first) storage_offset_ = index - static_cast<std::int64_t>(at);
    if (!in.ok() || index != storage_offset_ + static_cast<std::int64_t>(at)) break;
    if (first && index > base_ + 1) break;  // entries between snapshot and log are missing
    first = false;
    if (index > base_) push(entry);
  }
  if (at < end) storage_.truncate_from(at);
  if (slots_.empty()) reset(base, base_term, base_hash, voters);
}

void Log::push(const Entry& entry) {
  std::int64_t before = slots_.empty() ? base_hash_ : slots_.back().hash;
  slots_.push_back({entry, chain(before, entry)});
  const KvCommand& command = entry.command;
  if (command.kind() != KvVerb::configure) return;
  changes_.push_back({.now = command.value, .before = command.expected, .index = last_index()});
}

const Voters& Log::voters_at(std::int64_t index) const {
  auto after = std::find_if(changes_.rbegin(), changes_.rend(),
                            [&](const Voters& voters) { return voters.index <= index; });
  return after == changes_.rend() ? base_voters_ : *after;
}

std::int64_t Log::term_at(std::int64_t index) const {
  return index == base_ ? base_term_ : at(index).term;
}

std::int64_t Log::hash_at(std::int64_t index) const {
  if (index == base_) return base_hash_;
  ASSERT(has(index));
  return slot(index).hash;
}

const Entry& Log::at(std::int64_t index) const {
  ASSERT(has(index));
  return slot(index).entry;
}

std::int64_t Log::append(const Entry& entry) {
  push(entry);
  ByteWriter record;
  record.number(last_index());
  record.number(entry.term);
  put_command(record, entry.command);
  storage_.append(record.take());
  return last_index();
}

void Log::truncate_from(std::int64_t index) {
  ASSERT(has(index));
  slots_.resize(static_cast<std::size_t>(index - base_ - 1));
  storage_.truncate_from(position(index));
  while (!changes_.empty() && changes_.back().index >= index) changes_.pop_back();
}

void Log::discard_through(std::int64_t index) {
  if (index <= base_) return;
  ASSERT(has(index));
  base_term_ = term_at(index);
  base_hash_ = hash_at(index);
  base_voters_ = voters_at(index);
  std::erase_if(changes_, [&](const Voters& voters) { return voters.index <= index; });
  slots_.erase(slots_.begin(), slots_.begin() + (index - base_));
  base_ = index;
  storage_.discard_before(position(index + 1));
}

void Log::reset(std::int64_t index, std::int64_t term, std::int64_t hash,
                const Voters& voters) {
  slots_.clear();
  changes_.clear();
  base_voters_ = voters;
  base_ = index;
  base_term_ = term;
  base_hash_ = hash;
  storage_.discard_before(storage_.log_end());
  storage_offset_ = index + 1 - static_cast<std::int64_t>(storage_.log_end());
}

std::int64_t Log::first_of_term_at(std::int64_t index) const {
  ASSERT(has(index));
  std::int64_t term = term_at(index);
  auto end = slots_.begin() + (index - base_);
  auto first = std::partition_point(slots_.begin(), end,
                                    [&](const Slot& s) { return s.entry.term < term; });
  return base_ + 1 + (first - slots_.begin());
}

std::int64_t Log::last_up_to_term(std::int64_t term) const {
  auto after = std::partition_point(slots_.begin(), slots_.end(),
                                    [&](const Slot& s) { return s.entry.term <= term; });
  return base_ + (after - slots_.begin());
}

}  // namespace sunder::raft
