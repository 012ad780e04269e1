#include "nodes/kv/command.h"

namespace sunder {

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
