#include "harness/store/run_directory.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "harness/core/time.h"

namespace sunder {
namespace {

namespace fs = std::filesystem;

Error environment(std::string what) { return Error{Error::Code::environment, std::move(what)}; }

std::string folder_time() {
  auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  std::string utc = format_utc(now);
  std::erase(utc, '-');
  std::erase(utc, ':');
  return utc;
}

void point_latest_at(const fs::path& store, const fs::path& run) {
  std::error_code ignored;  // a missing convenience link must not end a run
  fs::path temporary = store / (".latest-" + std::to_string(::getpid()));
  fs::remove(temporary, ignored);
  fs::create_directory_symlink(fs::relative(run, store, ignored), temporary, ignored);
  fs::rename(temporary, store / "latest", ignored);
}

}  // namespace

Status write_whole_file(const fs::path& path, std::string_view content) {
  fs::path temporary = path;
  temporary += ".tmp-" + std::to_string(::getpid());
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.close();
    if (!out) {
      std::string cause = std::strerror(errno);
      std::error_code ignored;
      fs::remove(temporary, ignored);
      return environment("cannot write " + path.string() + ": " + cause);
    }
  }
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error) return environment("cannot write " + path.string() + ": " + error.message());
  return Done{};
}

Result<std::string> read_whole_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    return Error{Error::Code::malformed, path.string() + " is a folder, not a file"};
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::string cause = std::strerror(errno);
    return Error{Error::Code::not_found, "cannot read " + path.string() + ": " + cause};
  }
  std::ostringstream content;
  content << in.rdbuf();
  return std::move(content).str();
}

Result<RunDirectory> RunDirectory::create(const fs::path& store, std::string_view name) {
  fs::path parent = store / name;
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) {
    return environment("cannot make the store folder " + parent.string() + ": " + error.message() +
                       "; choose a writable one with --store DIR");
  }
  std::string time = folder_time();
  for (int attempt = 1; attempt <= 1000; ++attempt) {
    fs::path run = parent / (attempt == 1 ? time : time + "-" + std::to_string(attempt));
    if (fs::create_directory(run, error)) {
      point_latest_at(store, run);
      return RunDirectory(run);
    }
    if (error) {
      return environment("cannot make the run folder " + run.string() + ": " + error.message() +
                         "; choose a writable store with --store DIR");
    }
  }
  return environment("cannot find a free run folder in " + parent.string());
}

Status RunDirectory::write(std::string_view file, std::string_view content) const {
  return write_whole_file(path_ / file, content);
}

Status RunDirectory::write_json(std::string_view file, const Value& value) const {
  return write(file, to_json(value) + "\n");
}

}  // namespace sunder
