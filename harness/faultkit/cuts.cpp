#include "harness/faultkit/cuts.h"

#include <arpa/inet.h>

#include "harness/faultkit/tool.h"

namespace sunder {
namespace {

constexpr Duration limit = std::chrono::seconds(5);

// Adding first makes deleting safe when there is none; nft does a whole script or nothing of it.
const std::string no_table = "add table inet sunder\ndelete table inet sunder\n";

bool is_address(int family, const std::string& text) {
  in6_addr room{};
  return ::inet_pton(family, text.c_str(), &room) == 1;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string set_of(const std::string& name, const std::string& type,
                   const std::vector<std::string>& elements) {
  std::string text = "  set " + name + " { type " + type + ";";
  if (!elements.empty()) text += " elements = { " + joined(elements) + " }";
  return text + " }\n";
}

std::string table_of(const std::vector<std::string>& v4, const std::vector<std::string>& v6,
                     const std::vector<std::uint16_t>& spared) {
  std::vector<std::string> ports;
  for (std::uint16_t port : spared) ports.push_back(std::to_string(port));
  std::string text = "table inet sunder {\n" + set_of("cut4", "ipv4_addr", v4) +
                     set_of("cut6", "ipv6_addr", v6) +
                     "  chain arriving {\n"
                     "    type filter hook input priority -300; policy accept;\n";
  if (!ports.empty()) {
    text += "    tcp dport { " + joined(ports) + " } accept\n";
    text += "    tcp sport { " + joined(ports) + " } accept\n";
  }
  return text + "    ip saddr @cut4 counter drop\n    ip6 saddr @cut6 counter drop\n  }\n}\n";
}

Status apply(const std::string& script, const std::vector<std::string>& flags) {
  std::vector<std::string> command = {"nft"};
  command.insert(command.end(), flags.begin(), flags.end());
  command.insert(command.end(), {"-f", "-"});
  Result<std::string> done = run_tool(command, script, limit);
  if (done) return Done{};
  return Error{done.error().code, "cannot cut links: " + done.error().context};
}

}  // namespace

Status cuts_are_possible() {
  Status checked = apply(table_of({"192.0.2.1"}, {"2001:db8::1"}, {22}), {"--check"});
  if (checked) return checked;
  return Error{checked.error().code,
               checked.error().context + "; install nftables and run as root"};
}

Status cut_off(const std::vector<std::string>& addresses,
               const std::vector<std::uint16_t>& spared) {
  std::vector<std::string> v4;
  std::vector<std::string> v6;
  for (const std::string& address : addresses) {
    if (is_address(AF_INET, address)) {
      v4.push_back(address);
    } else if (is_address(AF_INET6, address)) {
      v6.push_back(address);
    } else {
      return Error{Error::Code::malformed, "'" + address + "' is not an address"};
    }
  }
  return apply(no_table + table_of(v4, v6, spared), {});
}

Status remove_cuts() { return apply(no_table, {}); }

}  // namespace sunder
