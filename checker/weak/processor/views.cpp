#include "checker/weak/processor/views.h"

namespace sunder::weak::processor {

Views::Views(const Registers& registers)
    : registers_(&registers),
      size_(registers.size()),
      words_((size_ + 63) / 64),
      bits_(registers.sessions() * size_ * words_, 0),
      writes_(static_cast<std::size_t>(registers.keys)) {
  for (Index at = 0; at < size_; ++at) {
    if (registers[at].is_write()) {
      writes_[static_cast<std::size_t>(registers[at].key)].push_back(at);
    }
  }
  for (std::uint32_t view = 0; view < registers.sessions(); ++view) {
    add_sessions(view);
    add_reads(view);
  }
}

std::size_t Views::bytes(const Registers& registers) {
  return registers.sessions() * registers.size() * ((registers.size() + 63) / 64) * sizeof(Word);
}

void Views::add_sessions(std::uint32_t view) {
  Index previous = initial;
  for (Index at = 0; at < size_; ++at) {
    if (!registers_->has_previous(at)) previous = initial;
    if (!is_in(view, at)) continue;
    if (previous != initial) add(view, previous, at);
    previous = at;
  }
}

void Views::add_reads(std::uint32_t view) {
  Index end = registers_->session_begin[view + 1];
  for (Index at = registers_->session_begin[view]; at < end; ++at) {
    const Operation& read = (*registers_)[at];
    if (read.is_write()) continue;
    if (read.source != initial) {
      add(view, read.source, at);
      continue;
    }
    for (Index write : writes_of(read.key)) add(view, at, write);
  }
}

bool Views::add(std::uint32_t view, Index before, Index after) {
  if (before == after || reaches(view, after, before)) broken_ = true;
  if (broken_) return false;
  if (reaches(view, before, after)) return true;
  changed_ = true;
  const Word* gained = &bits_[row(view, after)];
  for (Index from = 0; from < size_; ++from) {
    if (from != before && !reaches(view, from, before)) continue;
    Word* reached = &bits_[row(view, from)];
    for (std::size_t word = 0; word < words_; ++word) reached[word] |= gained[word];
    reached[after / 64] |= Word{1} << (after % 64);
  }
  return true;
}

bool Views::order(Index first, Index second) {
  for (std::uint32_t view = 0; view < registers_->sessions(); ++view) {
    if (!add(view, first, second)) return false;
  }
  return true;
}

// An order of two writes in one view is that of all.
bool Views::settle_writes(std::int32_t key, const Limits& limits) {
  for (Index first : writes_of(key)) {
    if (limits.over()) return true;
    for (Index second : writes_of(key)) {
      for (std::uint32_t view = 0; view < registers_->sessions(); ++view) {
        if (reaches(view, first, second) && !order(first, second)) return false;
      }
    }
  }
  return true;
}

// Another write of the key comes before the source or after the read.
bool Views::settle_read(Index read) {
  std::uint32_t view = (*registers_)[read].session;
  Index source = (*registers_)[read].source;
  if (source == initial) return true;
  for (Index other : writes_of((*registers_)[read].key)) {
    if (other == source) continue;
    if (reaches(view, other, read) && !order(other, source)) return false;
    if (reaches(view, source, other) && !add(view, read, other)) return false;
  }
  return true;
}

bool Views::settle(const Limits& limits) {
  do {
    changed_ = false;
    for (std::int32_t key = 0; key < registers_->keys; ++key) {
      if (broken_ || !settle_writes(key, limits)) return false;
    }
    for (Index at = 0; at < size_; ++at) {
      if (limits.over()) return true;
      if ((*registers_)[at].is_read() && !settle_read(at)) return false;
    }
  } while (changed_);
  return true;
}

bool Views::find_open(Index& first, Index& second) const {
  for (const std::vector<Index>& writes : writes_) {
    for (Index a : writes) {
      for (Index b : writes) {
        if (a == b || reaches(0, a, b) || reaches(0, b, a)) continue;
        first = a;
        second = b;
        return true;
      }
    }
  }
  return false;
}

}  // namespace sunder::weak::processor
