#include "harness/faultkit/queueing.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <linux/netlink.h>

#include <cerrno>
#include <cstring>

#include "harness/faultkit/netlink.h"
#include "harness/faultkit/nft.h"
#include "harness/faultkit/packet_queue.h"

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
                     "  chain bent {\n  }\n"
                     "  chain leaving {\n"
                     "    type filter hook output priority -140; policy accept;\n"
                     "    meta mark " + std::to_string(unqueued_mark) + " return\n";
  for (const char* to : {"ip daddr @to4", "ip6 daddr @to6"}) {
    for (const char* side : {"dport", "sport"}) {
      text += std::string("    ") + to + " meta l4proto { tcp, udp } th " + side + " " + some +
              " goto bent\n";
    }
  }
  return text + "  }\n}\n";
}

std::string filled(const char* set, const std::vector<std::string>& elements) {
  std::string name = std::string(" inet sunder_links ") + set;
  std::string text = "flush set" + name + "\n";
  if (!elements.empty()) text += "add element" + name + " " + nft_elements(elements) + "\n";
  return text;
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

Status lay_queueing(const std::vector<std::uint16_t>& ports) {
  Status done = run_nft(nft_without_table(table) + laid_table(ports), purpose);
  return done ? add_queue_rule(table) : done;
}

Status queue_what_leaves_for(const std::vector<std::string>& addresses) {
  Result<AddressesByFamily> sorted = by_family(addresses);
  if (!sorted) return sorted.error();
  return run_nft(filled("to4", sorted->v4) + filled("to6", sorted->v6), purpose);
}

Status remove_queueing() { return run_nft(nft_without_table(table), purpose); }

}  // namespace sunder
