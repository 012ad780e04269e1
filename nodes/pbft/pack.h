#pragma once
// Messages as compact bytes: what is digested, authenticated and stored. One form for all three, so
// that whoever wants to say something else must come through here and seal it anew.

#include <concepts>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "harness/core/codec.h"
#include "nodes/kv/bytes.h"

namespace sunder::pbft {

inline void pack(ByteWriter& out, std::integral auto number) {
  out.number(static_cast<std::int64_t>(number));
}
inline void pack(ByteWriter& out, NodeId id) {
  out.number(id.is_node() ? id.index : -1 - static_cast<std::int64_t>(id.index));
}
inline void pack(ByteWriter& out, const std::string& text) {
  out.number(static_cast<std::int64_t>(text.size()));
  for (char c : text) out.number(static_cast<unsigned char>(c));
}
template <Fielded T>
void pack(ByteWriter& out, const T& record);
template <class T>
void pack(ByteWriter& out, const std::optional<T>& maybe) {
  out.number(maybe ? 1 : 0);
  if (maybe) pack(out, *maybe);
}
template <class T>
void pack(ByteWriter& out, const std::vector<T>& items) {
  out.number(static_cast<std::int64_t>(items.size()));
  for (const T& item : items) pack(out, item);
}
template <Fielded T>
void pack(ByteWriter& out, const T& record) {
  std::apply([&](const auto&... f) { (pack(out, record.*(f.member)), ...); }, T::fields());
}

template <std::integral T>
void unpack(ByteReader& in, T& number) {
  number = static_cast<T>(in.number());
}
inline void unpack(ByteReader& in, NodeId& id) {
  std::int64_t number = in.number();
  id = number >= 0 ? NodeId::node(static_cast<std::int32_t>(number))
                   : NodeId::client(static_cast<std::int32_t>(-1 - number));
}
template <Fielded T>
void unpack(ByteReader& in, T& record);
template <class T>
void unpack(ByteReader& in, std::vector<T>& items) {
  items.clear();
  for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
    unpack(in, items.emplace_back());
  }
}
template <Fielded T>
void unpack(ByteReader& in, T& record) {
  std::apply([&](const auto&... f) { (unpack(in, record.*(f.member)), ...); }, T::fields());
}

template <class T>
std::string packed(const T& item) {
  ByteWriter out;
  pack(out, item);
  return out.take();
}

}  // namespace sunder::pbft
