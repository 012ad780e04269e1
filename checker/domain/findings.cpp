#include "checker/domain/findings.h"

#include <algorithm>
#include <utility>

namespace sunder::domain {
namespace {

constexpr std::uint64_t kept_of_a_name = 5;

}  // namespace

std::string counted(std::uint64_t number, std::string_view noun) {
  return std::to_string(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

std::string edn(const Value& value) {
  std::string out;
  append_edn(out, value);
  return out;
}

std::string op_name(std::uint64_t position) { return "op " + std::to_string(position); }

bool Findings::count(std::string_view name) {
  ++total_;
  auto at = counts_.find(name);
  if (at == counts_.end()) at = counts_.emplace(std::string(name), 0).first;
  return ++at->second <= kept_of_a_name;
}

void Findings::keep(std::string_view name, Story story) {
  std::sort(story.ops.begin(), story.ops.end());
  story.ops.erase(std::unique(story.ops.begin(), story.ops.end()), story.ops.end());
  if (!key_.is_nil()) {
    story.text = "On key " + edn(key_) + ": " + story.text;
    story.detail["key"] = key_;
  }
  kept_.push_back({.name = std::string(name),
                   .explanation = std::move(story.text),
                   .ops = std::move(story.ops),
                   .detail = std::move(story.detail)});
}

void Findings::unknown(std::string reason) {
  if (reasons_++ == 0) reason_ = on_key(reason);
}

void Findings::vacuous(const std::string& reason) {
  if (std::exchange(is_vacuous_, true)) return;
  if (vacuous_++ == 0) vacuous_reason_ = on_key(reason);
}

std::string Findings::on_key(const std::string& reason) const {
  return key_.is_nil() ? reason : "On key " + edn(key_) + ": " + reason;
}

void Findings::greatest(const char* name, std::int64_t value) {
  auto [at, added] = greatest_.try_emplace(name, value);
  at->second = std::max(at->second, value);
}

// Called for every element of a set: no text is made for the look-up.
void Findings::figure(std::string_view name, std::uint64_t more) {
  auto at = figures_.find(name);
  if (at == figures_.end()) at = figures_.emplace(std::string(name), 0).first;
  at->second += more;
}

std::uint64_t Findings::figure(std::string_view name) const {
  auto at = figures_.find(name);
  return at == figures_.end() ? 0 : at->second;
}

std::string Findings::headline() const {
  std::string text;
  for (const auto& [name, number] : counts_) {
    text += (text.empty() ? "" : ", ") + std::to_string(number) + " " + name;
  }
  return text;
}

Value Findings::detail() const {
  auto filled = [](const auto& numbers) {
    Map map;
    for (const auto& [name, number] : numbers) map[name] = static_cast<std::int64_t>(number);
    return map;
  };
  Map map = filled(figures_);
  for (const auto& [name, number] : greatest_) map[name] = number;
  map["anomalies"] = filled(counts_);
  if (!allowed_.empty()) map["allowed"] = filled(allowed_);
  if (reasons_ != 0) map["unjudged"] = static_cast<std::int64_t>(reasons_);
  if (vacuous_ != 0) map["vacuous_keys"] = static_cast<std::int64_t>(vacuous_);
  return map;
}

void Findings::conclude(Verdict& verdict, const std::string& passed) const {
  verdict.detail = detail();
  if (total_ != 0) {
    verdict.validity = Validity::invalid;
    verdict.anomalies = kept_;
    verdict.summary = "Found " + headline() + ". " + kept_.front().explanation;
  } else if (reasons_ != 0) {
    verdict.validity = Validity::unknown;
    verdict.summary = reason_;
    if (reasons_ > 1) verdict.summary += " There are " + std::to_string(reasons_ - 1) + " more.";
  } else if (vacuous_ != 0 && vacuous_ >= figure("keys")) {
    verdict.validity = Validity::unknown;
    verdict.summary = vacuous_reason_;
    if (vacuous_ > 1) verdict.summary += " So it is with every key.";
  } else {
    verdict.validity = Validity::valid;
    verdict.summary = passed;
    if (vacuous_ == 0) return;
    verdict.summary += " " + counted(vacuous_, "key") + (vacuous_ == 1 ? " shows" : " show") +
                       " nothing: " + vacuous_reason_;
  }
}

}  // namespace sunder::domain
