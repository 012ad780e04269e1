#pragma once
// Messages as they travel between real processes: {"src":"n1","dest":"n2","body":{"type":...}}.

#include <string>
#include <string_view>

#include "harness/core/codec.h"

namespace sunder {

// Questions that the runtime answers itself, whatever the protocol. A hello makes the connection
// that it comes over the way back to its source.
inline constexpr std::string_view wire_hello = "sunder_hello";
inline constexpr std::string_view wire_status = "sunder_status";
inline constexpr std::string_view wire_status_ok = "sunder_status_ok";
// What an operator asks of the node: "verb" and "value"; answered with "refused" when it will not.
inline constexpr std::string_view wire_instruct = "sunder_instruct";
inline constexpr std::string_view wire_instruct_ok = "sunder_instruct_ok";

struct WireMessage {
  NodeId source;
  NodeId target;
  Value body;
  std::string_view type() const;  // "" when the body has none
};

/// The JSON text of a message, without its frame's length.
std::string wire_text(NodeId source, NodeId target, const Value& body);
Result<WireMessage> parse_wire(std::string_view text);

}  // namespace sunder
