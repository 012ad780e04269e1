#include "nodes/register/replica/write.h"

#include "nodes/clock/vector.h"

namespace sunder::registers {

void put_write(ByteWriter& out, const Write& write) {
  out.number(write.origin);
  out.number(write.sequence);
  out.number(write.time);
  out.number(write.key);
  out.number(write.value);
  out.number(static_cast<std::int64_t>(write.needs.size()));
  for (std::int64_t count : write.needs) out.number(count);
}

Write get_write(ByteReader& in) {
  Write write;
  write.origin = in.number();
  write.sequence = in.number();
  write.time = in.number();
  write.key = in.number();
  write.value = in.number();
  std::int64_t nodes = in.number();
  if (nodes > static_cast<std::int64_t>(clock::VectorClock::nodes_max)) nodes = 0;
  for (; nodes > 0 && in.ok(); --nodes) write.needs.push_back(in.number());
  return write;
}

}  // namespace sunder::registers
