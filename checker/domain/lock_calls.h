#pragma once
// Acquires and releases, as the checks of locks, semaphores and leases share them.

#include <vector>

#include "checker/domain/domain_checker.h"

namespace sunder::domain {

/// What the calls of one kind of lock say.
struct LockForm {
  bool owned = false;    // by the process, or by the owner that is the argument
  bool counted = false;  // the argument is a number of permits
  bool fenced = false;   // acquires answer tokens, which writes carry
  bool leased = false;   // acquires answer how long they last, and can be renewed
};

class LockChecker : public DomainChecker {
 protected:
  explicit LockChecker(LockForm form) : form_(form) {}

  Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) override;
  Reading end_call(std::size_t at, ValueView answer, std::string_view error) override;
  std::string expects() const override;

  enum class Kind : std::uint8_t { acquire, release, renew, write };
  enum class Fate : std::uint8_t { crashed, happened, never };

  /// A time in which an owner surely held the lock. The unit is the caller's: positions, or ns.
  struct Hold {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int32_t owner = 0;
    std::uint32_t call = 0;  // the one that granted it
  };

  Kind kind(std::size_t at) const { return kind_[at]; }
  Fate fate(std::size_t at) const { return fate_[at]; }
  std::int32_t owner(std::size_t at) const { return owner_[at]; }
  /// Permits, the token of an acquire or a write, or the time to live.
  std::int64_t number(std::size_t at) const { return number_[at]; }
  bool has_number(std::size_t at) const { return has_number_[at] != 0; }

  /// Where the certain hold of a grant is cut off by a release of the same owner, which may take
  /// effect once it has been invoked: that call, or UINT32_MAX. REQUIRES: index_releases().
  std::uint32_t released_by(std::uint32_t grant) const;
  void index_releases(Calls calls);

  /// Holds of an owned lock, by positions, in order of their begin.
  std::vector<Hold> holds(Calls calls) const;
  /// Counts holds that begin while another one lasts. Returns how many holds there are.
  std::size_t judge_exclusion(Calls calls, Findings& findings);
  /// Counts permits that were surely held at once beyond `permits`. Returns how many acquires
  /// there are.
  std::size_t judge_permits(Calls calls, std::int64_t permits, Findings& findings);
  /// Counts releases of what nobody can have held. Of a lock with owners, each releases its own.
  void judge_releases(Calls calls, Findings& findings);

  std::string grant_text(std::uint32_t at) const;  // "process 1's acquire (op 3)"

 private:
  Reading read_answer(std::size_t at, ValueView answer);

  LockForm form_;
  Ids owners_;
  std::vector<Kind> kind_;
  std::vector<Fate> fate_;
  std::vector<std::int32_t> owner_;
  std::vector<std::int64_t> number_;
  std::vector<std::uint8_t> has_number_;
  // Releases that may have happened, by owner and then by invocation; where each owner's begin.
  std::vector<std::uint32_t> releases_;
  std::vector<std::uint32_t> first_release_;
  std::vector<std::uint32_t> latest_ends_;  // of the owner's releases up to each one
};

}  // namespace sunder::domain
