#pragma once
// Cut links on a host of its own: what comes from certain addresses is dropped on arrival, or
// answered by a reset, by a table of nftables that is ours alone. Foreign tables are neither read
// nor touched.

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/result.h"

namespace sunder {

/// What a host needs to know of its place to be cut off. Addresses are IPv4 or IPv6.
struct CutPlace {
  std::vector<std::string> nodes{};           // of all: what comes from elsewhere is of clients
  std::vector<std::uint16_t> spared{};        // TCP from and to these ports is never touched
  std::vector<std::uint16_t> client_ports{};  // at these our node is asked by clients
  std::uint16_t uncounted = 0;                // the port of probes that are struck like the rest
};

struct Cuts {
  struct PortCut {
    std::string address;
    std::uint16_t port = 0;
  };
  std::vector<std::string> addresses{};  // whatever comes from them
  std::vector<PortCut> ports{};          // TCP and UDP of these from or to a port
  std::vector<std::string> refused{};    // who from there asks for a connection
  std::vector<std::string> reset{};      // what comes from there over a connection
  // Of clients, at the client ports.
  bool requests = false;
  bool replies = false;
  bool refuses_clients = false;
  bool resets_clients = false;

  bool any() const;
};

/// Whether this host can do it; else why not, with the cure. Changes nothing.
Status cuts_are_possible();
/// The same of what tells packets apart: ports, refused, reset.
Status filters_are_possible();

/// From now on exactly this is cut off, in one step. Error (malformed): not an address.
Status cut_off(const Cuts& cuts, const CutPlace& place);

/// What was struck since cut_off(), in packets.
struct CutCounts {
  std::int64_t requests = 0;
  std::int64_t replies = 0;
  std::int64_t resets = 0;
};
Result<CutCounts> count_cuts();

/// Removes our table. Without one: nothing.
Status remove_cuts();

}  // namespace sunder
