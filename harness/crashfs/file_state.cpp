#include "harness/crashfs/file_state.h"

#include <algorithm>

namespace sunder::crashfs {
namespace {

std::vector<Range> merged(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.offset < b.offset; });
  std::vector<Range> result;
  for (const Range& range : ranges) {
    if (range.size == 0) continue;
    if (result.empty() || result.back().offset + result.back().size < range.offset) {
      result.push_back(range);
    } else {
      Range& last = result.back();
      last.size = std::max(last.size, range.offset + range.size - last.offset);
    }
  }
  return result;
}

/// Calls visit(unit, offset, bytes) for each piece of a write that lies within one unit.
template <class Visit>
void each_piece(std::uint64_t unit, std::uint64_t offset, std::string_view bytes, Visit visit) {
  while (!bytes.empty()) {
    auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>(unit - offset % unit, bytes.size()));
    visit(offset / unit, offset, bytes.substr(0, count));
    bytes.remove_prefix(count);
    offset += count;
  }
}

}  // namespace

std::size_t FileState::changes_before(std::uint64_t sequence) const {
  auto first = std::find_if(changes_.begin(), changes_.end(), [&](const Change& change) {
    return change.sequence >= sequence;
  });
  return static_cast<std::size_t>(first - changes_.begin());
}

std::vector<std::uint64_t> FileState::moments() const {
  std::vector<std::uint64_t> moments;
  for (const Change& change : changes_) moments.push_back(change.sequence);
  return moments;
}

std::vector<Range> FileState::unsynced() const {
  std::vector<Range> ranges = doomed_;
  for (const Change& change : changes_) {
    if (!change.resizes) ranges.push_back({change.place, change.bytes.size()});
  }
  return merged(std::move(ranges));
}

void FileState::write(std::uint64_t sequence, std::uint64_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  now_.write(offset, bytes);
  changes_.push_back({sequence, false, offset, std::string(bytes), false});
  pending_bytes_ += bytes.size();
}

void FileState::resize(std::uint64_t sequence, std::uint64_t size) {
  if (size == now_.size()) return;
  changes_.push_back({sequence, true, size, {}, size < now_.size()});
  now_.resize(size);
}

void FileState::sync() {
  for (const Change& change : changes_) {
    if (change.resizes) {
      durable_.resize(change.place);
    } else {
      durable_.write(change.place, change.bytes);
    }
  }
  changes_.clear();
  pending_bytes_ = 0;
  std::erase_if(doomed_, [&](const Range& range) {
    return now_.read(range.offset, range.size) == durable_.read(range.offset, range.size);
  });
}

void FileState::forget() {
  std::vector<Range> doomed =
      lose({changes_.size(), Content::page_size, [](std::uint64_t) { return std::size_t{0}; }},
           durable_);
  doomed_.insert(doomed_.end(), doomed.begin(), doomed.end());
  doomed_ = merged(std::move(doomed_));
  changes_.clear();
  pending_bytes_ = 0;
}

void FileState::damage(const std::function<void(Content&)>& how) {
  sync();
  how(now_);
  how(durable_);
}

std::vector<Range> FileState::crash(const FileFate& fate) {
  std::vector<Range> lost = lose(fate, durable_);
  lost.insert(lost.end(), doomed_.begin(), doomed_.end());
  lost = merged(std::move(lost));
  now_ = durable_;
  changes_.clear();
  doomed_.clear();
  pending_bytes_ = 0;
  return lost;
}

std::vector<Range> FileState::lose(const FileFate& fate, Content& left) const {
  std::uint64_t size = left.size();
  std::size_t limit = changes_.size();
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = changes_[i];
    if (i < fate.sizes) {
      size = change.resizes ? change.place : std::max(size, change.place + change.bytes.size());
    } else if (change.shrinks) {
      limit = std::min(limit, i);
    }
  }
  std::vector<Range> lost;
  auto lose_range = [&](std::uint64_t begin, std::uint64_t end) {
    end = std::min(end, now_.size());  // what the program itself cut off later is not lost
    if (begin < end) lost.push_back({begin, end - begin});
  };
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const Change& change = changes_[i];
    if (change.resizes) {
      if (i < fate.sizes) left.resize(change.place);
      // What was cut off and grew again as zeros holds its old bytes.
      if (i >= fate.sizes && change.shrinks) lose_range(change.place, now_.size());
      continue;
    }
    each_piece(fate.unit, change.place, change.bytes,
               [&](std::uint64_t unit, std::uint64_t offset, std::string_view bytes) {
                 bool kept = i < std::min(limit, fate.writes(unit));
                 if (kept) left.write(offset, bytes);
                 lose_range(kept ? std::max(offset, size) : offset, offset + bytes.size());
               });
  }
  left.resize(size);
  return merged(std::move(lost));
}

}  // namespace sunder::crashfs
