#pragma once
// Scripts for nft, the program that fills the kernel's packet filter. Our tables are ours alone:
// foreign ones are neither read nor touched.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/result.h"

namespace sunder {

struct AddressesByFamily {
  std::vector<std::string> v4;
  std::vector<std::string> v6;
};
/// Error (malformed): one of them is not an address.
Result<AddressesByFamily> by_family(const std::vector<std::string>& addresses);

/// "{ a, b }", as elements of a set that is not empty.
std::string nft_elements(const std::vector<std::string>& elements);
std::string nft_elements(const std::vector<std::uint16_t>& elements);

/// Removes one of our tables, and is no error where there is none.
std::string nft_without_table(std::string_view table);

/// Runs a whole script, of which nft does everything or nothing; or with `only_check` nothing.
/// Errors say that it could not `purpose`.
Status run_nft(const std::string& script, std::string_view purpose, bool only_check = false);

}  // namespace sunder
