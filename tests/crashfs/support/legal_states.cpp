#include "tests/crashfs/support/legal_states.h"

#include <algorithm>

namespace sunder::crashfs {
namespace {

using Tree = std::map<std::uint64_t, std::map<std::string, std::uint64_t>>;

void print(const Tree& tree, std::uint64_t directory, const std::string& path, std::string& out) {
  auto entries = tree.find(directory);
  if (entries == tree.end()) return;
  for (const auto& [name, inode] : entries->second) {
    out += path + name + " " + std::to_string(inode) + "\n";
    print(tree, inode, path + name + "/", out);
  }
}

}  // namespace

void LegalStates::name_operation(std::vector<Entry> entries, bool needs_directory,
                                 bool shifts_directory) {
  operations_.push_back({std::move(entries), needs_directory, shifts_directory, false, moment_++});
}

bool LegalStates::depends(std::size_t later, std::size_t earlier) const {
  if (later <= earlier) return false;
  const Operation& b = operations_[later];
  const Operation& a = operations_[earlier];
  if (b.shifts_directory) return true;
  for (const Entry& of_b : b.entries) {
    for (const Entry& of_a : a.entries) {
      if (of_a.directory == of_b.directory && of_a.name == of_b.name) return true;
      for (std::uint64_t inode : {of_a.before, of_a.after}) {
        if (inode == 0) continue;
        if (inode == of_b.before || inode == of_b.after) return true;
        if (b.needs_directory && inode == of_b.directory) return true;
      }
    }
  }
  return false;
}

void LegalStates::mark_synced(std::size_t operation) {
  operations_[operation].synced = true;
  for (std::size_t earlier = 0; earlier < operation; ++earlier) {
    if (depends(operation, earlier)) mark_synced(earlier);
  }
}

void LegalStates::sync_directory(std::uint64_t directory) {
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    for (const Entry& entry : operations_[i].entries) {
      if (entry.directory == directory) mark_synced(i);
    }
  }
}

void LegalStates::write(std::uint64_t file, std::uint64_t offset, std::uint64_t size,
                        char letter) {
  files_[file].changes.push_back({false, offset, size, letter, moment_++});
}

void LegalStates::resize(std::uint64_t file, std::uint64_t size) {
  File& state = files_[file];
  if (size_after(state, state.changes.size()) == size) return;
  state.changes.push_back({true, size, 0, 0, moment_++});
}

void LegalStates::sync_file(std::uint64_t file) {
  files_[file].synced = files_[file].changes.size();
}

std::string LegalStates::names_of(const std::vector<bool>& kept) const {
  Tree tree;
  for (std::size_t i = 0; i < operations_.size(); ++i) {
    if (!kept[i]) continue;
    for (const Entry& entry : operations_[i].entries) {
      tree[entry.directory].erase(entry.name);
      if (entry.after != 0) tree[entry.directory][entry.name] = entry.after;
    }
  }
  std::string text;
  print(tree, 1, "/", text);
  return text;
}

std::set<std::string> LegalStates::names() const {
  std::set<std::string> legal;
  std::size_t count = operations_.size();
  for (std::uint64_t set = 0; set < std::uint64_t{1} << count; ++set) {
    std::vector<bool> kept(count);
    for (std::size_t i = 0; i < count; ++i) kept[i] = (set >> i & 1) != 0;
    bool closed = true;
    for (std::size_t b = 0; b < count && closed; ++b) {
      closed = kept[b] || !operations_[b].synced;
      for (std::size_t a = 0; a < b && closed; ++a) closed = !kept[b] || kept[a] || !depends(b, a);
    }
    if (closed) legal.insert(names_of(kept));
  }
  return legal;
}

std::uint64_t LegalStates::size_after(const File& file, std::size_t count) {
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Change& change = file.changes[i];
    size = change.resizes ? change.place : std::max(size, change.place + change.size);
  }
  return size;
}

char LegalStates::byte_of(const File& file, std::uint64_t place, std::size_t sizes,
                          std::size_t writes) {
  for (std::size_t i = writes; i-- > 0;) {
    const Change& change = file.changes[i];
    if (change.resizes || place < change.place || place >= change.place + change.size) continue;
    bool cut = false;  // by a kept resize after the write
    for (std::size_t later = i + 1; later < sizes; ++later) {
      cut = cut || (file.changes[later].resizes && file.changes[later].place <= place);
    }
    return cut ? '.' : change.letter;
  }
  return '.';
}

std::string LegalStates::content(const File& file, std::size_t sizes,
                                 const std::vector<std::size_t>& writes) {
  std::string text;
  for (std::uint64_t place = 0; place < size_after(file, sizes); place += grain) {
    text += byte_of(file, place, sizes, writes[static_cast<std::size_t>(place / unit)]);
  }
  return text;
}

std::set<std::string> LegalStates::contents(std::uint64_t number) const {
  auto found = files_.find(number);
  if (found == files_.end()) return {""};
  const File& file = found->second;
  std::set<std::string> legal;
  for (std::size_t sizes = file.synced; sizes <= file.changes.size(); ++sizes) {
    std::size_t limit = file.changes.size();
    for (std::size_t i = file.changes.size(); i-- > sizes;) {
      const Change& change = file.changes[i];
      if (change.resizes && change.place < size_after(file, i)) limit = i;
    }
    std::vector<std::size_t> writes(16, file.synced);
    std::size_t units = static_cast<std::size_t>((size_after(file, sizes) + unit - 1) / unit);
    while (true) {
      legal.insert(content(file, sizes, writes));
      std::size_t at = 0;  // counts through all choices
      while (at < units && writes[at] == limit) writes[at++] = file.synced;
      if (at >= units) break;
      ++writes[at];
    }
  }
  return legal;
}

std::vector<Sight> LegalStates::prefixes() const {
  std::vector<Sight> sights;
  for (std::size_t cut = 0; cut <= moment_; ++cut) {
    Sight sight;
    std::vector<bool> kept;
    for (const Operation& operation : operations_) {
      kept.push_back(operation.synced || operation.moment < cut);
    }
    sight.names = names_of(kept);
    for (const auto& [number, file] : files_) {
      std::size_t count = file.synced;
      while (count < file.changes.size() && file.changes[count].moment < cut) ++count;
      sight.files[number] = content(file, count, std::vector<std::size_t>(16, count));
    }
    sights.push_back(std::move(sight));
  }
  return sights;
}

}  // namespace sunder::crashfs
