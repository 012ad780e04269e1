#pragma once
// A Unix socket of JSON lines in front of Control.

#include <map>
#include <string>
#include <thread>

#include "harness/core/result.h"
#include "harness/crashfs/control.h"
#include "harness/faultkit/descriptor.h"

namespace sunder::crashfs {

class ControlSocket {
 public:
  /// Listens at the path, replacing what is left there of an earlier one. Not served before
  /// serve().
  static Result<std::unique_ptr<ControlSocket>> listen(const std::string& path);
  /// Serves one client, and ends the file system when that one is gone.
  static std::unique_ptr<ControlSocket> adopt(Descriptor client);
  ~ControlSocket();  // ends the thread and removes the path
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  /// Serves on a thread of its own, one request at a time. `control` must outlive this.
  void serve(Control& control);

 private:
  ControlSocket() = default;
  void work(Control& control);
  bool hear(int client, std::string& text, Control& control);

  std::string path_;
  Descriptor listener_;
  int lasts_with_ = -1;  // the client that was adopted
  Descriptor ended_;     // readable when the thread is to end
  std::map<int, std::pair<Descriptor, std::string>> clients_;
  std::thread thread_;
};

}  // namespace sunder::crashfs
