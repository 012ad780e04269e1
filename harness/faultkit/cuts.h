#pragma once
// Cut links on a host of its own: what comes from certain addresses is dropped on arrival, by a
// table of nftables that is ours alone. Foreign tables are neither read nor touched.

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/result.h"

namespace sunder {

/// Whether this host can do it; else why not, with the cure. Changes nothing.
Status cuts_are_possible();

/// From now on exactly these IPv4 and IPv6 addresses are cut off, in one step. TCP from and to the
/// ports in `spared` passes: a control connection must never be cut. Error (malformed): not an
/// address.
Status cut_off(const std::vector<std::string>& addresses, const std::vector<std::uint16_t>& spared);

/// Removes our table. Without one: nothing.
Status remove_cuts();

}  // namespace sunder
