#include "nodes/text/updates.h"

namespace sunder::text {

void put_update(ByteWriter& out, const Update& update) {
  out.text(update.tag);
  out.number(static_cast<std::int64_t>(update.seen.size()));
  for (std::int64_t count : update.seen) out.number(count);
}

Update get_update(ByteReader& in) {
  Update update{.tag = in.text()};
  std::int64_t sites = in.number();
  if (sites > static_cast<std::int64_t>(clock::VectorClock::nodes_max)) sites = 0;
  for (; sites > 0 && in.ok(); --sites) update.seen.push_back(in.number());
  return update;
}

void Updates::add(std::int64_t origin, Update update) {
  auto at = static_cast<std::size_t>(origin);
  tags_.insert(update.tag);
  sites_[at].push_back(std::move(update));
  counts_.raise(at, static_cast<std::int64_t>(sites_[at].size()));
}

std::int64_t Updates::count(std::int64_t origin) const {
  return counts_.at(static_cast<std::size_t>(origin));
}

std::vector<LogEntry> Updates::log() const {
  std::vector<LogEntry> log;
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    for (std::size_t i = 0; i < sites_[site].size(); ++i) {
      const Update& update = sites_[site][i];
      log.push_back({static_cast<std::int64_t>(site), static_cast<std::int64_t>(i) + 1, update.tag,
                     update.seen});
    }
  }
  return log;
}

}  // namespace sunder::text
