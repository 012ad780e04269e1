#include "checker/domain/set_calls.h"

namespace sunder::domain {
namespace {

enum : std::uint8_t { told_duplicate = 1, told_unexpected = 2, told_premature = 4 };

}  // namespace

Reading SetChecker::begin_call(std::size_t at, std::string_view verb, ValueView arguments) {
  bool adds = verb == "add" || verb == "insert" || verb == "write";
  if (!adds && verb != "read") return Reading::refused;
  if (adds && arguments.is_nil()) return Reading::refused;
  element_.resize(at);
  first_.resize(at + 1);
  size_.resize(at);
  size_.push_back(0);
  element_.push_back(adds ? ids_.of(arguments) : -1);
  return Reading::understood;
}

Reading SetChecker::end_call(std::size_t at, ValueView answer, std::string_view) {
  if (!call(at).ok()) return Reading::understood;
  if (!is_read(at)) {
    bool plain = answer.is_nil() || answer.kind() == Value::Kind::boolean;
    return plain || ids_.of(answer) == element_[at] ? Reading::understood : Reading::refused;
  }
  if (answer.kind() != Value::Kind::list) return Reading::refused;
  first_[at] = pool_.size();
  answer.each([&](ValueView item) { pool_.push_back(ids_.of(item)); });
  size_[at] = static_cast<std::uint32_t>(pool_.size() - first_[at]);
  return Reading::understood;
}

std::string SetChecker::expects() const {
  return "add of an element (answered by nil, the element or a boolean), read (the elements)";
}

void SetChecker::collect(Calls calls) {
  local_.begin(ids_.size());
  elements_.clear();
  reads_.clear();
  last_unanswered_ = UINT32_MAX;
  for (std::uint32_t at : calls) {
    if (is_read(at)) {
      if (call(at).ok()) {
        reads_.push_back(at);
      } else if (!call(at).failed()) {
        last_unanswered_ = at;
      }
      continue;
    }
    auto local = static_cast<std::size_t>(local_.of(element_[at]));
    if (local == elements_.size()) elements_.emplace_back();
    Element& element = elements_[local];
    ++element.adds;
    bool first_that_may = !call(at).failed() && element.invoked == open_end;
    if (first_that_may) element.invoked = call(at).invoked;
    bool earlier = call(at).acknowledged() < element.acknowledged;
    if (earlier) element.acknowledged = call(at).acknowledged();
    if (element.adds == 1 || first_that_may || earlier) element.add = at;
  }
  for (std::uint32_t at : reads_) {
    for (std::int32_t& id : std::span(pool_.data() + first_[at], size_[at])) id = local_.of(id);
  }
  elements_.resize(local_.size());
}

void SetChecker::judge_contents(Findings& findings) {
  held_by_.assign(elements_.size(), UINT32_MAX);
  told_.assign(elements_.size(), 0);
  for (std::uint32_t read : reads_) judge_read(read, findings);
}

void SetChecker::judge_read(std::uint32_t at, Findings& findings) {
  for (std::int32_t local : read(at)) {
    auto place = static_cast<std::size_t>(local);
    const Element& element = elements_[place];
    auto first_time = [&](std::uint8_t what) {
      bool fresh = (told_[place] & what) == 0;
      told_[place] = static_cast<std::uint8_t>(told_[place] | what);
      return fresh;
    };
    if (held_by_[place] == at && first_time(told_duplicate)) {
      findings.add("duplicate", [&]() -> Story {
        return {"The " + read_text(at) + " holds " + text(local) +
                    " more than once, but a set holds each element once.",
                ops_of({at}), detail_of(local)};
      });
    }
    held_by_[place] = at;
    if (element.invoked == open_end && first_time(told_unexpected)) {
      findings.add("unexpected", [&]() -> Story {
        Story story{"The " + read_text(at) + " holds " + text(local) + ", which ", ops_of({at}),
                    detail_of(local)};
        if (element.adds == 0) {
          story.text += "nobody ever added.";
        } else {
          story.text += "was never added: " + add_text(local) + " failed, so it had no effect.";
          for (std::uint64_t op : ops_of({element.add})) story.ops.push_back(op);
        }
        return story;
      });
    }
    if (element.invoked != open_end && element.invoked > call(at).completed &&
        first_time(told_premature)) {
      findings.add("premature", [&]() -> Story {
        return {"The " + read_text(at) + " holds " + text(local) +
                    ", although it had ended before anybody began to add that: " + add_text(local) +
                    " came later.",
                ops_of({at, element.add}), detail_of(local)};
      });
    }
  }
}

std::string SetChecker::add_text(std::int32_t local) const {
  return told(elements_[static_cast<std::size_t>(local)].add, "add of " + text(local));
}

std::string SetChecker::read_text(std::size_t at) const {
  return "read of " + op_name(call(at).invoked) + " by process " + std::to_string(call(at).process);
}

Map SetChecker::detail_of(std::int32_t local) const {
  Map map;
  map["element"] = ids_.value(local_.global(local));
  return map;
}

}  // namespace sunder::domain
