#include "harness/real/ssh/transfer.h"

#include <openssl/evp.h>

#include <charconv>
#include <fstream>
#include <memory>

namespace sunder {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t part_size = 65536;
constexpr int no_such_file = 44;  // of our scripts

struct Freed {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

Error unreadable(const fs::path& file) {
  return Error{Error::Code::environment, "cannot read " + file.string()};
}

/// Our constant scripts get all that varies as arguments.
SshExec script(const char* text, std::vector<std::string> arguments, const SshUpload& what) {
  SshExec exec;
  exec.command = {"sh", "-c", text, "sunder"};
  exec.command.insert(exec.command.end(), arguments.begin(), arguments.end());
  exec.as_root = what.as_root;
  exec.time_limit = what.time_limit;
  return exec;
}

// $1 the file, $2 its checksum, $3 the part. Says "has", or how much of the part is there.
constexpr const char* look = R"sh(
if echo "$2  $1" | sha256sum -c --status 2>/dev/null; then echo has; exit 0; fi
mkdir -p "$(dirname "$1")" || exit 1
if test -e "$3"; then stat -c %s "$3"; else echo 0; fi
)sh";
constexpr const char* add = R"sh(umask 022; cat >> "$1")sh";
// $1 the part, $2 the checksum, $3 the file, $4 its mode. A wrong part is of no further use.
constexpr const char* settle = R"sh(
if ! echo "$2  $1" | sha256sum -c --status; then rm -f "$1"; echo wrong; exit 0; fi
chmod "$4" "$1" && sync "$1" && mv -f "$1" "$3"
)sh";

Result<std::uint64_t> send_rest(SshSession& session, const SshUpload& what,
                                const std::string& part, std::uint64_t there) {
  auto file = std::make_shared<std::ifstream>(what.local, std::ios::binary);
  file->seekg(static_cast<std::streamoff>(there));
  if (!*file) return unreadable(what.local);
  auto sent = std::make_shared<std::uint64_t>(0);
  SshExec exec = script(add, {part}, what);
  exec.input = [file, sent] {
    std::string bytes(part_size, '\0');
    file->read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file->gcount()));
    *sent += bytes.size();
    return bytes;
  };
  Result<std::string> added = session.output_of(exec);
  if (!added) return added.error();
  return *sent;
}

}  // namespace

Result<std::string> sha256_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::unique_ptr<EVP_MD_CTX, Freed> context(EVP_MD_CTX_new());
  if (!file || !context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    return unreadable(path);
  }
  std::string bytes(part_size, '\0');
  while (file) {
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    EVP_DigestUpdate(context.get(), bytes.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad()) return unreadable(path);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    constexpr std::string_view digits = "0123456789abcdef";
    text += {digits[digest[i] >> 4], digits[digest[i] & 15]};
  }
  return text;
}

Result<Uploaded> upload(SshSession& session, const SshUpload& what) {
  Result<std::string> checksum = sha256_of(what.local);
  if (!checksum) return checksum.error();
  // The part's name carries the checksum: parts of another version are never continued.
  std::string part = what.remote + ".part-" + *checksum;
  std::error_code failed;
  std::uint64_t size = fs::file_size(what.local, failed);
  if (failed) return unreadable(what.local);
  Uploaded done;
  constexpr int attempts = 2;  // a part that went bad is thrown away once
  for (int attempt = 0; attempt < attempts; ++attempt) {
    auto looked = session.output_of(script(look, {what.remote, *checksum, part}, what));
    if (!looked) return looked.error();
    if (*looked == "has\n") return done;
    std::uint64_t there = 0;
    std::from_chars(looked->data(), looked->data() + looked->size(), there);
    if (there < size) {
      Result<std::uint64_t> sent = send_rest(session, what, part, there);
      if (!sent) return sent.error();
      done.sent += *sent;
    }
    auto settled = session.output_of(script(
        settle, {part, *checksum, what.remote, what.executable ? "755" : "644"}, what));
    if (!settled) return settled.error();
    if (*settled != "wrong\n") return done;
  }
  return Error{Error::Code::environment, what.remote + " on " + to_string(session.host()) +
                                             " does not get the checksum of " +
                                             what.local.string() + "; is the disk full?"};
}

Status download(SshSession& session, const std::string& remote, const fs::path& local,
                bool as_root, Duration time_limit) {
  fs::path part = local.string() + ".part";
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  SshExec exec;
  exec.command = {"sh", "-c", R"sh(test -e "$1" || exit 44; exec cat "$1")sh", "sunder", remote};
  exec.as_root = as_root;
  exec.time_limit = time_limit;
  exec.output = [&file](std::string_view bytes) {
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  Result<SshExit> end = session.exec(exec);
  file.flush();
  std::error_code failed;
  if (end && end->code == 0 && file) {
    fs::rename(part, local, failed);
    if (!failed) return Done{};
  }
  fs::remove(part, failed);
  if (!end) return end.error();
  if (end->code == no_such_file) {
    return Error{Error::Code::not_found, "there is no " + remote + " on " +
                                             to_string(session.host())};
  }
  return Error{Error::Code::environment, "cannot fetch " + remote + " from " +
                                             to_string(session.host()) + ": " + end->err};
}

}  // namespace sunder
