#pragma once
// The files of /etc that say how names are looked up, as the calling process and its children see
// them.

#include <filesystem>
#include <string>

#include "harness/core/result.h"

namespace sunder {

struct NameFiles {
  std::filesystem::path folder;  // where ours are written to
  std::string hosts;             // the text of /etc/hosts
  std::string nameserver{};      // whom to ask for other names; empty: it is as it was
};

/// Mounts ours over those that do not read as ours: again, too, as a file that is put into the
/// place of another takes the mount away. REQUIRES: the calling process has mounts of its own.
Status cover_name_files(const NameFiles& files);
void uncover_name_files(const NameFiles& files);

}  // namespace sunder
