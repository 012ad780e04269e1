#include "harness/agent/undo_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "harness/faultkit/descriptor.h"
#include "harness/faultkit/system_error.h"

namespace sunder {

UndoJournal::UndoJournal(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream text(file_);
  for (std::string act; std::getline(text, act);) {
    if (act == cuts || act == bends || act == node) {
      acts_.insert(act);
    } else {
      acts_ = {cuts, bends, node};
      return;
    }
  }
}

Status UndoJournal::will(const std::string& act) {
  if (!acts_.insert(act).second) return Done{};
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
  for (const std::string& act : acts_) text += act + '\n';
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
