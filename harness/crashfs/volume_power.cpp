// The power cut, and what it would cost.

#include <sys/stat.h>

#include <algorithm>

#include "harness/core/rng.h"
#include "harness/crashfs/volume.h"

namespace sunder::crashfs {

struct Volume::Choice {
  Policy policy;
  std::uint64_t seed;
  std::uint64_t cut = 0;   // of the policy prefix: what is older is kept
  std::uint64_t odds = 2;  // of four operations on names this many are wanted
};

Losses Volume::unsynced() const {
  Losses losses;
  for (const auto& [number, inode] : inodes_) {
    if (inode.file.is_durable()) continue;
    const std::string file = path(number);
    const std::vector<Range> written = inode.file.unsynced();
    for (const Range& range : written) losses.ranges.push_back({file, range});
    std::uint64_t was = inode.file.now().size();
    std::uint64_t left = inode.file.durable().size();
    // A file that was resized there and back again has a size in between to lose it to.
    if (was != left || written.empty()) losses.sizes.push_back({file, was, left});
  }
  for (const NameOperation& operation : names_.pending()) {
    const EntryChange& entry = operation.changes.back();
    std::string folder = path(entry.directory);
    losses.names.push_back({(folder == "/" ? "" : folder) + "/" + entry.name, operation.what});
  }
  return losses;
}

FileFate Volume::fate_of(Ino number, const FileState& file, const Choice& choice) const {
  std::size_t count = file.changes();
  auto some = [count, seed = choice.seed](std::string_view purpose, Ino stream,
                                          std::uint64_t event) {
    return static_cast<std::size_t>(draw(seed, Stream::of(purpose, stream), event) % (count + 1));
  };
  auto fate = [](std::size_t sizes, std::size_t writes) {
    return FileFate{sizes, Content::page_size, [writes](std::uint64_t) { return writes; }};
  };
  switch (choice.policy) {
    case Policy::none: return fate(0, 0);
    case Policy::all:
    case Policy::drop_names: return fate(count, count);
    case Policy::drop_data: return fate(count, 0);
    case Policy::prefix: {
      std::size_t kept = file.changes_before(choice.cut);
      return fate(kept, kept);
    }
    case Policy::subset: {
      std::size_t kept = some("file", number, 0);
      return fate(kept, kept);
    }
    case Policy::torn_512:
    case Policy::torn_4096: break;
  }
  return FileFate{some("size", number, 0), choice.policy == Policy::torn_512 ? 512u : 4096u,
                  [some, number](std::uint64_t unit) { return some("unit", number, unit); }};
}

Losses Volume::crash(Policy policy, std::uint64_t seed) {
  Choice choice{policy, seed};
  Rng rng(seed, Stream::of("power cut"));
  choice.odds = 1 + rng.below(3);
  std::map<std::uint64_t, std::string> name_paths;  // by sequence; paths are gone afterwards
  std::vector<std::uint64_t> moments{sequence_ + 1};
  for (const NameOperation& operation : names_.pending()) moments.push_back(operation.sequence);
  Losses all = unsynced();
  for (std::size_t i = 0; i < all.names.size(); ++i) {
    name_paths[names_.pending()[i].sequence] = all.names[i].path;
  }
  for (const auto& [number, inode] : inodes_) {
    for (std::uint64_t moment : inode.file.moments()) moments.push_back(moment);
  }
  std::sort(moments.begin(), moments.end());
  choice.cut = moments[static_cast<std::size_t>(rng.below(moments.size()))];

  Losses losses;
  for (auto& [number, inode] : inodes_) {
    if (inode.file.is_durable()) continue;
    const std::string file = path(number);
    std::uint64_t was = inode.file.now().size();
    for (const Range& range : inode.file.crash(fate_of(number, inode.file, choice))) {
      losses.ranges.push_back({file, range});
    }
    std::uint64_t left = inode.file.now().size();
    if (was != left) losses.sizes.push_back({file, was, left});
  }
  auto wanted = [&](const NameOperation& operation) {
    if (policy == Policy::none || policy == Policy::drop_names) return false;
    if (policy == Policy::prefix) return operation.sequence < choice.cut;
    if (policy == Policy::all || policy == Policy::drop_data) return true;
    if (options_.order == NameOrder::journaled) return operation.sequence < choice.cut;
    return draw(seed, Stream::of("name"), operation.sequence) % 4 < choice.odds;
  };
  for (const NameOperation& operation : names_.crash(wanted)) {
    losses.names.push_back({name_paths[operation.sequence], operation.what});
  }
  recount();
  ++crashes_;
  return losses;
}

void Volume::recount() {
  for (auto& [number, inode] : inodes_) inode.links = number == root ? 1 : 0;
  std::vector<Ino> next{root};
  while (!next.empty()) {
    Ino directory = next.back();
    next.pop_back();
    for (const auto& [name, number] : names_.entries(directory)) {
      Inode& inode = inodes_.at(number);
      ++inode.links;
      inode.parent = directory;
      inode.name = name;
      if (S_ISDIR(inode.attributes.mode)) next.push_back(number);
    }
  }
  used_ = 0;
  std::erase_if(inodes_, [&](const auto& item) {
    if (item.second.links > 0) return false;
    names_.drop(item.first);  // an open file without a name is gone with the machine
    return true;
  });
  for (const auto& [number, inode] : inodes_) {
    used_ += inode.file.now().pages() * Content::page_size;
  }
  removed_ = 0;
}

}  // namespace sunder::crashfs
