#include "nodes/kv/command.h"

namespace sunder {

std::optional<KvCommand> kv_command_from(const Op& invocation) {
  if (!invocation.value.is_list() || invocation.value.list().size() != 2) return {};
  const Value& key = invocation.value.list()[0];
  const Value& argument = invocation.value.list()[1];
  if (!key.is_integer()) return {};
  KvCommand command;
  command.key = key.integer();
  if (invocation.verb == "read") {
    command.verb = static_cast<std::uint8_t>(KvVerb::read);
    return command;
  }
  if (invocation.verb == "write" && argument.is_integer()) {
    command.verb = static_cast<std::uint8_t>(KvVerb::write);
    command.value = argument.integer();
    return command;
  }
  if (invocation.verb != "cas" || !argument.is_list() || argument.list().size() != 2) return {};
  const Value& expected = argument.list()[0];
  const Value& value = argument.list()[1];
  if (!expected.is_integer() || !value.is_integer()) return {};
  command.verb = static_cast<std::uint8_t>(KvVerb::cas);
  command.expected = expected.integer();
  command.value = value.integer();
  return command;
}

void put_command(ByteWriter& out, const KvCommand& command) {
  out.number(command.verb);
  out.number(command.session);
  out.number(command.sequence);
  out.number(command.key);
  out.number(command.value);
  out.number(command.expected);
}

KvCommand get_command(ByteReader& in) {
  KvCommand command;
  command.verb = static_cast<std::uint8_t>(in.number());
  command.session = in.number();
  command.sequence = in.number();
  command.key = in.number();
  command.value = in.number();
  command.expected = in.number();
  return command;
}

}  // namespace sunder
