// What an agent is asked about connections and ports: probes beside those of whole links.

#include "harness/agent/agent.h"
#include "harness/agent/fields.h"

namespace sunder {
namespace {

std::vector<std::uint8_t> targets_of(const Value& request) {
  std::vector<std::uint8_t> nodes;
  for (const Value& node : list_of(request, "targets")) {
    if (node.is_integer()) nodes.push_back(static_cast<std::uint8_t>(node.integer()));
  }
  return nodes;
}

}  // namespace

bool Agent::speaks_of_lines(const std::string& act) {
  return act == "dial" || act == "talk" || act == "lines";
}

Result<Agent::Answer> Agent::carry_out_on_lines(const std::string& act, const Value& request) {
  if (!lines_) return Error{Error::Code::malformed, "there is no network yet"};
  Answer answer;
  std::string owner = text_of(request, "owner");
  if (act == "dial") lines_->dial(owner, targets_of(request));
  if (act == "talk") lines_->talk(owner);
  if (act != "lines") return answer;
  List states;  // flat, two entries each
  for (const auto& [node, state] : lines_->states(owner)) {
    states.emplace_back(std::int64_t{node});
    states.emplace_back(state);
  }
  answer.fields["states"] = std::move(states);
  return answer;
}

/// The probes that a request is about: of links as a whole, or of one port, where we listen from
/// now on.
Result<LinkProbes*> Agent::probes_for(const Value& request) {
  if (!probes_) return Error{Error::Code::malformed, "there is no network yet"};
  auto port = static_cast<std::uint16_t>(integer_of(request, "port"));
  if (port == 0) return &*probes_;
  if (!port_probes_ || port_probes_->port() != port) {
    port_probes_.reset();
    Result<LinkProbes> opened = probes_->on_port(port);
    if (!opened) return opened.error();
    port_probes_ = *std::move(opened);
  }
  return &*port_probes_;
}

}  // namespace sunder
