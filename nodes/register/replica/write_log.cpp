#include "nodes/register/replica/write_log.h"

#include <algorithm>

namespace sunder::registers {
namespace {

constexpr std::string_view snapshot_key = "snapshot";

}  // namespace

void WriteLog::recover(const std::function<void(ByteReader&)>& state,
                       const std::function<void(const Write&)>& replay) {
  if (const Bytes* saved = storage_.get(snapshot_key)) restore(*saved, state);
  std::uint64_t at = storage_.log_begin();
  for (; at < storage_.log_end(); ++at) {
    ByteReader in(storage_.log_read(at));
    Write write = get_write(in);
    if (!in.ok() || !fits(write)) break;  // torn, so that nobody was told of it
    if (has(write)) continue;             // the snapshot has it
    keep(write);
    replay(write);
  }
  if (at < storage_.log_end()) storage_.truncate_from(at);
}

void WriteLog::restore(const Bytes& saved, const std::function<void(ByteReader&)>& state) {
  ByteReader in(saved);
  for (std::size_t i = 0; i < origins_.size(); ++i) {
    origins_[i].forgotten = in.number();
    counts_.raise(i, origins_[i].forgotten);
  }
  for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
    Write write = get_write(in);
    if (fits(write) && !has(write)) keep(write);
  }
  state(in);
}

bool WriteLog::fits(const Write& write) const {
  return write.origin >= 0 && write.origin < static_cast<std::int64_t>(origins_.size()) &&
         write.sequence > 0;
}

bool WriteLog::has(const Write& write) const {
  const Origin& origin = origins_[static_cast<std::size_t>(write.origin)];
  return write.sequence <= origin.forgotten || origin.writes.contains(write.sequence);
}

void WriteLog::keep(const Write& write) {
  auto at = static_cast<std::size_t>(write.origin);
  origins_[at].writes.emplace(write.sequence, write);
  std::int64_t count = counts_.at(at);
  while (origins_[at].writes.contains(count + 1)) ++count;
  counts_.raise(at, count);
}

void WriteLog::add(const Write& write) {
  keep(write);
  ByteWriter out;
  put_write(out, write);
  storage_.append(out.take());
  ++added_;
}

std::int64_t WriteLog::highest(std::size_t origin) const {
  const Origin& of = origins_[origin];
  return of.writes.empty() ? of.forgotten : of.writes.rbegin()->first;
}

std::vector<Write> WriteLog::beyond(const clock::VectorClock& counts, std::size_t limit) const {
  std::vector<Write> found;
  for (std::size_t i = 0; i < origins_.size(); ++i) {
    const auto& writes = origins_[i].writes;
    for (auto at = writes.upper_bound(counts.at(i)); at != writes.end(); ++at) {
      if (found.size() == limit) return found;
      found.push_back(at->second);
    }
  }
  return found;
}

void WriteLog::compact(const std::string& state, const clock::VectorClock& known_by_all) {
  ByteWriter out;
  std::int64_t kept = 0;
  for (std::size_t i = 0; i < origins_.size(); ++i) {
    Origin& origin = origins_[i];
    origin.forgotten =
        std::max(origin.forgotten, std::min(known_by_all.at(i), counts_.at(i)));
    origin.writes.erase(origin.writes.begin(), origin.writes.upper_bound(origin.forgotten));
    out.number(origin.forgotten);
    kept += static_cast<std::int64_t>(origin.writes.size());
  }
  out.number(kept);
  for (const Origin& origin : origins_) {
    for (const auto& [sequence, write] : origin.writes) put_write(out, write);
  }
  storage_.put(snapshot_key, out.take() + state);
  storage_.sync();
  storage_.discard_before(storage_.log_end());
  added_ = 0;
}

}  // namespace sunder::registers
