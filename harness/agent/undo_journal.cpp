#include "harness/agent/undo_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

bool is_known(const std::string& act) {
  constexpr std::array<std::string_view, 6> known = {
      UndoJournal::cuts,  UndoJournal::bends, UndoJournal::node,
      UndoJournal::clock, UndoJournal::ports, UndoJournal::group};
  return std::find(known.begin(), known.end(), act) != known.end();
}

}  // namespace

UndoJournal::UndoJournal(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream text(file_);
  for (std::string line; std::getline(text, line);) {
    std::size_t space = std::min(line.find(' '), line.size());
    std::string act = line.substr(0, space);
    if (is_known(act)) {
      acts_[act] = line.substr(std::min(space + 1, line.size()));
    } else {
      acts_ = {{cuts, ""}, {bends, ""}, {node, ""}};
      return;
    }
  }
}

std::string UndoJournal::detail(const std::string& act) const {
  auto found = acts_.find(act);
  return found == acts_.end() ? "" : found->second;
}

Status UndoJournal::will(const std::string& act, const std::string& detail) {
  if (!acts_.emplace(act, detail).second) return Done{};
  Status written = write();
  if (!written) acts_.erase(act);
  return written;
}

Status UndoJournal::undone(const std::string& act) {
  if (acts_.erase(act) == 0) return Done{};
  return write();
}

// Beside it and renamed, so that a crash leaves the old list or the new one.
Status UndoJournal::write() {
  std::string text;
  for (const auto& [act, detail] : acts_) {
    text += act + (detail.empty() ? "" : " " + detail) + '\n';
  }
  std::filesystem::path fresh = file_.string() + ".new";
  Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  Descriptor folder(::open(file_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  bool done = file && folder &&
              ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
              ::fsync(file.get()) == 0 && ::rename(fresh.c_str(), file_.c_str()) == 0 &&
              ::fsync(folder.get()) == 0;
  if (done) return Done{};
  return system_error("write the undo journal " + file_.string());
}

}  // namespace sunder
