#include "harness/sim/disk.h"

#include "harness/core/assert.h"

namespace sunder {

const Bytes& SimDisk::log_read(std::uint64_t index) const {
  ASSERT(index >= begin_ && index < log_end());
  return log_[index - begin_];
}

void SimDisk::append(Bytes record) {
  log_.push_back(std::move(record));
  writes_.push_back(Write{Kind::append, 0, nullptr});
}

void SimDisk::truncate_from(std::uint64_t index) {
  ASSERT(index >= begin_);
  if (index >= log_end()) return;
  auto undo = std::make_unique<Undo>();
  auto first = log_.begin() + static_cast<std::ptrdiff_t>(index - begin_);
  undo->records.assign(std::make_move_iterator(first), std::make_move_iterator(log_.end()));
  log_.erase(first, log_.end());
  writes_.push_back(Write{Kind::truncate, index, std::move(undo)});
}

void SimDisk::discard_before(std::uint64_t index) {
  if (index <= begin_) return;
  auto undo = std::make_unique<Undo>();
  undo->number = begin_;
  auto count = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(index - begin_, log_.size()));
  undo->records.assign(std::make_move_iterator(log_.begin()),
                       std::make_move_iterator(log_.begin() + count));
  log_.erase(log_.begin(), log_.begin() + count);
  begin_ = index;
  writes_.push_back(Write{Kind::discard, index, std::move(undo)});
}

const Bytes* SimDisk::get(std::string_view key) const {
  auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : found->second.get();
}

void SimDisk::put(std::string_view key, Bytes value) {
  auto undo = std::make_unique<Undo>();
  undo->key = key;
  undo->value = std::make_unique<Bytes>(std::move(value));
  exchange(*undo);
  writes_.push_back(Write{Kind::key, 0, std::move(undo)});
}

void SimDisk::erase(std::string_view key) {
  if (get(key) == nullptr) return;
  auto undo = std::make_unique<Undo>();
  undo->key = key;
  exchange(*undo);
  writes_.push_back(Write{Kind::key, 0, std::move(undo)});
}

void SimDisk::exchange(Undo& undo) {
  auto found = keys_.find(undo.key);
  if (found == keys_.end()) {
    if (undo.value != nullptr) keys_.emplace(undo.key, std::move(undo.value));
    return;
  }
  std::swap(found->second, undo.value);
  if (found->second == nullptr) keys_.erase(found);
}

void SimDisk::commit(std::uint64_t position) {
  while (committed_ < position) {
    writes_.pop_front();
    ++committed_;
  }
}

void SimDisk::undo(Write& write) {
  switch (write.kind) {
    case Kind::append:
      write.undo = std::make_unique<Undo>();
      write.undo->records.push_back(std::move(log_.back()));
      log_.pop_back();
      break;
    case Kind::truncate:
      for (Bytes& record : write.undo->records) log_.push_back(std::move(record));
      write.undo->records.clear();
      break;
    case Kind::discard:
      log_.insert(log_.begin(), std::make_move_iterator(write.undo->records.begin()),
                  std::make_move_iterator(write.undo->records.end()));
      write.undo->records.clear();
      begin_ = write.undo->number;
      break;
    case Kind::key:
      exchange(*write.undo);
      break;
  }
}

void SimDisk::redo(Write& write) {
  switch (write.kind) {
    case Kind::append:
      append(std::move(write.undo->records.front()));
      break;
    case Kind::truncate:
      truncate_from(write.index);
      break;
    case Kind::discard:
      discard_before(write.index);
      break;
    case Kind::key:
      if (write.undo->value != nullptr) {
        put(write.undo->key, std::move(*write.undo->value));
      } else {
        erase(write.undo->key);
      }
      break;
  }
}

void SimDisk::crash(std::uint64_t issued, CrashPolicy policy, Rng& rng) {
  ASSERT(issued >= committed_ && issued <= position());
  for (auto write = writes_.rbegin(); write != writes_.rend(); ++write) undo(*write);
  auto end = writes_.begin() + static_cast<std::ptrdiff_t>(issued - committed_);
  std::vector<Write> lost(std::make_move_iterator(writes_.begin()), std::make_move_iterator(end));
  writes_.clear();
  if (policy == CrashPolicy::drawn) {
    constexpr std::array policies = {CrashPolicy::none, CrashPolicy::prefix, CrashPolicy::subset};
    policy = policies[rng.below(policies.size())];
  }
  if (policy == CrashPolicy::prefix) redo_prefix(lost, rng);
  if (policy == CrashPolicy::subset) redo_subset(lost, rng);
  if (policy == CrashPolicy::all) {
    for (Write& write : lost) redo(write);
  }
  committed_ += writes_.size();
  writes_.clear();
}

void SimDisk::wipe() {
  ASSERT(writes_.empty());
  log_.clear();
  begin_ = 0;
  keys_.clear();
}

std::int64_t SimDisk::entries() const {
  return static_cast<std::int64_t>(log_.size() + keys_.size());
}

SimDisk::Image SimDisk::durable() {
  for (auto write = writes_.rbegin(); write != writes_.rend(); ++write) undo(*write);
  Image image{log_, begin_, {}};
  for (const auto& [key, value] : keys_) image.keys.emplace(key, *value);
  std::deque<Write> undone = std::exchange(writes_, {});
  for (Write& write : undone) redo(write);
  return image;
}

void SimDisk::go_back(const Image& past) {
  ASSERT(writes_.empty());
  log_ = past.log;
  begin_ = past.begin;
  keys_.clear();
  for (const auto& [key, value] : past.keys) keys_.emplace(key, std::make_unique<Bytes>(value));
}

std::int64_t SimDisk::Image::difference(const Image& other) const {
  std::int64_t count = 0;
  std::uint64_t end = std::max(begin + log.size(), other.begin + other.log.size());
  for (std::uint64_t index = std::min(begin, other.begin); index < end; ++index) {
    bool here = index >= begin && index < begin + log.size();
    bool there = index >= other.begin && index < other.begin + other.log.size();
    bool same = here == there && (!here || log[index - begin] == other.log[index - other.begin]);
    count += same ? 0 : 1;
  }
  for (const auto& [key, value] : keys) {
    auto found = other.keys.find(key);
    count += found == other.keys.end() || found->second != value ? 1 : 0;
  }
  for (const auto& [key, value] : other.keys) count += keys.contains(key) ? 0 : 1;
  return count;
}

void SimDisk::redo_prefix(std::vector<Write>& writes, Rng& rng) {
  std::uint64_t kept = rng.below(writes.size() + 1);
  for (std::uint64_t i = 0; i < kept; ++i) redo(writes[i]);
}

// A log whose records carry checksums is read up to its first hole, so of the log's writes only a
// prefix can be seen again. Keys are independent of each other and of the log.
void SimDisk::redo_subset(std::vector<Write>& writes, Rng& rng) {
  std::uint64_t log_writes = 0;
  for (const Write& write : writes) log_writes += write.kind == Kind::key ? 0u : 1u;
  std::uint64_t kept = rng.below(log_writes + 1);
  std::uint64_t seen = 0;
  for (Write& write : writes) {
    bool keep = write.kind == Kind::key ? rng.chance({1, 2}) : seen++ < kept;
    if (keep) redo(write);
  }
}

}  // namespace sunder
