#include "checker/domain/lock_calls.h"

#include "checker/domain/shapes.h"

namespace sunder::domain {
namespace {

bool is_scalar(ValueView value) {
  return value.kind() != Value::Kind::list && value.kind() != Value::Kind::map;
}

}  // namespace

Reading LockChecker::begin_call(std::size_t at, std::string_view verb, ValueView arguments) {
  Kind kind = Kind::write;
  if (verb == "acquire" || verb == "lock") {
    kind = Kind::acquire;
  } else if (verb == "release" || verb == "unlock") {
    kind = Kind::release;
  } else if (verb == "renew" && form_.leased) {
    kind = Kind::renew;
  } else if (verb != "write" || !form_.fenced) {
    return Reading::refused;
  }
  std::optional<std::int64_t> number;
  if (kind == Kind::write) {
    if (arguments.kind() == Value::Kind::list && arguments.size() == 2) {
      number = summable(arguments[0]);
    }
    if (!number) return Reading::refused;
  } else if (form_.counted) {
    number = arguments.is_nil() ? 1 : summable(arguments);
    if (number.value_or(0) < 1) return Reading::refused;
  } else if (form_.owned && !is_scalar(arguments)) {
    return Reading::refused;
  }
  bool named = form_.owned && kind != Kind::write && !arguments.is_nil();
  kind_.resize(at);
  kind_.push_back(kind);
  fate_.resize(at);
  fate_.push_back(Fate::crashed);
  owner_.resize(at);
  owner_.push_back(named ? owners_.of(arguments) : owners_.of_integer(call(at).process));
  number_.resize(at);
  number_.push_back(number.value_or(0));
  has_number_.resize(at);
  has_number_.push_back(number ? 1 : 0);
  return Reading::understood;
}

Reading LockChecker::end_call(std::size_t at, ValueView answer, std::string_view) {
  if (call(at).failed()) fate_[at] = Fate::never;
  if (!call(at).ok()) return Reading::understood;
  fate_[at] = Fate::happened;
  if (answer.kind() == Value::Kind::boolean && !answer.boolean()) {
    fate_[at] = Fate::never;
    return Reading::understood;
  }
  return read_answer(at, answer);
}

Reading LockChecker::read_answer(std::size_t at, ValueView answer) {
  bool grants = kind_[at] == Kind::acquire || kind_[at] == Kind::renew;
  bool plain = answer.is_nil() || answer.kind() == Value::Kind::boolean;
  if (grants && form_.leased) {
    std::optional<std::int64_t> life = summable(entry(answer, "ttl").value_or(answer));
    number_[at] = life.value_or(0);
    return life && *life >= 0 ? Reading::understood : Reading::refused;
  }
  if (grants && form_.fenced && !plain) {
    std::optional<std::int64_t> token = summable(answer);
    number_[at] = token.value_or(0);
    has_number_[at] = 1;
    return token ? Reading::understood : Reading::refused;
  }
  if (plain || kind_[at] == Kind::write) return Reading::understood;
  if (form_.counted) {
    return summable(answer) == number_[at] ? Reading::understood : Reading::refused;
  }
  bool repeats = !form_.owned || owners_.of(answer) == owner_[at];
  return repeats ? Reading::understood : Reading::refused;
}

std::string LockChecker::expects() const {
  if (form_.counted) return "acquire and release of a positive number of permits, or of one";
  if (form_.leased) {
    return "acquire and renew (answered by the time to live in ns, or {:ttl ns}), release; by the "
           "process or the owner that is the argument";
  }
  std::string text = form_.owned ? "acquire and release by the process, or by the owner that is "
                                   "the argument"
                                 : "acquire and release";
  return form_.fenced ? text + "; an acquire answers its token, an integer; write of [token value]"
                      : text;
}

void LockChecker::index_releases(Calls calls) {
  first_release_.assign(owners_.size() + 1, 0);
  auto counts = [&](std::uint32_t at) {
    return kind_[at] == Kind::release && fate_[at] != Fate::never;
  };
  for (std::uint32_t at : calls) {
    if (counts(at)) ++first_release_[static_cast<std::size_t>(owner_[at]) + 1];
  }
  for (std::size_t i = 1; i < first_release_.size(); ++i)
    first_release_[i] += first_release_[i - 1];
  releases_.resize(first_release_.back());
  std::vector<std::uint32_t> next = first_release_;
  for (std::uint32_t at : calls) {
    if (counts(at)) releases_[next[static_cast<std::size_t>(owner_[at])]++] = at;
  }
  latest_ends_.resize(releases_.size());
  for (std::size_t owner = 0; owner + 1 < first_release_.size(); ++owner) {
    std::uint32_t latest = 0;
    for (std::uint32_t i = first_release_[owner]; i < first_release_[owner + 1]; ++i) {
      latest_ends_[i] = latest = std::max(latest, call(releases_[i]).acknowledged());
    }
  }
}

// That is the first release that was not surely over when the grant began: one that crashed may
// take effect at any later time. The greatest acknowledgement so far tells where it stands.
std::uint32_t LockChecker::released_by(std::uint32_t grant) const {
  auto owner = static_cast<std::size_t>(owner_[grant]);
  auto begin = latest_ends_.begin() + first_release_[owner];
  auto end = latest_ends_.begin() + first_release_[owner + 1];
  auto found = std::upper_bound(begin, end, call(grant).invoked);
  return found == end ? UINT32_MAX
                      : releases_[static_cast<std::size_t>(found - latest_ends_.begin())];
}

std::string LockChecker::grant_text(std::uint32_t at) const {
  std::string what = kind_[at] == Kind::renew ? "renew" : "acquire";
  if (form_.counted && number_[at] != 1) what += " of " + std::to_string(number_[at]);
  if (form_.owned && owners_.value(owner_[at]) != Value(call(at).process)) {
    what += " for " + owners_.text(owner_[at]);
  }
  if (form_.fenced && has_number(at)) what += " with token " + std::to_string(number_[at]);
  return told(at, what);
}

}  // namespace sunder::domain
