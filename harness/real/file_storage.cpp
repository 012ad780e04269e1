#include "harness/real/file_storage.h"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <sys/file.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "harness/core/assert.h"
#include "harness/faultkit/system_error.h"

namespace sunder {
namespace {

constexpr std::uint32_t magic = 0x524e4453;  // "SDNR" as it lies in the file
constexpr std::size_t header_size = 24;      // magic, length, checksum, durable size
constexpr std::size_t summed_from = 16;      // the checksum covers what follows it
constexpr std::size_t payload_limit = std::size_t{64} << 20;
constexpr std::uint64_t rewrite_floor = std::uint64_t{4} << 20;  // no rewrite of smaller files

enum class Kind : char {
  append = 'a',
  truncate = 't',
  discard = 'd',
  put = 'p',
  erase = 'e',
  generation = 'g',  // of the file, first in one that was rewritten
};

template <class T>
void append_number(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class T>
T number_at(std::string_view bytes, std::size_t at) {
  T number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

void append_record(std::string& out, std::string_view payload, std::uint64_t durable) {
  std::string summed;
  append_number(summed, durable);
  summed.append(payload);
  append_number(out, magic);
  append_number(out, static_cast<std::uint32_t>(payload.size()));
  append_number(out, static_cast<std::uint64_t>(XXH3_64bits(summed.data(), summed.size())));
  out.append(summed);
}

struct Record {
  std::uint64_t durable = 0;  // bytes of the file that were known to be when it was written
  std::string_view payload;
};

/// The record that begins at `at`; none when it is cut short or does not add up.
std::optional<Record> record_at(std::string_view file, std::size_t at) {
  if (file.size() - at < header_size || number_at<std::uint32_t>(file, at) != magic) return {};
  std::size_t length = number_at<std::uint32_t>(file, at + 4);
  if (length > payload_limit || file.size() - at - header_size < length) return {};
  std::string_view summed = file.substr(at + summed_from, header_size - summed_from + length);
  if (XXH3_64bits(summed.data(), summed.size()) != number_at<std::uint64_t>(file, at + 8)) {
    return {};
  }
  return Record{number_at<std::uint64_t>(summed, 0), file.substr(at + header_size, length)};
}

/// Whether a later record was written when the bad one was durable already.
bool was_durable(std::string_view file, std::size_t bad) {
  std::string_view mark(reinterpret_cast<const char*>(&magic), sizeof magic);
  for (std::size_t at = file.find(mark, bad + 1); at != std::string_view::npos;
       at = file.find(mark, at + 1)) {
    std::optional<Record> record = record_at(file, at);
    if (record && record->durable > bad) return true;
  }
  return false;
}

std::string index_payload(Kind kind, std::uint64_t index) {
  std::string payload(1, static_cast<char>(kind));
  append_number(payload, index);
  return payload;
}

std::string put_payload(std::string_view key, std::string_view value) {
  std::string payload(1, static_cast<char>(Kind::put));
  append_number(payload, static_cast<std::uint32_t>(key.size()));
  payload.append(key).append(value);
  return payload;
}

Status write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write the node's journal");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Done{};
}

Status sync_folder(const std::filesystem::path& folder) {
  Descriptor open_folder(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open_folder || ::fsync(open_folder.get()) != 0) {
    return system_error("sync the folder " + folder.string());
  }
  return Done{};
}

}  // namespace

Result<std::unique_ptr<FileStorage>> FileStorage::open(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  std::unique_ptr<FileStorage> storage(new FileStorage(folder));
  if (Status loaded = storage->load(); !loaded) return loaded.error();
  return storage;
}

std::unique_ptr<FileStorage> FileStorage::in_memory() {
  return std::unique_ptr<FileStorage>(new FileStorage({}));
}

Status FileStorage::load() {
  std::filesystem::path path = folder_ / "journal";
  auto file = std::make_shared<Descriptor>(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!*file) {
    return system_error("open " + path.string(), "the data folder must exist and be writable");
  }
  if (::flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
    return system_error("lock " + path.string(), "another node already uses this data folder");
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  std::string bytes = std::move(all).str();
  std::size_t at = 0;
  while (at < bytes.size()) {
    std::optional<Record> record = record_at(bytes, at);
    if (!record) break;
    if (!replay(record->payload)) {
      return Error{Error::Code::environment, path.string() + " holds a record at byte " +
                                                 std::to_string(at) + " that makes no sense"};
    }
    at += header_size + record->payload.size();
  }
  Result<std::unique_ptr<DurableMark>> mark = DurableMark::open(folder_ / "durable");
  if (!mark) return mark.error();
  mark_ = *std::move(mark);
  if (Status sound = check_end(bytes, at); !sound) return sound;
  cut_off_ = bytes.size() - at;
  if (cut_off_ > 0 && ::ftruncate(file->get(), static_cast<off_t>(at)) != 0) {
    return system_error("cut off the torn end of " + path.string());
  }
  // What was read may stand in the kernel's memory only, when just the process had ended.
  if (::fsync(file->get()) != 0) return system_error("sync " + path.string());
  file_size_ = durable_size_ = at;
  file_ = std::move(file);
  if (Status synced = sync_folder(folder_); !synced) return synced;
  mark_->say({generation_, durable_size_});
  return Done{};
}

/// Whether what is behind the last good record, or is no longer there, may be gone.
Status FileStorage::check_end(std::string_view bytes, std::size_t end) const {
  std::string where = (folder_ / "journal").string();
  auto damaged = [&](const std::string& how) {
    return Error{Error::Code::environment, where + " is damaged at byte " + std::to_string(end) +
                                               ": " + how};
  };
  if (end < bytes.size() && was_durable(bytes, end)) {
    return damaged("that record does not match its checksum, and was durable once");
  }
  const std::optional<DurableMark::Claim>& claim = mark_->claim();
  if (!claim || claim->generation < generation_) return Done{};
  if (claim->generation > generation_) {
    return damaged("it is older than the one that was durable once");
  }
  if (claim->size <= end) return Done{};
  return damaged("of it " + std::to_string(claim->size) + " bytes were durable once");
}

void FileStorage::sync_ended() {
  if (syncing_size_ <= durable_size_) return;
  durable_size_ = syncing_size_;
  if (mark_) mark_->say({generation_, durable_size_});
}

bool FileStorage::replay(std::string_view payload) {
  if (payload.empty()) return false;
  std::string_view rest = payload.substr(1);
  Kind kind = static_cast<Kind>(payload[0]);
  auto apply = [&] {
    if (kind == Kind::append) return append(Bytes(rest)), true;
    if (kind == Kind::erase) return erase(rest), true;
    if (kind == Kind::put) {
      if (rest.size() < 4) return false;
      std::size_t key_size = number_at<std::uint32_t>(rest, 0);
      if (rest.size() - 4 < key_size) return false;
      return put(rest.substr(4, key_size), Bytes(rest.substr(4 + key_size))), true;
    }
    if (rest.size() != 8) return false;
    auto index = number_at<std::uint64_t>(rest, 0);
    if (kind == Kind::generation) return generation_ = index, true;
    if (kind == Kind::truncate && index >= log_begin_) return truncate_from(index), true;
    if (kind == Kind::discard) return discard_before(index), true;
    return false;
  };
  bool understood = apply();
  unwritten_.clear();  // what is replayed is in the file already
  changes_ = 0;
  return understood;
}

void FileStorage::record(std::string payload) {
  append_record(unwritten_, payload, durable_size_);
  ++changes_;
}

const Bytes& FileStorage::log_read(std::uint64_t index) const {
  ASSERT(index >= log_begin() && index < log_end());
  return log_[static_cast<std::size_t>(index - log_begin_)];
}

void FileStorage::append(Bytes bytes) {
  ASSERT(bytes.size() < payload_limit);
  std::string payload(1, static_cast<char>(Kind::append));
  payload.append(bytes);
  record(std::move(payload));
  live_size_ += bytes.size() + header_size;
  log_.push_back(std::move(bytes));
}

void FileStorage::truncate_from(std::uint64_t index) {
  ASSERT(index >= log_begin());
  if (index >= log_end()) return;
  record(index_payload(Kind::truncate, index));
  while (log_end() > index) {
    live_size_ -= log_.back().size() + header_size;
    log_.pop_back();
  }
}

void FileStorage::discard_before(std::uint64_t index) {
  if (index <= log_begin()) return;
  record(index_payload(Kind::discard, index));
  while (!log_.empty() && log_begin_ < index) {
    live_size_ -= log_.front().size() + header_size;
    log_.pop_front();
    ++log_begin_;
  }
  log_begin_ = index;
}

const Bytes* FileStorage::get(std::string_view key) const {
  auto found = map_.find(key);
  return found == map_.end() ? nullptr : &found->second;
}

void FileStorage::put(std::string_view key, Bytes value) {
  record(put_payload(key, value));
  auto [at, added] = map_.try_emplace(std::string(key));
  live_size_ += added ? key.size() + header_size : 0;
  live_size_ = live_size_ - at->second.size() + value.size();
  at->second = std::move(value);
}

void FileStorage::erase(std::string_view key) {
  auto found = map_.find(key);
  if (found == map_.end()) return;
  std::string payload(1, static_cast<char>(Kind::erase));
  payload.append(key);
  live_size_ -= key.size() + header_size + found->second.size();
  record(std::move(payload));
  map_.erase(found);
}

Status FileStorage::flush() {
  if (file_ == nullptr) unwritten_.clear();
  if (unwritten_.empty()) return Done{};
  if (Status written = write_all(file_->get(), unwritten_); !written) return written;
  file_size_ += unwritten_.size();
  unwritten_.clear();
  if (file_size_ > rewrite_floor && file_size_ / 4 > live_size_) return rewrite();
  return Done{};
}

Status FileStorage::rewrite() {
  std::string all;
  append_record(all, index_payload(Kind::generation, generation_ + 1), 0);
  if (log_begin_ > 0) append_record(all, index_payload(Kind::discard, log_begin_), 0);
  for (const Bytes& bytes : log_) {
    append_record(all, std::string(1, static_cast<char>(Kind::append)) + bytes, 0);
  }
  for (const auto& [key, value] : map_) append_record(all, put_payload(key, value), 0);
  std::filesystem::path fresh = folder_ / "journal.new";
  auto file = std::make_shared<Descriptor>(
      ::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!*file) return system_error("create " + fresh.string());
  if (Status written = write_all(file->get(), all); !written) return written;
  if (::fsync(file->get()) != 0 || ::flock(file->get(), LOCK_EX | LOCK_NB) != 0 ||
      ::rename(fresh.c_str(), (folder_ / "journal").c_str()) != 0) {
    return system_error("replace the node's journal by " + fresh.string());
  }
  if (Status synced = sync_folder(folder_); !synced) return synced;
  file_size_ = durable_size_ = all.size();
  syncing_size_ = 0;  // a sync under way is of the old file
  file_ = std::move(file);
  ++generation_;
  mark_->say({generation_, durable_size_});
  return Done{};
}

}  // namespace sunder
