#include "nodes/lattice/store.h"

namespace sunder::lattice {
namespace {

constexpr std::string_view objects_key = "objects";

}  // namespace

void ObjectStore::recover(const std::function<void(std::int64_t, const Part&)>& visit) {
  if (const Bytes* saved = storage_.get(objects_key)) {
    std::optional<Numbers> numbers = from_bytes(*saved);
    NumberReader in(numbers ? std::span<const std::int64_t>(*numbers)
                            : std::span<const std::int64_t>());
    for (std::size_t left = in.size(); left > 0 && in.ok(); --left) {
      std::int64_t key = in.number();
      Part part = Part::get(in);
      if (in.ok()) visit(key, part);
    }
  }
  std::uint64_t at = storage_.log_begin();
  for (; at < storage_.log_end(); ++at) {
    std::optional<Numbers> numbers = from_bytes(storage_.log_read(at));
    if (!numbers) break;  // torn, so that nobody was told of it
    NumberReader in(*numbers);
    std::int64_t key = in.number();
    Part part = Part::get(in);
    if (!in.ok() || !in.at_end()) break;
    visit(key, part);
    ++added_;
  }
  if (at < storage_.log_end()) storage_.truncate_from(at);
}

void ObjectStore::add(std::int64_t key, const Part& part) {
  NumberWriter out;
  out.put(key);
  part.put(out);
  storage_.append(to_bytes(out.take()));
  ++added_;
}

// Records that a crash leaves behind although the snapshot has them change nothing when they are
// joined again.
void ObjectStore::compact(const Objects& objects) {
  NumberWriter out;
  out.put_size(objects.size());
  for (const auto& [key, object] : objects) {
    out.put(key);
    object.whole().put(out);
  }
  storage_.put(objects_key, to_bytes(out.take()));
  storage_.sync();
  storage_.discard_before(storage_.log_end());
  added_ = 0;
}

}  // namespace sunder::lattice
