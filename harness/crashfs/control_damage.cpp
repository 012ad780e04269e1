// What requests do to that which the disk holds.

#include <algorithm>
#include <cstring>

#include "harness/core/rng.h"
#include "harness/crashfs/control.h"
#include "harness/crashfs/request_fields.h"

namespace sunder::crashfs {
namespace {

std::string pattern_of(const Value& request) {
  std::string pattern = text_of(request, "path");
  return pattern.empty() ? "*" : pattern;
}

std::string name_of(const Value& request) { return text_of(request, "name"); }

Error nameless() { return malformed("a snapshot needs a name: \"name\": \"text\""); }

}  // namespace

Result<Map> Control::damage(const Value& request) {
  std::string path = text_of(request, "path");
  std::string kind = text_of(request, "kind");
  std::uint64_t offset = size_of(request, "offset").value_or(0);
  std::uint64_t size = size_of(request, "size").value_or(1);
  auto how = [&](Content& content) {
    if (kind == "truncate") return content.resize(std::min(offset, content.size()));
    std::string bytes = content.read(offset, size);
    for (char& byte : bytes) {
      byte = kind == "zero" ? '\0' : static_cast<char>(static_cast<unsigned char>(byte) ^ 0x80u);
    }
    if (!bytes.empty()) content.write(offset, bytes);
  };
  if (kind != "truncate" && kind != "flip" && kind != "zero") {
    return malformed("\"kind\" is truncate, flip or zero");
  }
  int error = disk_.with([&](Volume& volume, FaultRules&) {
    return volume.damage(volume.resolve(path), how);
  });
  if (error != 0) return malformed("cannot damage '" + path + "': " + std::strerror(error));
  forget_caches();
  Map done;
  done["path"] = path;
  done["kind"] = kind;
  done["offset"] = number(offset);
  done["size"] = number(size);
  hooks_.log(done);
  return done;
}

Result<Map> Control::rot(const Value& request) {
  std::uint64_t bits = size_of(request, "bits").value_or(1);
  std::uint64_t seed = size_of(request, "seed").value_or(0);
  constexpr std::uint64_t bits_most = 100'000;
  if (bits > bits_most) return malformed("\"bits\" is at most 100000");
  List flipped;
  std::int64_t count = 0;
  disk_.harm([&](Volume& volume, Damage& damage) {
    for (const Damage::Flip& flip : damage.flip(volume, pattern_of(request), bits, seed)) {
      if (++count > static_cast<std::int64_t>(listed_max)) continue;
      Map map;
      map["path"] = flip.path;
      map["offset"] = number(flip.offset);
      map["bit"] = std::int64_t{flip.bit};
      flipped.emplace_back(std::move(map));
    }
  });
  forget_caches();
  Map done;
  done["changed"] = count;
  done["bits"] = std::move(flipped);
  hooks_.log(done);
  return done;
}

Result<Map> Control::cut_short(const Value& request) {
  std::uint64_t bytes = size_of(request, "bytes").value_or(4096);
  std::uint64_t seed = size_of(request, "seed").value_or(0);
  List cuts;
  disk_.harm([&](Volume& volume, Damage& damage) {
    for (const Damage::Cut& cut : damage.cut_short(volume, pattern_of(request), bytes, seed)) {
      Map map;
      map["path"] = cut.path;
      map["was"] = number(cut.was);
      map["left"] = number(cut.left);
      cuts.emplace_back(std::move(map));
    }
  });
  forget_caches();
  Map done;
  done["changed"] = static_cast<std::int64_t>(cuts.size());
  done["files"] = std::move(cuts);
  hooks_.log(done);
  return done;
}

Result<Map> Control::mend(const Value& request) {
  std::string what = text_of(request, "what");
  if (what != "rot" && what != "cut-short") return malformed("\"what\" is rot or cut-short");
  Damage::Mended mended = disk_.harm([&](Volume& volume, Damage& damage) {
    return what == "rot" ? damage.mend_flips(volume) : damage.mend_cuts(volume);
  });
  forget_caches();
  Map done;
  done["mended"] = mended.mended;
  done["overwritten"] = mended.overwritten;
  hooks_.log(done);
  return done;
}

Result<Map> Control::snapshot(const Value& request) {
  if (name_of(request).empty()) return nameless();
  disk_.take_snapshot(name_of(request));
  return Map{};
}

Result<Map> Control::restore(const Value& request) {
  if (name_of(request).empty()) return nameless();
  std::optional<Volume::Reverted> reverted = disk_.restore_snapshot(name_of(request));
  if (!reverted) return malformed("there is no snapshot '" + name_of(request) + "'");
  forget_caches();
  Map done;
  done["restored"] = name_of(request);
  done["changed"] = number(reverted->files);
  done["bytes"] = number(reverted->bytes);
  hooks_.log(done);
  return done;
}

}  // namespace sunder::crashfs
