#include "harness/store/journal_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "harness/core/json.h"
#include "harness/core/log.h"
#include "harness/store/run_directory.h"

namespace sunder {

Result<std::unique_ptr<JournalFile>> JournalFile::create(const std::filesystem::path& path) {
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) {
    std::string cause = std::strerror(errno);
    return Error{Error::Code::environment, "cannot write " + path.string() + ": " + cause};
  }
  return std::unique_ptr<JournalFile>(new JournalFile(file));
}

JournalFile::~JournalFile() { ::close(file_); }

std::uint64_t JournalFile::will(const Value& act) {
  std::lock_guard lock(mutex_);
  std::uint64_t entry = ++entries_;
  Map line;
  line["entry"] = static_cast<std::int64_t>(entry);
  line["will"] = act;
  write_line(line);
  return entry;
}

void JournalFile::undone(std::uint64_t entry) {
  std::lock_guard lock(mutex_);
  Map line;
  line["undone"] = static_cast<std::int64_t>(entry);
  write_line(line);
}

void JournalFile::write_line(const Value& line) {
  std::string text = to_json(line) + "\n";
  ssize_t written = ::write(file_, text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()) || ::fdatasync(file_) != 0) {
    log::warning(std::string("the undo journal could not be written: ") + std::strerror(errno));
  }
}

Result<std::vector<Value>> acts_left(const std::filesystem::path& path) {
  Result<std::string> text = read_whole_file(path);
  if (!text) return text.error();
  std::map<std::int64_t, Value> left;
  for (std::size_t at = 0; at < text->size();) {
    std::size_t end = text->find('\n', at);
    if (end == std::string::npos) break;
    Result<Value> line = parse_json(std::string_view(*text).substr(at, end - at));
    at = end + 1;
    if (!line) continue;
    const Value* entry = line->find("entry");
    const Value* act = line->find("will");
    const Value* undone = line->find("undone");
    if (entry != nullptr && entry->is_integer() && act != nullptr) left[entry->integer()] = *act;
    if (undone != nullptr && undone->is_integer()) left.erase(undone->integer());
  }
  std::vector<Value> acts;
  for (auto& [entry, act] : left) acts.push_back(std::move(act));
  return acts;
}

}  // namespace sunder
