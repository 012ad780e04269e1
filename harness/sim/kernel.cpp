#include "harness/sim/kernel.h"

namespace sunder {

void add_to(Digest& digest, const Value& value) {
  digest.add(static_cast<std::uint64_t>(value.kind()));
  switch (value.kind()) {
    case Value::Kind::nil:
      break;
    case Value::Kind::boolean:
      digest.add(value.boolean() ? 1u : 0u);
      break;
    case Value::Kind::integer:
      digest.add(static_cast<std::uint64_t>(value.integer()));
      break;
    case Value::Kind::text:
      digest.add(std::string_view(value.text()));
      break;
    case Value::Kind::list:
      digest.add(value.list().size());
      for (const Value& item : value.list()) add_to(digest, item);
      break;
    case Value::Kind::map:
      digest.add(value.map().size());
      for (const MapEntry& entry : value.map()) {
        add_to(digest, entry.key);
        add_to(digest, entry.value);
      }
      break;
  }
}

}  // namespace sunder
