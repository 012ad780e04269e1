#pragma once
// One document at one site.

#include <map>
#include <optional>
#include <vector>

#include "nodes/ttf/history.h"
#include "nodes/ttf/messages.h"

namespace sunder::ttf {

struct DocumentFlaws {
  Mistakes mistakes;
  bool as_arrived = false;         // edits are moved past the others in order of arrival
  bool remote_ignored = false;     // an update says of other sites' updates that it saw none
  bool needs_not_awaited = false;  // an update is applied before what it was made after
  bool shown_positions = false;    // positions count the elements that show
};

class Document {
 public:
  Document(std::size_t sites, DocumentFlaws flaws);

  std::vector<std::int64_t> text() const;
  const text::Updates& updates() const { return updates_; }

  /// A client's update of this site, which is carried out. No operation when the element to delete
  /// does not show.
  std::optional<Operation> insert(std::int64_t self, std::int64_t position, std::int64_t element,
                                  const std::string& tag);
  std::optional<Operation> erase(std::int64_t self, std::int64_t element, const std::string& tag);

  /// Keeps another site's operation until what it was made after is here.
  void keep(const Operation& operation);
  /// One that is due, taken out.
  std::optional<Operation> take_due();
  bool has_waiting() const { return !pending_.empty(); }
  /// Carries out an operation. REQUIRES: may_apply(operation)
  void apply_operation(const Operation& operation);
  bool may_apply(const Operation& operation) const;

  /// Operations beyond these counts, at most so many, in an order in which they can be applied.
  std::vector<Operation> beyond(const clock::VectorClock& counts, std::size_t limit) const;

 private:
  Operation accept(std::int64_t self, Edit edit, const std::string& tag);
  std::size_t cell_after(std::int64_t shown) const;
  clock::VectorClock needs_of(const Operation& operation) const;
  void note(const Operation& operation);

  DocumentFlaws flaws_;
  std::vector<Cell> cells_;
  History history_;
  text::Updates updates_;
  std::vector<Operation> operations_;            // in the order in which they were carried out
  std::vector<std::vector<std::size_t>> lines_;  // by origin, in order: which of operations_
  std::map<std::pair<std::int64_t, std::int64_t>, Operation> pending_;  // by origin and sequence
};

}  // namespace sunder::ttf
