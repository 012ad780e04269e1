#include "harness/core/options.h"

#include <algorithm>
#include <charconv>

#include "harness/core/assert.h"

namespace sunder {
namespace {

std::string wrong_value(const OptionSpec& spec, const std::string& value) {
  std::string sentence = "option '" + spec.name + "' cannot be '" + value + "': it must be ";
  switch (spec.kind) {
    case OptionSpec::Kind::text: return {};
    case OptionSpec::Kind::integer: {
      std::int64_t number = 0;
      auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      bool good = error == std::errc{} && end == value.data() + value.size();
      if (!good) return sentence + "an integer";
      if (number >= spec.least && number <= spec.most) return {};
      return sentence + "from " + std::to_string(spec.least) + " to " + std::to_string(spec.most);
    }
    case OptionSpec::Kind::boolean:
      return value == "true" || value == "false" ? std::string{} : sentence + "true or false";
    case OptionSpec::Kind::duration:
      return parse_duration(value) ? std::string{} : sentence + "a duration such as 200ms";
    case OptionSpec::Kind::choice:
      if (std::find(spec.choices.begin(), spec.choices.end(), value) != spec.choices.end()) {
        return {};
      }
      sentence += "one of";
      for (const std::string& choice : spec.choices) sentence += " " + choice;
      return sentence;
  }
  return {};
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

}  // namespace

Result<Options> Options::parse(const std::vector<OptionSpec>& specs,
                               const std::map<std::string, std::string>& set) {
  Options options;
  std::vector<std::string> names;
  for (const OptionSpec& spec : specs) {
    names.push_back(spec.name);
    auto given = set.find(spec.name);
    const std::string& value = given == set.end() ? spec.fallback : given->second;
    if (std::string wrong = wrong_value(spec, value); !wrong.empty()) {
      return Error{Error::Code::malformed, wrong};
    }
    options.values_[spec.name] = value;
  }
  for (const auto& [name, value] : set) {
    if (options.values_.contains(name)) continue;
    return Error{Error::Code::malformed, "unknown option '" + name + "'; " + suggest(name, names)};
  }
  return options;
}

const std::string& Options::text(std::string_view name) const {
  auto found = values_.find(name);
  ASSERT_MSG(found != values_.end(), name);
  return found->second;
}

std::int64_t Options::integer(std::string_view name) const {
  const std::string& digits = text(name);
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  ASSERT_MSG(error == std::errc{} && end == digits.data() + digits.size(), name);
  return number;
}

bool Options::boolean(std::string_view name) const { return text(name) == "true"; }

Duration Options::duration(std::string_view name) const {
  Result<Duration> parsed = parse_duration(text(name));
  ASSERT(parsed);
  return *parsed;
}

std::string suggest(std::string_view wrong, const std::vector<std::string>& known) {
  const std::string* nearest = nullptr;
  std::size_t best = wrong.size() / 2 + 1;
  for (const std::string& name : known) {
    std::size_t distance = edit_distance(wrong, name);
    if (distance < best) {
      best = distance;
      nearest = &name;
    }
  }
  if (nearest != nullptr) return "did you mean '" + *nearest + "'?";
  if (known.empty()) return "there are none to choose from";
  std::string sentence = "known:";
  for (const std::string& name : known) sentence += " " + name;
  return sentence;
}

}  // namespace sunder
