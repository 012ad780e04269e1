#include "nodes/ttf/document.h"

#include <algorithm>

namespace sunder::ttf {
namespace {

constexpr std::int64_t pending_max = 1000;  // of a site, beyond what is here; later ones come again

}  // namespace

void put_operation(ByteWriter& out, const Operation& operation) {
  out.number(operation.origin);
  out.number(operation.sequence);
  out.number(operation.edit.code);
  out.number(operation.edit.position);
  out.number(operation.edit.element);
  out.number(operation.edit.site);
  text::put_update(out, operation.update);
}

Operation get_operation(ByteReader& in) {
  Operation operation{.origin = in.number()};
  operation.sequence = in.number();
  operation.edit.code = static_cast<std::uint8_t>(in.number() == 0 ? 0 : 1);
  operation.edit.position = in.number();
  operation.edit.element = in.number();
  operation.edit.site = in.number();
  operation.update = text::get_update(in);
  return operation;
}

Document::Document(std::size_t sites, DocumentFlaws flaws)
    : flaws_(flaws), history_(flaws.mistakes, flaws.as_arrived), updates_(sites), lines_(sites) {}

std::vector<std::int64_t> Document::text() const {
  std::vector<std::int64_t> shown;
  for (const Cell& cell : cells_) {
    if (cell.visible) shown.push_back(cell.element);
  }
  return shown;
}

// The cell behind the shown-th element that shows, or the end.
std::size_t Document::cell_after(std::int64_t shown) const {
  std::size_t at = 0;
  for (; at < cells_.size() && shown > 0; ++at) shown -= cells_[at].visible ? 1 : 0;
  return at;
}

std::optional<Operation> Document::insert(std::int64_t self, std::int64_t position,
                                          std::int64_t element, const std::string& tag) {
  Edit edit{.position = static_cast<std::int64_t>(cell_after(position)),
            .element = element,
            .site = self};
  if (flaws_.shown_positions) edit.position = position;
  return accept(self, edit, tag);
}

std::optional<Operation> Document::erase(std::int64_t self, std::int64_t element,
                                         const std::string& tag) {
  auto found = std::find(cells_.begin(), cells_.end(), Cell{element, true});
  if (found == cells_.end()) return {};
  Edit edit{.code = static_cast<std::uint8_t>(Kind::erase),
            .position = found - cells_.begin(),
            .element = element,
            .site = self};
  return accept(self, edit, tag);
}

Operation Document::accept(std::int64_t self, Edit edit, const std::string& tag) {
  Operation operation{self, updates_.count(self) + 1, edit, {tag, updates_.counts().counts()}};
  history_.add(self, operation.sequence, edit);
  if (flaws_.shown_positions && edit.kind() == Kind::insert) {
    edit.position = static_cast<std::int64_t>(cell_after(edit.position));
  }
  apply(edit, flaws_.mistakes, cells_);
  note(operation);
  return operation;
}

void Document::note(const Operation& operation) {
  updates_.add(operation.origin, operation.update);
  lines_[static_cast<std::size_t>(operation.origin)].push_back(operations_.size());
  operations_.push_back(operation);
}

void Document::keep(const Operation& operation) {
  if (!updates_.fits(operation.origin)) return;
  std::int64_t ahead = operation.sequence - updates_.count(operation.origin);
  if (ahead <= 0 || ahead > pending_max) return;
  pending_.try_emplace({operation.origin, operation.sequence}, operation);
}

std::optional<Operation> Document::take_due() {
  for (auto at = pending_.begin(); at != pending_.end();) {
    const Operation& first = at->second;
    std::int64_t origin = first.origin;
    if (first.sequence <= updates_.count(origin)) {
      at = pending_.erase(at);
    } else if (may_apply(first)) {
      Operation due = std::move(at->second);
      pending_.erase(at);
      return due;
    } else {
      at = pending_.lower_bound({origin + 1, 0});  // its successors wait for it
    }
  }
  return {};
}

bool Document::may_apply(const Operation& operation) const {
  if (!updates_.fits(operation.origin)) return false;
  if (operation.sequence != updates_.count(operation.origin) + 1) return false;
  return flaws_.needs_not_awaited || updates_.counts().covers(needs_of(operation));
}

clock::VectorClock Document::needs_of(const Operation& operation) const {
  if (!flaws_.remote_ignored) return clock::VectorClock(operation.update.seen);
  clock::VectorClock own;
  own.raise(static_cast<std::size_t>(operation.origin), operation.sequence - 1);
  return own;
}

void Document::apply_operation(const Operation& operation) {
  Edit edit =
      history_.integrate(operation.origin, operation.sequence, operation.edit, needs_of(operation));
  apply(edit, flaws_.mistakes, cells_);
  note(operation);
}

std::vector<Operation> Document::beyond(const clock::VectorClock& counts, std::size_t limit) const {
  std::size_t from = operations_.size();
  for (std::size_t origin = 0; origin < lines_.size(); ++origin) {
    auto known = static_cast<std::size_t>(counts.at(origin));
    if (known < lines_[origin].size()) from = std::min(from, lines_[origin][known]);
  }
  std::vector<Operation> found;
  for (; from < operations_.size() && found.size() < limit; ++from) {
    const Operation& operation = operations_[from];
    bool known = counts.at(static_cast<std::size_t>(operation.origin)) >= operation.sequence;
    if (!known) found.push_back(operation);
  }
  return found;
}

}  // namespace sunder::ttf
