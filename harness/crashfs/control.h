#pragma once
// What the control socket understands. Every request is one JSON object and gets one answer, after
// it has been carried out: {"ok": true, ...} or {"error": "why"}.
//
//   {"do": "crash", "policy": "torn-512", "seed": 7}  cuts the power; the policy "any" draws one.
//                                    Answers with what is lost; open files are dead.
//   {"do": "unsynced"}               what would be lost under the policy none
//   {"do": "fault", "rule": ...}     imposes a rule (see FaultRule)
//   {"do": "lift", "rule": "name"}   lifts it; without a name, all
//   {"do": "damage", "path": "/a", "kind": "truncate" | "flip" | "zero", "offset": 0, "size": 1}
//   {"do": "rot", "path": "*", "bits": 1, "seed": 7}        flips bits of what is stored
//   {"do": "cut-short", "path": "*", "bytes": 4096, "seed": 7}  a file loses its end
//   {"do": "mend", "what": "rot" | "cut-short"}  takes that back where nobody has written since
//   {"do": "snapshot", "name": "a"}  keeps what is durable now
//   {"do": "restore", "name": "a"}   goes back to it; open files are dead
//   {"do": "sync"}                   makes everything durable
//   {"do": "status"}
//   {"do": "end"}                    unmounts and exits

#include <functional>

#include "harness/core/result.h"
#include "harness/core/value.h"
#include "harness/crashfs/disk.h"

namespace sunder::crashfs {

class Control {
 public:
  struct Hooks {
    /// Makes the kernel forget what it has cached of these inodes.
    std::function<void(const std::vector<Ino>&)> forget_caches;
    std::function<void(const Value&)> log;  // what a power cut or damage took
    std::function<void()> end;
  };
  Control(Disk& disk, Hooks hooks) : disk_(disk), hooks_(std::move(hooks)) {}
  Value answer(std::string_view request);
  void end() { hooks_.end(); }

 private:
  Result<Map> carry_out(const Value& request);
  Result<Map> crash(const Value& request);
  Result<Map> damage(const Value& request);
  Result<Map> rot(const Value& request);
  Result<Map> cut_short(const Value& request);
  Result<Map> mend(const Value& request);
  Result<Map> snapshot(const Value& request);
  Result<Map> restore(const Value& request);
  Result<Map> fault(const Value& request);
  Map lift(const Value& request);
  Map unsynced();
  Map status();
  void forget_caches();

  Disk& disk_;
  Hooks hooks_;
};

}  // namespace sunder::crashfs
