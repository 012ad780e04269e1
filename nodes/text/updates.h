#pragma once
// The names of the updates that a site's document is made of.

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "nodes/clock/vector.h"
#include "nodes/kv/bytes.h"
#include "nodes/text/messages.h"

namespace sunder::text {

/// What travels with every update, whatever becomes of its positions.
struct Update {
  std::string tag;
  std::vector<std::int64_t> seen;  // by site: how many of its updates it was made after
  static constexpr auto fields() {
    return std::tuple{field("tag", &Update::tag), field("seen", &Update::seen)};
  }
  bool operator==(const Update&) const = default;
};

void put_update(ByteWriter& out, const Update& update);
Update get_update(ByteReader& in);

/// All updates of one document here, each site's without gaps.
class Updates {
 public:
  explicit Updates(std::size_t sites) : sites_(sites) {}

  bool fits(std::int64_t origin) const {
    return origin >= 0 && static_cast<std::size_t>(origin) < sites_.size();
  }
  /// The next update of a site. REQUIRES: fits(origin)
  void add(std::int64_t origin, Update update);
  bool has_tag(const std::string& tag) const { return tags_.contains(tag); }
  std::int64_t count(std::int64_t origin) const;
  const clock::VectorClock& counts() const { return counts_; }
  std::vector<LogEntry> log() const;

 private:
  std::vector<std::vector<Update>> sites_;  // by site, in order
  std::set<std::string> tags_;
  clock::VectorClock counts_;
};

}  // namespace sunder::text
