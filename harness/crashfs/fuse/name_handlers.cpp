// Requests about names and attributes.

#include <cerrno>
#include <cstring>
#include <memory>

#include "harness/crashfs/fuse/request.h"

namespace sunder::crashfs {
namespace {

constexpr unsigned flag_only_new = 1;  // RENAME_NOREPLACE
constexpr unsigned flag_exchange = 2;  // RENAME_EXCHANGE

void on_lookup(fuse_req_t request, fuse_ino_t directory, const char* name) {
  if (!pass(request, Operation::lookup, directory, name)) return;
  Ino inode = disk_of(request).with(
      [&](Volume& volume, FaultRules&) { return volume.find(directory, name); });
  if (inode == 0) {
    fuse_reply_err(request, ENOENT);
  } else {
    reply_entry(request, inode);
  }
}

void on_forget(fuse_req_t request, fuse_ino_t inode, std::uint64_t times) {
  disk_of(request).with([&](Volume& volume, FaultRules&) { volume.release(inode, times); });
  fuse_reply_none(request);
}

void on_forget_multi(fuse_req_t request, std::size_t count, fuse_forget_data* forgets) {
  disk_of(request).with([&](Volume& volume, FaultRules&) {
    for (std::size_t i = 0; i < count; ++i) volume.release(forgets[i].ino, forgets[i].nlookup);
  });
  fuse_reply_none(request);
}

void on_getattr(fuse_req_t request, fuse_ino_t inode, fuse_file_info*) {
  struct stat stat {};
  bool there = disk_of(request).with([&](Volume& volume, FaultRules&) {
    stat = stat_of(volume, inode);
    return volume.exists(inode);
  });
  if (there) {
    fuse_reply_attr(request, &stat, 0);
  } else {
    fuse_reply_err(request, ESTALE);
  }
}

std::int64_t nanoseconds_of(const timespec& time) {
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

Attributes changed(Attributes attributes, const struct stat& wanted, int fields) {
  std::int64_t now = time_now();
  if ((fields & FUSE_SET_ATTR_MODE) != 0) {
    attributes.mode = (attributes.mode & S_IFMT) | (wanted.st_mode & 07777);
  }
  if ((fields & FUSE_SET_ATTR_UID) != 0) attributes.user = wanted.st_uid;
  if ((fields & FUSE_SET_ATTR_GID) != 0) attributes.group = wanted.st_gid;
  if ((fields & FUSE_SET_ATTR_ATIME) != 0) attributes.accessed = nanoseconds_of(wanted.st_atim);
  if ((fields & FUSE_SET_ATTR_MTIME) != 0) attributes.modified = nanoseconds_of(wanted.st_mtim);
  if ((fields & FUSE_SET_ATTR_ATIME_NOW) != 0) attributes.accessed = now;
  if ((fields & (FUSE_SET_ATTR_MTIME_NOW | FUSE_SET_ATTR_SIZE)) != 0) attributes.modified = now;
  attributes.changed = now;
  return attributes;
}

void on_setattr(fuse_req_t request, fuse_ino_t inode, struct stat* wanted, int fields,
                fuse_file_info* info) {
  bool resizes = (fields & FUSE_SET_ATTR_SIZE) != 0;
  if (resizes && !pass(request, Operation::truncate, inode)) return;
  struct stat stat {};
  int error = disk_of(request).with([&](Volume& volume, FaultRules&) {
    if (info != nullptr && handle_of(info)->crashes != volume.crashes()) return EIO;
    const Attributes* old = volume.attributes(inode);
    if (old == nullptr) return ESTALE;
    Attributes attributes = changed(*old, *wanted, fields);
    if (resizes) {
      int refused = volume.resize(inode, static_cast<std::uint64_t>(wanted->st_size));
      if (refused != 0) return refused;
    }
    volume.change(inode, attributes);
    stat = stat_of(volume, inode);
    return 0;
  });
  if (error == 0) {
    fuse_reply_attr(request, &stat, 0);
  } else {
    fuse_reply_err(request, error);
  }
}

void on_readlink(fuse_req_t request, fuse_ino_t inode) {
  std::string target = disk_of(request).with(
      [&](Volume& volume, FaultRules&) { return volume.target(inode); });
  fuse_reply_readlink(request, target.c_str());
}

struct Made {
  int error;
  Ino inode;
};

Made make(fuse_req_t request, fuse_ino_t directory, const char* name, mode_t mode, dev_t device,
          std::string_view target) {
  const fuse_ctx* context = fuse_req_ctx(request);
  Attributes kind;
  kind.mode = mode;
  kind.user = context->uid;
  kind.group = context->gid;
  kind.device = device;
  kind.accessed = kind.modified = kind.changed = time_now();
  return disk_of(request).with([&](Volume& volume, FaultRules&) {
    Made made{};
    made.error = volume.make(directory, name, kind, target, made.inode);
    return made;
  });
}

void make_and_reply(fuse_req_t request, fuse_ino_t directory, const char* name, mode_t mode,
                    dev_t device, std::string_view target) {
  Operation operation = S_ISDIR(mode) ? Operation::mkdir : Operation::create;
  if (!pass(request, operation, directory, name)) return;
  Made made = make(request, directory, name, mode, device, target);
  if (made.error != 0) {
    fuse_reply_err(request, made.error);
  } else {
    reply_entry(request, made.inode);
  }
}

void on_mknod(fuse_req_t request, fuse_ino_t directory, const char* name, mode_t mode,
              dev_t device) {
  make_and_reply(request, directory, name, mode, device, {});
}

void on_mkdir(fuse_req_t request, fuse_ino_t directory, const char* name, mode_t mode) {
  make_and_reply(request, directory, name, S_IFDIR | (mode & 07777), 0, {});
}

void on_symlink(fuse_req_t request, const char* target, fuse_ino_t directory, const char* name) {
  make_and_reply(request, directory, name, S_IFLNK | 0777, 0, target);
}

void on_create(fuse_req_t request, fuse_ino_t directory, const char* name, mode_t mode,
               fuse_file_info* info) {
  if (!pass(request, Operation::create, directory, name)) return;
  Made made = make(request, directory, name, S_IFREG | (mode & 07777), 0, {});
  if (made.error != 0) {
    fuse_reply_err(request, made.error);
  } else {
    reply_handle(request, info, made.inode);
  }
}

void remove(fuse_req_t request, fuse_ino_t directory, const char* name, bool is_directory) {
  Operation operation = is_directory ? Operation::rmdir : Operation::unlink;
  if (!pass(request, operation, directory, name)) return;
  fuse_reply_err(request, disk_of(request).with([&](Volume& volume, FaultRules&) {
    return volume.remove(directory, name, is_directory);
  }));
}

void on_unlink(fuse_req_t request, fuse_ino_t directory, const char* name) {
  remove(request, directory, name, false);
}

void on_rmdir(fuse_req_t request, fuse_ino_t directory, const char* name) {
  remove(request, directory, name, true);
}

void on_rename(fuse_req_t request, fuse_ino_t directory, const char* name, fuse_ino_t to_directory,
               const char* to_name, unsigned flags) {
  if ((flags & ~(flag_only_new | flag_exchange)) != 0) {
    fuse_reply_err(request, EINVAL);
    return;
  }
  if (!pass(request, Operation::rename, to_directory, to_name)) return;
  fuse_reply_err(request, disk_of(request).with([&](Volume& volume, FaultRules&) {
    return volume.rename({directory, name, to_directory, to_name, (flags & flag_exchange) != 0,
                          (flags & flag_only_new) != 0});
  }));
}

void on_link(fuse_req_t request, fuse_ino_t inode, fuse_ino_t directory, const char* name) {
  if (!pass(request, Operation::link, directory, name)) return;
  int error = disk_of(request).with(
      [&](Volume& volume, FaultRules&) { return volume.link(inode, directory, name); });
  if (error != 0) {
    fuse_reply_err(request, error);
  } else {
    reply_entry(request, inode);
  }
}

void on_opendir(fuse_req_t request, fuse_ino_t inode, fuse_file_info* info) {
  if (!pass(request, Operation::list, inode)) return;
  auto handle = std::make_unique<Handle>();
  disk_of(request).with([&](Volume& volume, FaultRules&) {
    handle->crashes = volume.crashes();
    handle->entries = {{".", inode}, {"..", volume.parent(inode)}};
    for (const auto& [name, entry] : volume.entries(inode)) {
      handle->entries.emplace_back(name, entry);
    }
  });
  info->fh = reinterpret_cast<std::uint64_t>(handle.get());
  if (fuse_reply_open(request, info) == 0) (void)handle.release();
}

void on_readdir(fuse_req_t request, fuse_ino_t, std::size_t size, off_t offset,
                fuse_file_info* info) {
  const auto& entries = handle_of(info)->entries;
  std::string buffer(size, '\0');
  std::size_t used = 0;
  disk_of(request).with([&](Volume& volume, FaultRules&) {
    for (auto i = static_cast<std::size_t>(offset); i < entries.size(); ++i) {
      struct stat stat = stat_of(volume, entries[i].second);
      stat.st_ino = entries[i].second;
      std::size_t needed =
          fuse_add_direntry(request, buffer.data() + used, size - used, entries[i].first.c_str(),
                            &stat, static_cast<off_t>(i + 1));
      if (needed > size - used) break;
      used += needed;
    }
  });
  fuse_reply_buf(request, buffer.data(), used);
}

}  // namespace

void add_name_handlers(fuse_lowlevel_ops& handlers) {
  handlers.lookup = on_lookup;
  handlers.forget = on_forget;
  handlers.forget_multi = on_forget_multi;
  handlers.getattr = on_getattr;
  handlers.setattr = on_setattr;
  handlers.readlink = on_readlink;
  handlers.mknod = on_mknod;
  handlers.mkdir = on_mkdir;
  handlers.symlink = on_symlink;
  handlers.create = on_create;
  handlers.unlink = on_unlink;
  handlers.rmdir = on_rmdir;
  handlers.rename = on_rename;
  handlers.link = on_link;
  handlers.opendir = on_opendir;
  handlers.readdir = on_readdir;
}

}  // namespace sunder::crashfs
