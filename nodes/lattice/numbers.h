#pragma once
// The one serialised form of replicated objects, on the wire and on disk: a list of integers.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nodes/clock/dotted.h"
#include "nodes/kv/bytes.h"

namespace sunder::lattice {

using Numbers = std::vector<std::int64_t>;

class NumberWriter {
 public:
  void put(std::int64_t number) { out_.push_back(number); }
  void put_size(std::size_t size) { put(static_cast<std::int64_t>(size)); }
  void put(const clock::Dot& dot) {
    put(dot.node);
    put(dot.count);
  }
  void put(const clock::VectorClock& clock) {
    put_size(clock.counts().size());
    out_.insert(out_.end(), clock.counts().begin(), clock.counts().end());
  }
  void put(std::string_view text) {
    put_size(text.size());
    for (char c : text) put(static_cast<std::int64_t>(static_cast<unsigned char>(c)));
  }
  Numbers take() { return std::move(out_); }

 private:
  Numbers out_;
};

/// Reads what a NumberWriter wrote. After the first thing that does not fit, everything is 0 or
/// empty and ok() is false: what comes may be torn or damaged.
class NumberReader {
 public:
  explicit NumberReader(std::span<const std::int64_t> numbers) : left_(numbers) {}

  std::int64_t number() {
    if (left_.empty()) ok_ = false;
    if (!ok_) return 0;
    std::int64_t first = left_.front();
    left_ = left_.subspan(1);
    return first;
  }
  /// How many things follow, of at least one number each.
  std::size_t size() {
    std::int64_t size = number();
    if (size < 0 || static_cast<std::size_t>(size) > left_.size()) ok_ = false;
    return ok_ ? static_cast<std::size_t>(size) : 0;
  }
  clock::Dot dot() {
    clock::Dot dot{number(), 0};
    dot.count = number();
    if (dot.node < 0 || dot.node >= static_cast<std::int64_t>(clock::VectorClock::nodes_max) ||
        dot.count < 0) {
      ok_ = false;
    }
    return ok_ ? dot : clock::Dot{};
  }
  clock::VectorClock clock() {
    std::size_t nodes = size();
    std::vector<std::int64_t> counts(left_.begin(),
                                     left_.begin() + static_cast<std::ptrdiff_t>(nodes));
    left_ = left_.subspan(nodes);
    return clock::VectorClock(std::move(counts));
  }
  std::string text() {
    std::string text;
    for (std::size_t left = size(); left > 0; --left) {
      text.push_back(static_cast<char>(static_cast<unsigned char>(number())));
    }
    return text;
  }
  void spoil() { ok_ = false; }
  bool ok() const { return ok_; }
  bool at_end() const { return left_.empty(); }

 private:
  std::span<const std::int64_t> left_;
  bool ok_ = true;
};

/// The same numbers as bytes, for a disk, with their count before them.
inline std::string to_bytes(const Numbers& numbers) {
  ByteWriter out;
  out.number(static_cast<std::int64_t>(numbers.size()));
  for (std::int64_t number : numbers) out.number(number);
  return out.take();
}

/// Nothing when bytes are missing or left over.
inline std::optional<Numbers> from_bytes(std::string_view bytes) {
  ByteReader in(bytes);
  std::int64_t size = in.number();
  Numbers numbers;
  while (in.ok() && static_cast<std::int64_t>(numbers.size()) < size) {
    numbers.push_back(in.number());
  }
  if (!in.ok() || !in.at_end()) return {};
  return numbers;
}

}  // namespace sunder::lattice
