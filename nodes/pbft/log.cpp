#include "nodes/pbft/log.h"

#include <algorithm>

#include "nodes/pbft/seal.h"

namespace sunder::pbft {
namespace {

constexpr std::int64_t accepted_record = 1;
constexpr std::int64_t prepared_record = 2;

}  // namespace

Slot& Log::at(std::int64_t sequence) {
  return slots_.try_emplace(sequence, replicas_).first->second;
}

Slot* Log::find(std::int64_t sequence) {
  auto found = slots_.find(sequence);
  return found == slots_.end() ? nullptr : &found->second;
}

void Log::recover(std::int64_t stable, std::int64_t view) {
  slots_.clear();
  for (std::uint64_t i = storage_.log_begin(); i < storage_.log_end(); ++i) read(i, stable);
  for (auto& [sequence, slot] : slots_) slot.accepted = slot.accepted && slot.view == view;
}

void Log::read(std::uint64_t index, std::int64_t stable) {
  ByteReader in(storage_.log_read(index));
  std::int64_t kind = in.number();
  Certificate certificate;
  unpack(in, certificate);
  if (!in.ok() || certificate.sequence <= stable) return;
  Slot& slot = at(certificate.sequence);
  if (!slot.first_record) slot.first_record = index;
  if (kind == prepared_record) {
    slot.prepared = certificate;
    return;
  }
  bool with_batch = in.number() != 0;
  Batch batch;
  if (with_batch) unpack(in, batch);
  if (!in.ok()) return;
  if (with_batch) {
    slot.batches[certificate.digest] = std::make_shared<const Batch>(std::move(batch));
  }
  note_accepted(slot, certificate);
}

void Log::note_accepted(Slot& slot, const Certificate& certificate) {
  slot.accepted = true;
  slot.awaits_batch = false;
  slot.view = certificate.view;
  slot.digest = certificate.digest;
  for (Certificate& own : slot.pre_prepared) {
    if (own.digest != certificate.digest) continue;
    own.view = certificate.view;
    return;
  }
  slot.pre_prepared.push_back(certificate);
}

void Log::write(Slot& slot, Bytes record) {
  if (!slot.first_record) slot.first_record = storage_.log_end();
  storage_.append(std::move(record));
}

void Log::accept(std::int64_t sequence, std::int64_t view, std::int64_t digest, SharedBatch batch,
                 bool durable) {
  Slot& slot = at(sequence);
  Certificate certificate{sequence, digest, view};
  bool known = std::any_of(slot.pre_prepared.begin(), slot.pre_prepared.end(),
                           [&](const Certificate& own) { return own.digest == digest; });
  slot.batches[digest] = batch;
  note_accepted(slot, certificate);
  if (!durable) return;
  ByteWriter out;
  out.number(accepted_record);
  pack(out, certificate);
  out.number(known ? 0 : 1);
  if (!known) pack(out, *batch);
  write(slot, out.take());
}

void Log::prepare(std::int64_t sequence, std::int64_t view, std::int64_t digest, bool durable) {
  Slot& slot = at(sequence);
  slot.prepared = Certificate{sequence, digest, view};
  if (!durable) return;
  ByteWriter out;
  out.number(prepared_record);
  pack(out, *slot.prepared);
  write(slot, out.take());
}

void Log::discard_through(std::int64_t sequence) {
  slots_.erase(slots_.begin(), slots_.upper_bound(sequence));
  std::uint64_t needed = storage_.log_end();
  for (const auto& [number, slot] : slots_) {
    needed = std::min(needed, slot.first_record.value_or(needed));
  }
  if (needed > storage_.log_begin()) storage_.discard_before(needed);
}

std::vector<Certificate> Log::prepared() const {
  std::vector<Certificate> all;
  for (const auto& [sequence, slot] : slots_) {
    if (slot.prepared) all.push_back(*slot.prepared);
  }
  return all;
}

std::vector<Certificate> Log::pre_prepared() const {
  std::vector<Certificate> all;
  for (const auto& [sequence, slot] : slots_) {
    all.insert(all.end(), slot.pre_prepared.begin(), slot.pre_prepared.end());
  }
  return all;
}

}  // namespace sunder::pbft
