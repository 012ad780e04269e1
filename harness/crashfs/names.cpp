#include "harness/crashfs/names.h"

#include <algorithm>
#include <set>
#include <utility>

namespace sunder::crashfs {
namespace {

const Names::Entries& entries_of(const std::map<Ino, Names::Entries>& tree, Ino directory) {
  static const Names::Entries none;
  auto found = tree.find(directory);
  return found == tree.end() ? none : found->second;
}

/// The names and inodes of some operations: what depends on them, or they on it.
struct Footprint {
  std::set<std::pair<Ino, std::string>> places;
  std::set<Ino> inodes;

  void add(const NameOperation& operation, bool with_directories) {
    for (const EntryChange& entry : operation.changes) {
      places.insert({entry.directory, entry.name});
      inodes.insert(entry.before);
      inodes.insert(entry.after);
      if (with_directories) inodes.insert(entry.directory);
    }
    inodes.erase(0);
  }
  bool meets(const EntryChange& entry) const {
    return places.contains({entry.directory, entry.name}) || inodes.contains(entry.before) ||
           inodes.contains(entry.after);
  }
};

}  // namespace

Ino Names::find(Ino directory, std::string_view name) const {
  const Entries& all = entries(directory);
  auto found = all.find(name);
  return found == all.end() ? 0 : found->second;
}

const Names::Entries& Names::entries(Ino directory) const { return entries_of(now_, directory); }

const Names::Entries& Names::durable_entries(Ino directory) const {
  return entries_of(durable_, directory);
}

void Names::change(Tree& tree, const NameOperation& operation) {
  for (const EntryChange& entry : operation.changes) {
    if (entry.after != 0) {
      tree[entry.directory][entry.name] = entry.after;
    } else {
      tree[entry.directory].erase(entry.name);
    }
  }
}

void Names::apply(NameOperation operation) {
  change(now_, operation);
  pending_.push_back(std::move(operation));
}

void Names::sync(Ino directory) {
  // From the last to the first, so that what a needed operation depends on is known in time.
  std::vector<bool> needed(pending_.size(), false);
  Footprint required;
  bool everything = false;
  for (std::size_t i = pending_.size(); i-- > 0;) {
    const NameOperation& operation = pending_[i];
    needed[i] = everything || std::any_of(operation.changes.begin(), operation.changes.end(),
                                          [&](const EntryChange& entry) {
                                            return entry.directory == directory ||
                                                   required.meets(entry);
                                          });
    if (!needed[i]) continue;
    everything = everything || operation.shifts_directory;
    required.add(operation, operation.needs_directory);
  }
  std::vector<NameOperation> rest;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (needed[i]) {
      change(durable_, pending_[i]);
    } else {
      rest.push_back(std::move(pending_[i]));
    }
  }
  pending_ = std::move(rest);
}

void Names::sync_all() {
  for (const NameOperation& operation : pending_) change(durable_, operation);
  pending_.clear();
}

std::vector<NameOperation> Names::crash(
    const std::function<bool(const NameOperation&)>& wanted) {
  std::vector<NameOperation> lost;
  Footprint gone;
  for (NameOperation& operation : pending_) {
    bool possible = lost.empty() || !operation.shifts_directory;
    for (const EntryChange& entry : operation.changes) {
      possible = possible && !gone.meets(entry) &&
                 !(operation.needs_directory && gone.inodes.contains(entry.directory));
    }
    if (possible && wanted(operation)) {
      change(durable_, operation);
    } else {
      gone.add(operation, false);
      lost.push_back(std::move(operation));
    }
  }
  pending_.clear();
  now_ = durable_;
  return lost;
}

void Names::drop(Ino directory) {
  now_.erase(directory);
  durable_.erase(directory);
}

}  // namespace sunder::crashfs
