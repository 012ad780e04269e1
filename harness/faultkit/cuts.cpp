#include "harness/faultkit/cuts.h"

#include "harness/faultkit/nft.h"

namespace sunder {
namespace {

constexpr std::string_view table = "sunder";
constexpr std::string_view purpose = "cut links";

std::string set_of(const std::string& name, const std::string& type,
                   const std::vector<std::string>& elements) {
  std::string text = "  set " + name + " { type " + type + ";";
  if (!elements.empty()) text += " elements = " + nft_elements(elements);
  return text + " }\n";
}

std::string table_of(const AddressesByFamily& addresses,
                     const std::vector<std::uint16_t>& spared) {
  std::string text = "table inet sunder {\n" + set_of("cut4", "ipv4_addr", addresses.v4) +
                     set_of("cut6", "ipv6_addr", addresses.v6) +
                     "  chain arriving {\n"
                     "    type filter hook input priority -300; policy accept;\n";
  if (!spared.empty()) {
    text += "    tcp dport " + nft_elements(spared) + " accept\n";
    text += "    tcp sport " + nft_elements(spared) + " accept\n";
  }
  return text + "    ip saddr @cut4 counter drop\n    ip6 saddr @cut6 counter drop\n  }\n}\n";
}

}  // namespace

Status cuts_are_possible() {
  Status checked = run_nft(table_of({{"192.0.2.1"}, {"2001:db8::1"}}, {22}), purpose, true);
  if (checked) return checked;
  return Error{checked.error().code,
               checked.error().context + "; install nftables and run as root"};
}

Status cut_off(const std::vector<std::string>& addresses,
               const std::vector<std::uint16_t>& spared) {
  Result<AddressesByFamily> sorted = by_family(addresses);
  if (!sorted) return sorted.error();
  return run_nft(nft_without_table(table) + table_of(*sorted, spared), purpose);
}

Status remove_cuts() { return run_nft(nft_without_table(table), purpose); }

}  // namespace sunder
