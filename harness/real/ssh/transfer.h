#pragma once
// Files to and from a host, with nothing there but a shell and coreutils.

#include <filesystem>
#include <string>

#include "harness/real/ssh/session.h"

namespace sunder {

/// The SHA-256 of a file's bytes, in hexadecimal.
Result<std::string> sha256_of(const std::filesystem::path& file);

struct SshUpload {
  std::filesystem::path local;
  std::string remote;       // absolute
  bool executable = false;
  bool as_root = false;
  Duration time_limit = std::chrono::minutes(5);
};
struct Uploaded {
  std::uint64_t sent = 0;  // bytes; 0 when the host had the file already
};
/// Puts a file there unless one with these bytes is there already. What an upload that broke off
/// left is taken up again; the file appears under its name once its checksum is right.
Result<Uploaded> upload(SshSession& session, const SshUpload& what);

/// Fetches a file. Error (not_found): there is none.
Status download(SshSession& session, const std::string& remote, const std::filesystem::path& local,
                bool as_root, Duration time_limit);

}  // namespace sunder
