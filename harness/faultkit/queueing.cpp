#include "harness/faultkit/queueing.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netlink.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "harness/faultkit/netlink.h"
#include "harness/faultkit/nft.h"
#include "harness/faultkit/packet_queue.h"
#include "harness/faultkit/shaping.h"

namespace sunder {
namespace {

constexpr std::string_view table = "sunder_links";
constexpr std::string_view trial_table = "sunder_trial";
constexpr std::string_view chain = "bent";
constexpr std::string_view purpose = "bend links";

// nftables' own statement, which some kernels are built without.
void put_queue(NetlinkRequest& request) {
  request.put_text(NFTA_EXPR_NAME, "queue");
  std::size_t data = request.begin_nest(NFTA_EXPR_DATA);
  request.put_u16(NFTA_QUEUE_NUM, queue_number);
  request.put_u16(NFTA_QUEUE_TOTAL, 1);
  request.put_u16(NFTA_QUEUE_FLAGS, NFT_QUEUE_FLAG_BYPASS);
  request.end_nest(data);
}

// iptables' target, which nft the program cannot say, though nftables in the kernel knows it.
void put_target(NetlinkRequest& request) {
  constexpr std::uint32_t revision = 3;
  const xt_NFQ_info_v3 info{queue_number, 1, NFQ_FLAG_BYPASS};
  std::string bytes(8, '\0');  // as the kernel aligns it
  std::memcpy(bytes.data(), &info, sizeof info);
  request.put_text(NFTA_EXPR_NAME, "target");
  std::size_t data = request.begin_nest(NFTA_EXPR_DATA);
  request.put_text(NFTA_TARGET_NAME, "NFQUEUE");
  request.put_u32(NFTA_TARGET_REV, revision);
  request.put(NFTA_TARGET_INFO, bytes);
  request.end_nest(data);
}

// nftables takes only whole batches.
void put_bracket(NetlinkRequest& request, int message) {
  request.end_message(request.begin_message(NFNL_SUBSYS_NONE, message, 0, NFPROTO_UNSPEC,
                                            NFNL_SUBSYS_NFTABLES));
}

int add_rule(NetlinkSocket& socket, std::string_view to_table,
             void (*put)(NetlinkRequest& request)) {
  NetlinkRequest request;
  put_bracket(request, NFNL_MSG_BATCH_BEGIN);
  std::size_t rule =
      request.begin_message(NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWRULE,
                            NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK, NFPROTO_INET);
  request.put_text(NFTA_RULE_TABLE, to_table);
  request.put_text(NFTA_RULE_CHAIN, chain);
  std::size_t expressions = request.begin_nest(NFTA_RULE_EXPRESSIONS);
  std::size_t only = request.begin_nest(NFTA_LIST_ELEM);
  put(request);
  request.end_nest(only);
  request.end_nest(expressions);
  request.end_message(rule);
  put_bracket(request, NFNL_MSG_BATCH_END);
  return socket.ask(request, 1);
}

Status add_queue_rule(std::string_view to_table) {
  Result<NetlinkSocket> socket = NetlinkSocket::open();
  if (!socket) return socket.error();
  int refused = add_rule(*socket, to_table, put_queue);
  if (refused == ENOENT || refused == EOPNOTSUPP) refused = add_rule(*socket, to_table, put_target);
  if (refused == 0) return Done{};
  return Error{Error::Code::environment,
               "cannot bend links: the kernel knows neither nftables' queue nor iptables' NFQUEUE "
               "(" + std::string(std::strerror(refused)) + ")"};
}

std::string laid_table(const std::vector<std::uint16_t>& ports) {
  std::string some = nft_elements(ports);
  std::string text = "table inet sunder_links {\n"
                     "  set to4 { type ipv4_addr; }\n"
                     "  set to6 { type ipv6_addr; }\n"
                     "  map class4 { type ipv4_addr : classid; }\n"
                     "  map class6 { type ipv6_addr : classid; }\n"
                     "  chain bent {\n  }\n"
                     "  chain leaving {\n"
                     "    type filter hook output priority -140; policy accept;\n"
                     "    meta mark " + std::to_string(unqueued_mark) + " return\n";
  for (const char* side : {"dport", "sport"}) {
    std::string of_nodes = std::string("meta l4proto { tcp, udp } th ") + side + " " + some;
    for (const char* version : {"4", "6"}) {
      std::string address = *version == '4' ? "ip daddr " : "ip6 daddr ";
      text += "    " + address + "@to" + version + " " + of_nodes + " goto bent\n";
      text += "    " + of_nodes + " meta priority set " + address + "map @class" + version + "\n";
    }
  }
  return text + "  }\n}\n";
}

// "10.77.0.2 : 5375:3" as an element of a map.
std::string classed(const std::string& address, std::uint16_t number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), " : %x:%x", shaping_class(number) >> 16,
                shaping_class(number) & 0xffffu);
  return address + text.data();
}

std::string filled(const std::string& kind, const std::string& name,
                   const std::vector<std::string>& elements) {
  std::string text = "flush " + kind + " inet sunder_links " + name + "\n";
  if (elements.empty()) return text;
  return text + "add element inet sunder_links " + name + " " + nft_elements(elements) + "\n";
}

}  // namespace

Status queueing_is_possible() {
  constexpr std::string_view cure = "; install nftables and run as root";
  Result<PacketQueue> queue = PacketQueue::open(queue_number);
  if (!queue) return queue.error();
  std::string trial = std::string(trial_table);
  std::string script = "add table inet " + trial + "\nadd chain inet " + trial + " bent\n";
  Status done = run_nft(script, purpose);
  if (!done) return Error{done.error().code, done.error().context + std::string(cure)};
  done = add_queue_rule(trial);
  Status removed = run_nft(nft_without_table(trial), purpose);
  return done ? removed : done;
}

Status classing_is_possible() {
  return run_nft(laid_table({1}), purpose, true);
}

Status lay_queueing(const std::vector<std::uint16_t>& ports, bool queues) {
  Status done = run_nft(nft_without_table(table) + laid_table(ports), purpose);
  return done && queues ? add_queue_rule(table) : done;
}

Status treat_what_leaves(const Leaving& leaving) {
  Result<AddressesByFamily> queued = by_family(leaving.queued);
  if (!queued) return queued.error();
  std::string script = filled("set", "to4", queued->v4) + filled("set", "to6", queued->v6);
  AddressesByFamily maps;
  for (const auto& [address, number] : leaving.classed) {
    Result<AddressesByFamily> one = by_family({address});
    if (!one) return one.error();
    (one->v4.empty() ? maps.v6 : maps.v4).push_back(classed(address, number));
  }
  script += filled("map", "class4", maps.v4) + filled("map", "class6", maps.v6);
  return run_nft(script, purpose);
}

Status remove_queueing() { return run_nft(nft_without_table(table), purpose); }

}  // namespace sunder
