#include "harness/core/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sunder {
namespace {

constexpr std::size_t depth_limit = 200;

/// Builds a Value from nlohmann's stream of events, so that no second tree is made.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(std::string_view text) : text_(text) {}

  bool null() override { return add(Value{}); }
  bool boolean(bool boolean) override { return add(Value(boolean)); }
  bool number_integer(number_integer_t number) override {
    return add(Value(static_cast<std::int64_t>(number)));
  }
  bool number_unsigned(number_unsigned_t number) override {
    if (!std::in_range<std::int64_t>(number)) return add(Value(std::to_string(number)));
    return add(Value(static_cast<std::int64_t>(number)));
  }
  bool number_float(number_float_t, const string_t& text) override { return add(Value(text)); }
  bool string(string_t& text) override { return add(Value(std::move(text))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Value(Map{})); }
  bool key(string_t& key) override {
    keys_.back() = std::move(key);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Value(List{})); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception&) override {
    fail(position, token);
    return false;
  }

  std::optional<Value> take(JsonTrouble& trouble) {
    if (trouble_.what.empty()) return std::move(root_);
    trouble = std::move(trouble_);
    return {};
  }

 private:
  bool add(Value value) {
    if (stack_.empty()) {
      root_ = std::move(value);
    } else if (stack_.back().is_list()) {
      stack_.back().list().push_back(std::move(value));
    } else {
      stack_.back().map().set(Value(std::move(keys_.back())), std::move(value));
    }
    return true;
  }

  bool open(Value container) {
    if (stack_.size() == depth_limit) {
      trouble_ = {0, "more than 200 levels of nesting", false};
      return false;
    }
    stack_.push_back(std::move(container));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    Value finished = std::move(stack_.back());
    stack_.pop_back();
    keys_.pop_back();
    return add(std::move(finished));
  }

  void fail(std::size_t position, const std::string& token) {
    std::size_t offset = std::min(position == 0 ? 0 : position - 1, text_.size());
    bool at_end = position > text_.size();
    trouble_ = {offset, at_end ? "the text ends too early" : "unexpected '" + token + "'", at_end};
  }

  std::string_view text_;
  Value root_;
  std::vector<Value> stack_;
  std::vector<std::string> keys_;
  JsonTrouble trouble_;
};

}  // namespace

std::optional<Value> parse_json(std::string_view text, JsonTrouble& trouble) {
  Builder builder(text);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  std::optional<Value> value = builder.take(trouble);
  if (!value) trouble.what = "not JSON: " + trouble.what;
  return value;
}

Result<Value> parse_json(std::string_view text) {
  JsonTrouble trouble;
  std::optional<Value> value = parse_json(text, trouble);
  if (value) return *std::move(value);
  std::string_view before = text.substr(0, trouble.offset);
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  std::size_t line_start = before.rfind('\n');
  std::size_t line_begin = line_start == std::string_view::npos ? 0 : line_start + 1;
  std::size_t column = before.size() - line_begin + 1;
  return Error{Error::Code::malformed, "line " + std::to_string(line) + ", column " +
                                           std::to_string(column) + ": " + trouble.what};
}

}  // namespace sunder
