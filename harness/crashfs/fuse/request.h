#pragma once
// What the handlers of FUSE requests share. A handler answers its request exactly once.

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
#include <sys/stat.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/crashfs/disk.h"

namespace sunder::crashfs {

inline constexpr std::string_view no_name;

/// An open file or directory. It is dead after the next power cut, as is the program that held it.
struct Handle {
  std::uint64_t crashes = 0;                        // of the volume, when it was opened
  std::vector<std::pair<std::string, Ino>> entries; // of a directory, when it was opened
};
inline Handle* handle_of(const fuse_file_info* info) {
  return reinterpret_cast<Handle*>(info->fh);
}

inline Disk& disk_of(fuse_req_t request) {
  return *static_cast<Disk*>(fuse_req_userdata(request));
}

/// Lets the rules of faults strike the request and waits as they say. None when it has been
/// answered with an error; else what else they inject.
std::optional<Injection> pass(fuse_req_t request, Operation operation, Ino inode,
                              std::string_view name = no_name);

std::int64_t time_now();  // nanoseconds since 1970
struct stat stat_of(const Volume& volume, Ino inode);
/// Answers with the inode, which the kernel holds from now on.
void reply_entry(fuse_req_t request, Ino inode);
/// Answers with a new handle, and for a file that was just made with its inode too.
void reply_handle(fuse_req_t request, fuse_file_info* info, Ino created);

void add_name_handlers(fuse_lowlevel_ops& handlers);
void add_data_handlers(fuse_lowlevel_ops& handlers);

}  // namespace sunder::crashfs
