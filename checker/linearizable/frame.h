#pragma once
// The frame in which a search moves: the returns of a history, and what is pending at each.

#include <cstdint>
#include <span>
#include <vector>

#include "checker/linearizable/call.h"

namespace sunder::linearizable {

inline constexpr std::uint32_t nobody = UINT32_MAX;

/// What a search may take for granted of each operation.
struct Pending {
  std::uint32_t operation;
  std::uint32_t slot;  // small number that no other pending operation has
  std::uint32_t cls;   // equal calls are of one class
};

/// The classes of equal calls among a partition's operations, and the order of their returns.
struct Calls {
  /// `observes` says of a call that it changes no state. The operations must outlive this.
  template <class Observes>
  Calls(std::span<const Operation> all, Observes observes_call) : operations(all) {
    classify();
    for (const Call& call : classes) observes.push_back(observes_call(call));
    order_returns();
  }

  std::span<const Operation> operations;
  std::vector<Call> classes;
  std::vector<std::uint8_t> observes;   // by class
  std::vector<std::uint32_t> class_of;  // by operation
  std::vector<std::uint32_t> returns;   // operations that return, in order of their returns

 private:
  void classify();
  void order_returns();
};

/// The returns ("barriers") of a partition's operations in order, numbered from 0. Definite calls
/// own a slot while they are pending; crashed calls are counted by class. Crashed observations are
/// left out: they tell nothing.
///
/// A frame may begin in the middle: then calls that returned before return `from` are left out,
/// and definite calls that were pending at that moment count as crashed, for they may have taken
/// effect before it. Whatever the full history allows after that moment, the frame allows too.
class Frame {
 public:
  struct Barrier {
    std::uint32_t operation;
    std::uint32_t slot;
    std::uint32_t begins;  // calls in begins() that are invoked before this return
  };
  struct Begin {
    std::uint32_t operation;
    std::uint32_t cls;
    std::uint32_t slot;  // nobody: crashed
  };

  /// The returns from number `from` up to, not including, `to`. The calls must outlive the frame.
  explicit Frame(const Calls& calls, std::uint32_t from = 0, std::uint32_t to = nobody);

  const Calls& calls() const { return calls_; }
  bool observes(std::uint32_t cls) const { return calls_.observes[cls] != 0; }
  const std::vector<Barrier>& barriers() const { return barriers_; }
  const std::vector<Begin>& begins() const { return begins_; }
  std::uint32_t slots() const { return slots_; }
  /// Classes of which some call crashed have numbers of their own.
  std::uint32_t crash_classes() const { return static_cast<std::uint32_t>(crashed_.size()); }
  std::uint32_t crash_of(std::uint32_t cls) const { return crash_of_[cls]; }
  std::uint32_t class_of_crash(std::uint32_t crash) const { return class_of_crash_[crash]; }
  /// The crashed operations of a crash class, in order of invocation.
  const std::vector<std::uint32_t>& crashed(std::uint32_t crash) const { return crashed_[crash]; }

 private:
  void add_crashed(std::uint32_t operation);

  const Calls& calls_;
  std::vector<Barrier> barriers_;
  std::vector<Begin> begins_;
  std::vector<std::uint32_t> crash_of_;
  std::vector<std::uint32_t> class_of_crash_;
  std::vector<std::vector<std::uint32_t>> crashed_;
  std::uint32_t slots_ = 0;
};

/// A place in a frame. Moving costs the distance.
class Cursor {
 public:
  explicit Cursor(const Frame& frame) : frame_(frame), available_(frame.crash_classes(), 0) {
    enter();
  }

  std::uint32_t at() const { return at_; }
  bool at_end() const { return at_ == frame_.barriers().size(); }
  void move_to(std::uint32_t barrier) {
    while (at_ < barrier) forward();
    while (at_ > barrier) backward();
  }
  /// The definite calls pending at this barrier, by return: the first is the one that returns.
  const std::vector<Pending>& pending() const { return pending_; }
  /// Crashed calls of a crash class that were invoked before this barrier.
  std::uint32_t available(std::uint32_t crash) const { return available_[crash]; }
  void forward();

 private:
  void enter();  // the calls that are new at this barrier
  void leave();
  void backward();

  const Frame& frame_;
  std::uint32_t at_ = 0;
  std::vector<Pending> pending_;
  std::vector<std::uint32_t> available_;
};

}  // namespace sunder::linearizable
