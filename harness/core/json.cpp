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
    if (number > static_cast<number_unsigned_t>(INT64_MAX)) return add(Value(std::to_string(number)));
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
    fail(position, token.empty() ? "the text ends too early" : "unexpected '" + token + "'");
    return false;
  }

  Result<Value> take() {
    if (!error_.empty()) return Error{Error::Code::malformed, error_};
    return std::move(root_);
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
      error_ = "more than 200 levels of nesting";
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

  void fail(std::size_t position, const std::string& what) {
    std::size_t offset = std::min(position == 0 ? 0 : position - 1, text_.size());
    std::string_view before = text_.substr(0, offset);
    auto line = 1 + std::count(before.begin(), before.end(), '\n');
    std::size_t line_start = before.rfind('\n');
    std::size_t column = offset - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1;
    error_ = "line " + std::to_string(line) + ", column " + std::to_string(column) +
             ": not JSON: " + what;
  }

  std::string_view text_;
  Value root_;
  std::vector<Value> stack_;
  std::vector<std::string> keys_;
  std::string error_;
};

}  // namespace

Result<Value> parse_json(std::string_view text) {
  Builder builder(text);
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

}  // namespace sunder
