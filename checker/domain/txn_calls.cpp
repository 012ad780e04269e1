#include "checker/domain/txn_calls.h"

#include "checker/domain/shapes.h"

namespace sunder::domain {

Reading TxnChecker::begin_call(std::size_t at, std::string_view verb, ValueView arguments) {
  first_.resize(at);
  first_.push_back(micros_.size());
  size_.resize(at);
  size_.push_back(0);
  bool fine = verb == "txn" && read_list(at, arguments, false);
  return fine ? Reading::understood : Reading::refused;
}

Reading TxnChecker::end_call(std::size_t at, ValueView answer, std::string_view) {
  if (!call(at).ok()) return Reading::understood;
  std::vector<Micro> asked(micros(at).begin(), micros(at).end());
  first_[at] = micros_.size();
  size_[at] = 0;
  if (!read_list(at, answer, true) || size_[at] != asked.size()) return Reading::refused;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Micro& now = micros(at)[i];
    bool same = now.append == asked[i].append && now.key == asked[i].key;
    if (!same || (now.append && now.value != asked[i].value)) return Reading::refused;
  }
  return Reading::understood;
}

bool TxnChecker::read_list(std::size_t at, ValueView list, bool answered) {
  if (list.kind() != Value::Kind::list) return false;
  for (ValueView op : items(list)) {
    std::vector<ValueView> parts = items(op);
    bool fine = parts.size() >= 2 && parts.size() <= 3 && parts[0].kind() == Value::Kind::text &&
                !parts[1].is_nil();
    if (!fine) return false;
    std::string_view name = plain(parts[0].text());
    Micro micro;
    micro.append = name == "append";
    if (!micro.append && name != "r") return false;
    micro.key = list_keys_.of(parts[1]);
    if (micro.append) {
      if (parts.size() != 3 || parts[2].is_nil()) return false;
      micro.value = values_.of(parts[2]);
    } else if (answered && parts.size() == 3 && !read_found(micro, parts[2])) {
      return false;
    }
    micros_.push_back(micro);
    ++size_[at];
  }
  return true;
}

bool TxnChecker::read_found(Micro& micro, ValueView found) {
  if (found.is_nil()) return true;
  if (found.kind() != Value::Kind::list) return false;
  micro.first = elements_.size();
  for (ValueView element : items(found)) {
    if (element.is_nil()) return false;
    elements_.push_back(values_.of(element));
  }
  micro.size = elements_.size() - micro.first;
  return true;
}

std::string TxnChecker::expects() const {
  return "txn of [:r key nil] and [:append key value]; the answer is the same list with what the "
         "reads found";
}

std::string TxnChecker::list_text(std::span<const std::int32_t> list) const {
  constexpr std::size_t shown_max = 12;
  std::string text = "[";
  std::size_t from = list.size() > shown_max ? list.size() - shown_max : 0;
  if (from > 0) text += "... ";
  for (std::size_t i = from; i < list.size(); ++i) {
    text += (i > from ? " " : "") + values_.text(list[i]);
  }
  return text + "]";
}

}  // namespace sunder::domain
