#include "nodes/jupiter/edit.h"

#include <algorithm>

namespace sunder::jupiter {
namespace {

// Only the listing's mistakes make documents grow by themselves.
constexpr std::size_t document_max = 20'000;

Edit moved(Edit edit, std::int64_t position) {
  edit.position = position;
  return edit;
}

Edit part(Edit edit, std::int64_t position, std::int64_t length) {
  edit.position = position;
  edit.length = length;
  return edit;
}

void insert_past_insert(const Edit& edit, const Edit& other, const Mistakes& mistakes,
                        Change& out) {
  bool tie = other.position == edit.position;
  bool gives_way =
      tie ? mistakes.insert_tie || other.site < edit.site : other.position < edit.position;
  out.push_back(moved(edit, edit.position + (gives_way ? 1 : 0)));
}

void insert_past_erase(const Edit& edit, const Edit& other, const Mistakes& mistakes, Change& out) {
  if (other.position >= edit.position) return out.push_back(edit);
  if (mistakes.delete_without_length) return out.push_back(moved(edit, 0));
  std::int64_t before = edit.position - other.position;  // how much of the range could be
  if (mistakes.insert_inside || before > other.length) before = other.length;
  out.push_back(moved(edit, edit.position - before));
}

void erase_past_insert(const Edit& edit, const Edit& other, const Mistakes& mistakes, Change& out) {
  std::int64_t before = other.position - edit.position;  // of the range, before the insert
  if (before <= 0) return out.push_back(moved(edit, edit.position + 1));
  if (before >= edit.length || mistakes.insert_inside) return out.push_back(edit);
  out.push_back(part(edit, edit.position, before));
  out.push_back(part(edit, edit.position + 1, edit.length - before));
}

void erase_past_erase(const Edit& edit, const Edit& other, const Mistakes& mistakes, Change& out) {
  std::int64_t end = edit.position + edit.length;
  std::int64_t other_end = other.position + other.length;
  std::int64_t shared =
      std::max<std::int64_t>(std::min(end, other_end) - std::max(edit.position, other.position), 0);
  bool same = shared == edit.length && shared == other.length;
  if (mistakes.delete_without_length && other.position < edit.position) {
    return out.push_back(moved(edit, 0));
  }
  if (shared > 0 && (same ? mistakes.same_delete : mistakes.overlap)) {
    std::int64_t left = other.position < edit.position ? other.length : 0;
    return out.push_back(moved(edit, edit.position - left));
  }
  if (shared == edit.length) return;
  std::int64_t before = std::clamp<std::int64_t>(edit.position - other.position, 0, other.length);
  out.push_back(part(edit, edit.position - before, edit.length - shared));
}

// Where the listing's language cuts a text: positions below 0 count from the end.
std::int64_t bound(std::int64_t position, std::size_t size) {
  auto end = static_cast<std::int64_t>(size);
  if (position < 0) position += end;
  return std::clamp<std::int64_t>(position, 0, end);
}

// The first edit, and those after it.
Change split(Change& change) {
  Change rest(change.begin() + 1, change.end());
  change.resize(1);
  return rest;
}

}  // namespace

void past(const Edit& edit, const Edit& other, const Mistakes& mistakes, Change& out) {
  bool inserts = edit.kind() == Kind::insert;
  if (other.kind() == Kind::insert) {
    inserts ? insert_past_insert(edit, other, mistakes, out)
            : erase_past_insert(edit, other, mistakes, out);
  } else {
    inserts ? insert_past_erase(edit, other, mistakes, out)
            : erase_past_erase(edit, other, mistakes, out);
  }
}

void transform(Change& one, Change& other, const Mistakes& mistakes) {
  if (one.empty() || other.empty()) return;
  if (one.size() == 1 && other.size() == 1) {
    Edit mine = one.front();
    Edit theirs = other.front();
    one.clear();
    other.clear();
    past(mine, theirs, mistakes, one);
    past(theirs, mine, mistakes, other);
    return;
  }
  Change& longer = one.size() > 1 ? one : other;
  Change& shorter = one.size() > 1 ? other : one;
  Change rest = split(longer);
  transform(longer, shorter, mistakes);
  transform(rest, shorter, mistakes);
  longer.insert(longer.end(), rest.begin(), rest.end());
}

void apply(const Change& change, const Mistakes& mistakes, std::vector<std::int64_t>& document) {
  for (const Edit& edit : change) {
    std::int64_t from = bound(edit.position, document.size());
    if (edit.kind() == Kind::insert) {
      document.insert(document.begin() + from, edit.element);
      continue;
    }
    // What stands behind position + undefined is everything.
    std::int64_t to =
        mistakes.delete_without_length ? 0 : bound(edit.position + edit.length, document.size());
    if (from > to && document.size() >= document_max) continue;
    std::vector<std::int64_t> rest(document.begin() + to, document.end());
    document.resize(static_cast<std::size_t>(from));
    document.insert(document.end(), rest.begin(), rest.end());
  }
}

void put_change(ByteWriter& out, const Change& change) {
  out.number(static_cast<std::int64_t>(change.size()));
  for (const Edit& edit : change) {
    out.number(edit.code);
    out.number(edit.position);
    out.number(edit.length);
    out.number(edit.element);
    out.number(edit.site);
  }
}

Change get_change(ByteReader& in) {
  Change change;
  for (std::int64_t left = in.number(); left > 0 && in.ok(); --left) {
    Edit edit{.code = static_cast<std::uint8_t>(in.number() == 0 ? 0 : 1)};
    edit.position = in.number();
    edit.length = in.number();
    edit.element = in.number();
    edit.site = in.number();
    change.push_back(edit);
  }
  return change;
}

}  // namespace sunder::jupiter
