#include "harness/faultkit/cuts.h"

#include <charconv>

#include "harness/core/time.h"
#include "harness/faultkit/nft.h"
#include "harness/faultkit/tool.h"

namespace sunder {
namespace {

constexpr std::string_view table = "sunder";
constexpr std::string_view purpose = "cut links";
constexpr std::string_view cure = "; install nftables and run as root";
constexpr Duration list_limit = std::chrono::seconds(5);

// Who asks for a connection, and what is sent over one; resets are never answered.
constexpr const char* asking = "tcp flags & (fin | syn | rst | ack) == syn ";
constexpr const char* talking = "tcp flags & rst == 0 tcp flags & (syn | ack) != syn ";

std::string set_of(const std::string& name, const std::string& type,
                   const std::vector<std::string>& elements) {
  std::string text = "  set " + name + " { type " + type + ";";
  if (!elements.empty()) text += " elements = " + nft_elements(elements);
  return text + " }\n";
}

std::string sets_of(const std::string& name, const AddressesByFamily& addresses) {
  return set_of(name + "4", "ipv4_addr", addresses.v4) +
         set_of(name + "6", "ipv6_addr", addresses.v6);
}

/// The same rule for what comes from a set, in either family.
std::string from_set(const std::string& name, const std::string& rest) {
  return "    ip saddr @" + name + "4 " + rest + "\n    ip6 saddr @" + name + "6 " + rest + "\n";
}

std::string from_port(const Cuts::PortCut& cut) {
  std::string port = std::to_string(cut.port);
  std::string family = cut.address.find(':') == std::string::npos ? "ip" : "ip6";
  std::string from = "    " + family + " saddr " + cut.address + " meta l4proto { tcp, udp } th ";
  return from + "dport " + port + " counter drop\n" + from + "sport " + port + " counter drop\n";
}

/// The rule for what crosses the border between our node and clients, in either family. What stays
/// on this host is not theirs.
std::string of_clients(bool leaves, const std::string& ports, const std::string& rest) {
  std::string text;
  for (const char* family : {"4", "6"}) {
    text += leaves ? "    oifname != \"lo\" " : "    iifname != \"lo\" ";
    text += *family == '4' ? "ip " : "ip6 ";
    text += leaves ? "daddr" : "saddr";
    text += " != @nodes";
    text += family;
    text += leaves ? " tcp sport " : " tcp dport ";
    text += ports + " " + rest + "\n";
  }
  return text;
}

std::string answering(const CutPlace& place) {
  std::string port = std::to_string(place.uncounted);
  return "  chain answering {\n    tcp dport " + port + " reject with tcp reset\n    tcp sport " +
         port + " reject with tcp reset\n    counter name resets reject with tcp reset\n  }\n";
}

std::string arriving(const Cuts& cuts, const CutPlace& place) {
  std::string text =
      "  chain arriving {\n    type filter hook input priority -300; policy accept;\n";
  if (!place.spared.empty()) {
    text += "    tcp dport " + nft_elements(place.spared) + " accept\n";
    text += "    tcp sport " + nft_elements(place.spared) + " accept\n";
  }
  text += from_set("cut", "counter drop");
  for (const Cuts::PortCut& cut : cuts.ports) text += from_port(cut);
  if (!cuts.refused.empty()) text += from_set("refused", asking + std::string("goto answering"));
  if (!cuts.reset.empty()) text += from_set("reset", talking + std::string("goto answering"));
  if (!place.client_ports.empty()) {
    std::string ports = nft_elements(place.client_ports);
    if (cuts.requests) text += of_clients(false, ports, "counter name requests drop");
    if (cuts.refuses_clients) {
      text += of_clients(false, ports, asking + std::string("goto answering"));
    }
    if (cuts.resets_clients) {
      text += of_clients(false, ports, talking + std::string("goto answering"));
    }
  }
  return text + "  }\n";
}

std::string leaving(const Cuts& cuts, const CutPlace& place) {
  if (!cuts.replies || place.client_ports.empty()) return "";
  return "  chain leaving {\n    type filter hook output priority -300; policy accept;\n" +
         of_clients(true, nft_elements(place.client_ports), "counter name replies drop") +
         "  }\n";
}

Result<std::string> table_of(const Cuts& cuts, const CutPlace& place) {
  std::string text = "table inet sunder {\n"
                     "  counter requests { }\n  counter replies { }\n  counter resets { }\n";
  const std::array<std::pair<std::string, const std::vector<std::string>*>, 4> sets = {{
      {"cut", &cuts.addresses}, {"refused", &cuts.refused}, {"reset", &cuts.reset},
      {"nodes", &place.nodes}}};
  for (const auto& [name, addresses] : sets) {
    Result<AddressesByFamily> sorted = by_family(*addresses);
    if (!sorted) return sorted.error();
    text += sets_of(name, *sorted);
  }
  for (const Cuts::PortCut& cut : cuts.ports) {
    if (Result<AddressesByFamily> known = by_family({cut.address}); !known) return known.error();
  }
  bool answers = !cuts.refused.empty() || !cuts.reset.empty() || cuts.refuses_clients ||
                 cuts.resets_clients;
  if (answers) text += answering(place);
  return text + arriving(cuts, place) + leaving(cuts, place) + "}\n";
}

Status check(const Cuts& cuts) {
  const CutPlace place{{"192.0.2.1", "2001:db8::1"}, {22}, {7000}, 6997};
  Result<std::string> script = table_of(cuts, place);
  if (!script) return script.error();
  Status checked = run_nft(*script, purpose, true);
  if (checked) return checked;
  return Error{checked.error().code, checked.error().context + std::string(cure)};
}

/// The packets of one counter in what nft prints of all: "counter NAME {\n packets N bytes M\n}".
std::int64_t count_of(std::string_view text, const std::string& name) {
  std::size_t at = text.find("counter " + name + " {");
  constexpr std::string_view word = "packets ";
  if (at != std::string_view::npos) at = text.find(word, at);
  if (at == std::string_view::npos) return 0;
  std::int64_t count = 0;
  const char* begin = text.data() + at + word.size();
  std::from_chars(begin, text.data() + text.size(), count);
  return count;
}

}  // namespace

bool Cuts::any() const {
  return !addresses.empty() || !ports.empty() || !refused.empty() || !reset.empty() || requests ||
         replies || refuses_clients || resets_clients;
}

Status cuts_are_possible() {
  return check({.addresses = {"192.0.2.1", "2001:db8::1"}, .requests = true, .replies = true});
}

Status filters_are_possible() {
  return check({.ports = {{"192.0.2.1", 7000}, {"2001:db8::1", 7000}},
                .refused = {"192.0.2.1"},
                .reset = {"2001:db8::1"},
                .refuses_clients = true,
                .resets_clients = true});
}

Status cut_off(const Cuts& cuts, const CutPlace& place) {
  Result<std::string> script = table_of(cuts, place);
  if (!script) return script.error();
  return run_nft(nft_without_table(table) + *script, purpose);
}

Result<CutCounts> count_cuts() {
  std::vector<std::string> command = {"nft", "list", "counters", "table", "inet",
                                      std::string(table)};
  Result<std::string> listed = run_tool(command, "", list_limit);
  if (!listed) return listed.error();
  return CutCounts{count_of(*listed, "requests"), count_of(*listed, "replies"),
                   count_of(*listed, "resets")};
}

Status remove_cuts() { return run_nft(nft_without_table(table), purpose); }

}  // namespace sunder
