#include "nodes/ttf/edit.h"

#include <algorithm>

namespace sunder::ttf {
namespace {

Edit moved(Edit edit, std::int64_t by) {
  edit.position += by;
  return edit;
}

Edit gone(Edit edit) {
  edit.position = nowhere;
  return edit;
}

}  // namespace

Edit past(const Edit& edit, const Edit& other, const Mistakes& mistakes) {
  if (edit.position == nowhere || other.position == nowhere) return edit;
  bool tie = edit.position == other.position;
  if (other.kind() == Kind::erase) {
    if (!mistakes.no_tombstones) return edit;
    if (tie && edit.kind() == Kind::erase) return gone(edit);
    return moved(edit, other.position < edit.position ? -1 : 0);
  }
  bool gives_way = other.position < edit.position;
  if (tie) {
    gives_way = edit.kind() == Kind::erase || mistakes.tie_by_arrival || other.site < edit.site;
  }
  return moved(edit, gives_way ? 1 : 0);
}

Edit before(const Edit& edit, const Edit& other, const Mistakes& mistakes) {
  if (edit.position == nowhere || other.position == nowhere) return edit;
  bool behind = other.position < edit.position;
  if (other.kind() == Kind::insert) return moved(edit, behind ? -1 : 0);
  if (!mistakes.no_tombstones) return edit;
  bool at = other.position == edit.position && edit.kind() == Kind::erase;
  return moved(edit, behind || at ? 1 : 0);
}

void apply(const Edit& edit, const Mistakes& mistakes, std::vector<Cell>& cells) {
  if (edit.position == nowhere) return;
  auto size = static_cast<std::int64_t>(cells.size());
  auto at = cells.begin() + std::clamp<std::int64_t>(edit.position, 0, size);
  if (edit.kind() == Kind::insert) {
    cells.insert(at, {edit.element, true});
  } else if (at != cells.end()) {
    at->visible = false;
    if (mistakes.no_tombstones) cells.erase(at);
  }
}

}  // namespace sunder::ttf
