#pragma once
// Bends what leaves a host for others by the kernel's own means: netem and htb, on the interfaces
// that lead to them.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/core/link.h"
#include "harness/core/result.h"

namespace sunder {

/// Its classes bend what nftables gives their priority (faultkit/queueing.h); all else passes as if
/// nothing were. Not thread-safe.
class LinkShaper {
 public:
  using Classes = std::map<std::uint16_t, LinkModel>;  // by number
  /// `addresses` are those of other nodes.
  explicit LinkShaper(std::vector<std::string> addresses) : addresses_(std::move(addresses)) {}

  /// Nothing if the kernel can, and the interfaces towards the addresses are free; else why not.
  Status possible() const;
  /// The numbers of classes in force that would not stay as they are.
  std::vector<std::uint16_t> ending(const Classes& wanted) const;
  /// From now on exactly these classes are in force, one at least. What waits in those that end has
  /// a moment to leave. After an error none is. REQUIRES: nothing is sent into those any more
  Status set(const Classes& wanted);
  /// Removes everything, after such a moment. REQUIRES: nothing is sent into any class
  Status end();

 private:
  Status change_to(const Classes& wanted);

  std::vector<std::string> addresses_;
  std::vector<unsigned> interfaces_;  // with our root
  Classes classes_;                   // on each of them
};

/// Removes at once what any agent has left on this host's interfaces.
Status end_shaping();

}  // namespace sunder
