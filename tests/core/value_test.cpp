#include "harness/core/value.h"

#include <gtest/gtest.h>

#include "harness/core/json.h"

namespace sunder {
namespace {

Value sample() {
  Map map;
  map["list"] = List{Value(1), Value("two"), Value{}, Value(true), Value(INT64_MIN)};
  map["empty"] = List{};
  map["nested"] = Map{{Value("k"), Map{}}};
  map["text"] = "quotes \" and \\ and \n and \x01 and é";
  return map;
}

TEST(Value, ViewsReadWhatEncodeWrote) {
  std::vector<std::uint8_t> bytes;
  encode(sample(), bytes);
  ValueView view(bytes.data());
  EXPECT_EQ(view.value(), sample());
  EXPECT_EQ(view.end(), bytes.data() + bytes.size());
}

TEST(Value, EqualMapsHaveEqualBytesWhateverTheOrderOfInsertion) {
  Map forward;
  forward["a"] = 1;
  forward["b"] = 2;
  Map backward;
  backward["b"] = 2;
  backward["a"] = 1;
  std::vector<std::uint8_t> first;
  std::vector<std::uint8_t> second;
  encode(forward, first);
  encode(backward, second);
  EXPECT_EQ(first, second);
}

TEST(Value, JsonGoesThereAndBack) {
  Result<Value> back = parse_json(to_json(sample()));
  ASSERT_TRUE(back) << back.error().context;
  EXPECT_EQ(*back, sample());
}

TEST(Value, BrokenUtf8BecomesReplacementCharacters) {
  std::string out;
  append_json_string(out, "a\xff\xc0\xaf\xed\xa0\x80z");
  EXPECT_TRUE(parse_json(out)) << out;
  EXPECT_EQ(out.front(), '"');
  EXPECT_NE(out.find("\xef\xbf\xbd"), std::string::npos);
}

TEST(Value, EdnKeepsKeywordsAndStringsApart) {
  std::string out;
  append_edn(out, List{Value(":key"), Value("text"), Value{}, Value(7)});
  EXPECT_EQ(out, "[:key \"text\" nil 7]");
}

TEST(Json, ErrorsSayLineAndColumn) {
  Result<Value> broken = parse_json("{\n  \"a\": 1,\n  \"b\": }");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().context.find("line 3, column 8"), std::string::npos)
      << broken.error().context;
}

TEST(Json, DeepNestingIsRefused) {
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
}

}  // namespace
}  // namespace sunder
