#pragma once
// Between a client and whichever server it asks.

#include "nodes/kv/command.h"

namespace sunder {

struct KvRequest {
  static constexpr std::string_view type = "kv_request";
  std::int64_t msg_id = 0;  // the same for every retry of one op
  std::int64_t op = -1;     // index of the invocation in the history, for traces only; -1: none
  KvCommand command;
  static constexpr auto fields() {
    return std::tuple{field("msg_id", &KvRequest::msg_id), field("op", &KvRequest::op),
                      field("command", &KvRequest::command)};
  }
  bool operator==(const KvRequest&) const = default;
};

struct KvReply {
  static constexpr std::string_view type = "kv_reply";
  std::int64_t in_reply_to = 0;
  std::uint8_t code = 0;  // a KvCode
  std::optional<std::int64_t> value;
  std::optional<NodeId> leader;  // whom to ask instead, when the code is `unavailable`
  std::vector<std::int64_t> list;
  static constexpr auto fields() {
    return std::tuple{field("in_reply_to", &KvReply::in_reply_to), field("code", &KvReply::code),
                      field("value", &KvReply::value), field("leader", &KvReply::leader),
                      field("list", &KvReply::list)};
  }
  bool operator==(const KvReply&) const = default;
};

inline KvReply kv_reply(std::int64_t msg_id, const KvAnswer& answer) {
  return {.in_reply_to = msg_id,
          .code = static_cast<std::uint8_t>(answer.code),
          .value = answer.value,
          .list = answer.list};
}

}  // namespace sunder
