#include "harness/core/value.h"

#include <gtest/gtest.h>

#include "harness/core/json.h"
#include "harness/core/rng.h"
#include "harness/core/value_writer.h"

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

TEST(Value, writers_make_the_bytes_of_encode) {
  for (std::size_t size : {0u, 1u, 127u, 128u, 300u, 20'000u}) {
    for (std::size_t expected : {std::size_t{0}, size, std::size_t{1'000'000}}) {
      List list;
      Map map;
      std::vector<std::uint8_t> written{7};  // what stands before stays
      ValueWriter writer(written);
      ValueWriter::Container outer = writer.open();
      ValueWriter::Container open_list = writer.open(expected);
      for (std::size_t i = 0; i < size; ++i) {
        list.emplace_back(static_cast<std::int64_t>(i));
        writer.integer(static_cast<std::int64_t>(i));
      }
      writer.close_list(open_list, size);
      ValueWriter::Container open_map = writer.open(expected);
      for (std::size_t i = 0; i < size; ++i) {
        auto key = static_cast<std::int64_t>(i * 7919 % 20'011 / 2);  // some twice, in no order
        map.set(Value(key), Value(std::to_string(i)));
        writer.integer(key);
        writer.text(std::to_string(i));
      }
      writer.close_map(open_map, size);
      writer.close_list(outer, 2);
      std::vector<std::uint8_t> expected_bytes{7};
      encode(Value::pair(Value(std::move(list)), Value(std::move(map))), expected_bytes);
      EXPECT_EQ(written, expected_bytes) << size << " of " << expected;
    }
  }
}

Value random_value(Rng& rng, int depth) {
  switch (rng.below(depth == 0 ? 4 : 6)) {
    case 0: return {};
    case 1: return Value(rng.chance({1, 2}));
    case 2: return Value(rng.between(-300, 300));
    case 3: return Value(std::string(rng.below(3), static_cast<char>(rng.between(-128, 127))));
    case 4: {
      List list;
      for (std::uint64_t left = rng.below(4); left > 0; --left) {
        list.push_back(random_value(rng, depth - 1));
      }
      return Value(std::move(list));
    }
    default: {
      Map map;
      for (std::uint64_t left = rng.below(4); left > 0; --left) {
        Value key = random_value(rng, 1);
        map.set(std::move(key), random_value(rng, depth - 1));
      }
      return Value(std::move(map));
    }
  }
}

TEST(Value, views_are_ordered_as_values_are) {
  Rng rng(1, Stream::of("value-test"));
  int equal = 0;
  for (int i = 0; i < 20'000; ++i) {
    Value a = random_value(rng, 3);
    Value b = random_value(rng, 3);
    std::vector<std::uint8_t> bytes;
    encode(a, bytes);
    std::size_t second = bytes.size();
    encode(b, bytes);
    ValueView view_a(bytes.data());
    ValueView view_b(bytes.data() + second);
    ASSERT_EQ(view_a == view_b, a == b) << to_json(a) << " " << to_json(b);
    ASSERT_EQ(view_a < view_b, a < b) << to_json(a) << " " << to_json(b);
    equal += a == b ? 1 : 0;
  }
  EXPECT_GT(equal, 100);
  EXPECT_LT(equal, 10'000);
  EXPECT_EQ(ValueView(), ValueView());
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

TEST(Json, DeepNestingIsRefused) { EXPECT_FALSE(parse_json(std::string(100'000, '['))); }

}  // namespace
}  // namespace sunder
