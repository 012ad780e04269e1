// Readers and writers of histories: every shape of EDN and JSON, torn tails, broken input.

#include "harness/formats/formats.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

#include "harness/core/rng.h"

namespace sunder {
namespace {

LoadedHistory parsed(std::string_view text, Format format = Format::detect) {
  Result<LoadedHistory> loaded = parse_history(text, "test", format);
  EXPECT_TRUE(bool(loaded)) << (loaded ? "" : loaded.error().context);
  return loaded ? *std::move(loaded) : LoadedHistory{};
}

std::string lines(const History& history) {
  std::string out;
  for (std::size_t i = 0; i < history.size(); ++i) {
    append_json(out, history[i].op());
    out += '\n';
  }
  return out;
}

Value value_in_edn(const std::string& edn) {
  LoadedHistory loaded =
      parsed("{:process 0, :type :invoke, :f :x, :value " + edn + "}", Format::edn);
  return loaded.history.size() == 1 ? loaded.history[0].value.value() : Value("no op");
}

constexpr std::string_view ours =
    R"({"index":0,"time":1000,"process":0,"type":"invoke","f":"write","value":[7,3]}
{"index":1,"time":1500,"process":1,"type":"invoke","f":"read","value":[7,null]}
{"index":2,"time":2400,"process":0,"type":"ok","f":"write","value":[7,3]}
{"index":3,"time":2600,"process":1,"type":"info","f":"read","value":[7,null],"error":"timed out"}
{"index":4,"time":2700,"process":"nemesis-0","type":"ok","f":"kill","value":{"kind":"kill"}}
)";

TEST(Formats, our_lines_come_back_as_they_went) {
  LoadedHistory loaded = parsed(ours);
  EXPECT_EQ(loaded.format, Format::jsonl);
  EXPECT_EQ(lines(loaded.history), ours);
  EXPECT_TRUE(loaded.notes.empty());
  EXPECT_FALSE(loaded.truncated);
  EXPECT_EQ(loaded.history[0].pair, 2u);
  EXPECT_EQ(loaded.history[3].pair, 1u);
}

TEST(Formats, a_torn_tail_is_left_out_wherever_it_is_cut) {
  for (std::size_t cut = 0; cut <= ours.size(); ++cut) {
    std::string_view text = ours.substr(0, cut);
    Result<LoadedHistory> loaded = parse_history(text, "test", Format::jsonl);
    ASSERT_TRUE(bool(loaded)) << cut << ": " << loaded.error().context;
    auto whole = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    // Cut just before its newline, a line is whole too.
    bool whole_without_newline = cut < ours.size() && ours[cut] == '\n';
    EXPECT_EQ(loaded->history.size(), whole + (whole_without_newline ? 1 : 0)) << cut;
    bool torn = !text.empty() && text.back() != '\n' && !whole_without_newline;
    EXPECT_EQ(loaded->truncated, torn) << cut;
  }
}

TEST(Formats, a_torn_last_map_of_edn_is_left_out) {
  std::string text =
      "{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f :read :value 1}\n";
  for (std::size_t cut = text.find('\n') + 2; cut < text.size() - 1; ++cut) {
    Result<LoadedHistory> loaded = parse_history(text.substr(0, cut), "test", Format::edn);
    ASSERT_TRUE(bool(loaded)) << cut << ": " << loaded.error().context;
    EXPECT_EQ(loaded->history.size(), 1u) << cut;
    EXPECT_TRUE(loaded->truncated) << cut;
  }
}

TEST(Formats, every_shape_of_edn_says_the_same) {
  std::string expected = lines(parsed(ours).history);
  std::string a = ":process 0, :type :invoke, :f :write, :value [7 3], :index 0, :time 1000";
  std::string b = ":process 1, :type :invoke, :f :read, :value [7 nil], :index 1, :time 1500";
  std::string c = ":type :ok, :f :write, :process 0, :value [7 3], :index 2, :time 2400";
  std::string d =
      ":process 1, :type :info, :f :read, :value [7 nil], :time 2600, :error \"timed out\"";
  std::string e = ":process :nemesis, :type :ok, :f :kill, :value {\"kind\" \"kill\"}, :time 2700";
  auto with = [&](const std::string& open, const std::string& before, const std::string& after,
                  const std::string& close) {
    std::string text = open;
    for (const std::string* op : {&a, &b, &c, &d, &e}) text += before + *op + after;
    return text + close;
  };
  EXPECT_EQ(lines(parsed(with("", "{", "}\n", "")).history), expected);
  EXPECT_EQ(lines(parsed(with("[", "{", "}\n", "]")).history), expected);
  EXPECT_EQ(lines(parsed(with("(", " {", "},", ")")).history), expected);
  EXPECT_EQ(lines(parsed(with("; a comment (\n[", "#jepsen.history.Op{", "}", "]\n;")).history),
            expected);
  EXPECT_EQ(lines(parsed(with("", "#knossos.op.Op {", "} ; why {\n", "")).history), expected);
  EXPECT_EQ(lines(parsed(with("", "{:extra {:a [#{1} \\}]} ", ", :node \"n1\"}\n", "")).history),
            expected);
  EXPECT_EQ(lines(parsed(with("#_{:no op} [", "{#_ #_ :x 1 ", "}#_ [1 2]", "]")).history),
            expected);
  EXPECT_EQ(lines(parsed(with("", "{:jepsen.op/extra 1 ", "}\r\n", "")).history), expected);
  EXPECT_EQ(lines(parsed(with("^:history [", "{", "}", "]")).history), expected);
}

TEST(Formats, names_lose_their_colon_and_values_keep_it) {
  LoadedHistory loaded = parsed(
      "{:op/process 3, :type \"ok\", :f \"txn\", :value [[:append :x 1] [\"r\" nil]], :error [:a "
      "1]}");
  ASSERT_EQ(loaded.history.size(), 1u);
  Op op = loaded.history[0].op();
  EXPECT_EQ(op.verb, "txn");
  EXPECT_EQ(to_json(op.value), R"([[":append",":x",1],["r",null]])");
  EXPECT_EQ(parsed("{:process 0, :type :fail, :f nil, :error :timeout}").history[0].error,
            "timeout");
  EXPECT_EQ(parsed("{:process 0, :type :fail, :error [:a 1]}").history[0].error, "[:a 1]");
}

TEST(Formats, every_kind_of_edn_value) {
  EXPECT_EQ(value_in_edn("nil"), Value{});
  EXPECT_EQ(value_in_edn("true"), Value(true));
  EXPECT_EQ(value_in_edn("-12"), Value(-12));
  EXPECT_EQ(value_in_edn("+12"), Value(12));
  EXPECT_EQ(value_in_edn("12N"), Value(12));
  EXPECT_EQ(value_in_edn("9223372036854775807"), Value(INT64_MAX));
  EXPECT_EQ(value_in_edn("9223372036854775808"), Value("9223372036854775808"));
  EXPECT_EQ(value_in_edn("1.5"), Value("1.5"));
  EXPECT_EQ(value_in_edn("1.50M"), Value("1.50M"));
  EXPECT_EQ(value_in_edn("-2e-7"), Value("-2e-7"));
  EXPECT_EQ(value_in_edn("1/2"), Value("1/2"));
  EXPECT_EQ(value_in_edn("\"a\\n\\\"\\u00e9\\ud83d\\ude00\""),
            Value("a\n\"\xc3\xa9\xf0\x9f\x98\x80"));
  EXPECT_EQ(value_in_edn("\\a"), Value("a"));
  EXPECT_EQ(value_in_edn("\\newline"), Value("\n"));
  EXPECT_EQ(value_in_edn("\\u0041"), Value("A"));
  EXPECT_EQ(value_in_edn("[\\[ \\]]"), Value(List{"[", "]"}));
  EXPECT_EQ(value_in_edn(":a/b"), Value(":a/b"));
  EXPECT_EQ(value_in_edn("sym"), Value("sym"));
  EXPECT_EQ(value_in_edn("#{3 1 2}"), Value(List{1, 2, 3}));
  EXPECT_EQ(value_in_edn("(1 [2 (3)])"), Value(List{1, List{2, List{3}}}));
  EXPECT_EQ(value_in_edn("#inst \"2026-01-01\""), Value("2026-01-01"));
  EXPECT_EQ(value_in_edn("{1 2, :a {}}"), Value(Map{{1, 2}, {":a", Map{}}}));
  EXPECT_EQ(value_in_edn("##NaN"), Value("NaN"));
  EXPECT_EQ(value_in_edn("[1 #_ 2 #_ #_ 3 4 5]"), Value(List{1, 5}));
}

TEST(Formats, json_arrays_and_their_order_of_keys) {
  LoadedHistory loaded = parsed(R"( [ {"f":"txn","type":"ok","process":4,"value":[["append",9,1]]},
      {"process":"nemesis","type":"info","f":"start, [or]"} , {"process":4,"type":"ok"}]
)");
  EXPECT_EQ(loaded.format, Format::jsonl);
  ASSERT_EQ(loaded.history.size(), 3u);
  EXPECT_EQ(loaded.history[1].process, Process::nemesis(0));
  EXPECT_EQ(loaded.history[1].verb, "start, [or]");
  EXPECT_EQ(parsed("[]").history.size(), 0u);
}

TEST(Formats, processes_with_names_are_nemeses) {
  LoadedHistory loaded = parsed(
      "[{:process :nemesis :type :info :f :a} {:process :nemesis :type :info :f :a}"
      "{:process :nemesis-2 :type :info :f :b} {:process \"other\" :type :info :f :c}]");
  EXPECT_EQ(loaded.history[0].process, Process::nemesis(0));
  EXPECT_EQ(loaded.history[1].process, Process::nemesis(0));
  EXPECT_EQ(loaded.history[2].process, Process::nemesis(2));
  EXPECT_EQ(loaded.history[3].process, Process::nemesis(3));
}

TEST(Formats, processes_with_names_may_be_many_but_not_too_many) {
  std::string many;
  for (int i = 0; i < 50'000; ++i) {
    many += "{:process :p" + std::to_string(i) + " :type :info :f :a}";
  }
  EXPECT_EQ(parsed(many).history[49'999].process, Process::nemesis(50'000));
  Result<LoadedHistory> none_left =
      parse_history("{:process :nemesis-2147483647 :type :info} {:process :x :type :info}", "test");
  ASSERT_FALSE(bool(none_left));
  EXPECT_EQ(none_left.error().context, "test:1:44: no number is left for the op's process, x");
}

TEST(Formats, what_is_missing_is_noted) {
  LoadedHistory loaded = parsed("[{:process 0 :type :ok :f :txn :time 5} {:process 1 :type :ok}]");
  ASSERT_EQ(loaded.notes.size(), 2u);
  EXPECT_EQ(loaded.notes[0], "1 ops have no time; each was given that of the op before it.");
  EXPECT_EQ(loaded.notes[1], "2 completions of clients have no invocation.");
  EXPECT_EQ(nanoseconds(loaded.history[1].time), 5);
  EXPECT_EQ(parsed("").notes.at(0), "The file holds no op.");
}

struct Broken {
  std::string_view text;
  std::string_view error;  // how it begins
};

TEST(Formats, broken_input_is_named_with_its_place) {
  const Broken all[] = {
      {"{\"process\":0,\"type\":\"ok\"}\n{\"process\":0,}\n", "test:2:14: not JSON: unexpected"},
      {"{\"process\":0\n{\"process\":0,\"type\":\"ok\"}\n", "test:1:13: not JSON: the text ends"},
      {"{\"process\":0,\"type\":\"ok\"}}\n", "test:1:26: not JSON: unexpected"},
      {"{\"process\":0,\"type\":\"ok\"}\n  7\n", "test:2:3: an op must be an object"},
      {"{\"process\":0}\n", "test:1:1: the op has no type"},
      {"{\"type\":\"ok\"}\n", "test:1:1: the op has no process"},
      {"{\"process\":0,\"type\":\"done\"}\n",
       "test:1:1: the op's type must be invoke, ok, fail or info, not \"done\""},
      {"{\"process\":[],\"type\":\"ok\"}\n",
       "test:1:1: the op's process must be a number or a name, not []"},
      {"{\"process\":99999999999,\"type\":\"ok\"}\n", "test:1:1: the op's process is out of range"},
      {"[{\"process\":0,\"type\":\"ok\"} {\"process\":0}]", "test:1:28: ',' or ']' must follow"},
      {"[{\"process\":0,\"type\":\"ok\"},", "test:1:1: no ']' ends the array"},
      {"[{\"process\":0,\"type\":\"ok\"},\n {\"process\":}]", "test:2:13: not JSON: unexpected"},
      {"[{\"process\":0,\"type\":\"ok\"}] 5", "test:1:29: something follows the array"},
      {"[{:process 0 :type :ok}\n 5]", "test:2:2: an op must be a map"},
      {"[{:process 0 :type :ok}\n", "test:1:1: no ']' ends the list of ops"},
      {"[{:process 0 :type :ok]\n", "test:1:23: unexpected ']'"},
      {"{:process 0 :type}\n", "test:1:13: a key without a value"},
      {"{:process 0 :type :ok :value {1 2 3}}", "test:1:35: a key without a value"},
      {"{:process 0 :type :ok :value 12x}", "test:1:30: not a number: 12x"},
      {"{:process 0 :type :ok :value 012}", "test:1:30: a number may not begin with 0"},
      {"{:process 0 :type :ok :value \"\\q\"}", "test:1:31: an unknown escape in a string"},
      {"{:process 0 :type :ok :value \\newlin}", "test:1:30: an unknown character"},
      {"{:process 0 :type :ok :value @x}", "test:1:30: unexpected '@'"},
      {"{:process 0 :type :ok :value #\"x\"}", "test:1:30: unexpected '\"' after '#'"},
      {"{:process 0 :type :ok :value [1 2)}", "test:1:34: unexpected ')'"},
      {"{:process 0 :type :ok :value \"x", "test:1:30: a string without its closing quote"},
      {"{:process 0 :type :ok}\n}\n", "test:2:1: an op must be a map"},
      {"{:process 0 :type :ok}\n{:process 0}", "test:2:1: the op has no type"},
      {"{:process 0 :type :ok}\n#_", "test:2:1: the text ends where a value should be"},
      {"hello\n", "test:1:1: not JSON: unexpected 'h"},
  };
  for (const Broken& broken : all) {
    Result<LoadedHistory> loaded = parse_history(broken.text, "test");
    if (loaded && broken.text.find("#_") != std::string_view::npos) {
      EXPECT_TRUE(loaded->truncated);  // a discard without its form is a torn tail
      continue;
    }
    ASSERT_FALSE(bool(loaded)) << broken.text;
    EXPECT_EQ(loaded.error().context.substr(0, broken.error.size()), broken.error) << broken.text;
    EXPECT_EQ(loaded.error().code, Error::Code::malformed);
  }
}

TEST(Formats, deep_nesting_is_refused_and_long_discards_are_not) {
  std::string deep = "{:process 0 :type :ok :value " + std::string(100'000, '[');
  Result<LoadedHistory> loaded = parse_history(deep, "test", Format::edn);
  ASSERT_FALSE(bool(loaded));
  EXPECT_NE(loaded.error().context.find("more than 200 levels"), std::string::npos);
  std::string discards;
  for (int i = 0; i < 100'000; ++i) discards += "#_";
  for (int i = 0; i < 100'000; ++i) discards += " 1";
  EXPECT_EQ(parsed(discards + " {:process 0 :type :ok}", Format::edn).history.size(), 1u);
  std::string json =
      "{\"process\":0,\"type\":\"ok\",\"value\":" + std::string(100'000, '[') + "\n\n";
  EXPECT_FALSE(bool(parse_history(json, "test", Format::jsonl)));
}

TEST(Formats, a_missing_file_or_a_folder_is_an_error_with_its_name) {
  Result<LoadedHistory> missing = load_history("/nowhere/history.jsonl");
  ASSERT_FALSE(bool(missing));
  EXPECT_EQ(missing.error().code, Error::Code::not_found);
  EXPECT_NE(missing.error().context.find("/nowhere/history.jsonl"), std::string::npos);
  EXPECT_FALSE(bool(load_history("/")));
}

Value random_value(Rng& rng, int depth) {
  switch (rng.below(depth == 0 ? 5 : 7)) {
    case 0: return {};
    case 1: return Value(rng.chance({1, 2}));
    case 2: return Value(static_cast<std::int64_t>(rng.next()) >> rng.below(64));
    case 3: return Value(":key" + std::to_string(rng.below(9)));
    case 4: {
      std::string text = "x";
      for (std::uint64_t left = rng.below(12); left > 0; --left) {
        text += static_cast<char>(rng.below(128));
      }
      return Value(text);
    }
    case 5: {
      List list;
      for (std::uint64_t left = rng.below(4); left > 0; --left) {
        list.push_back(random_value(rng, depth - 1));
      }
      return Value(std::move(list));
    }
    default: {
      Map map;
      for (std::uint64_t left = rng.below(4); left > 0; --left) {
        std::string key = "k" + std::to_string(rng.below(100));
        map.set(Value(std::move(key)), random_value(rng, depth - 1));
      }
      return Value(std::move(map));
    }
  }
}

TEST(Formats, random_histories_survive_both_formats) {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("sunder-formats-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Rng rng(seed, Stream::of("formats-test"));
    HistoryBuilder builder;
    for (std::uint64_t i = 0; i < 50; ++i) {
      auto process = static_cast<std::int32_t>(rng.between(-3, 10));
      Op op{.time = instant_at(static_cast<std::int64_t>(i * 1000)), .process = Process{process}};
      op.phase = static_cast<Phase>(rng.below(4));
      op.verb = rng.chance({1, 2}) ? "read" : "start-partition";
      op.value = random_value(rng, 3);
      if (op.phase > Phase::ok && rng.chance({1, 2})) op.error = "why \"not\"?\n";
      builder.add(op);
    }
    History history = builder.take();
    for (Format format : {Format::jsonl, Format::edn}) {
      std::string path = (folder / ("history." + std::string(to_string(format)))).string();
      Status written = write_history(path, history, format);
      ASSERT_TRUE(bool(written));
      Result<LoadedHistory> loaded = load_history(path);
      ASSERT_TRUE(bool(loaded)) << loaded.error().context;
      EXPECT_EQ(loaded->format, format);
      EXPECT_EQ(lines(loaded->history), lines(history)) << seed << " " << to_string(format);
    }
  }
  std::filesystem::remove_all(folder);
}

TEST(Formats, keyed_histories_are_recognised) {
  EXPECT_TRUE(looks_keyed(parsed(ours).history));
  auto keyed = [](std::string_view edn) { return looks_keyed(parsed(edn, Format::edn).history); };
  EXPECT_FALSE(keyed(""));
  EXPECT_FALSE(keyed("{:process 0 :type :invoke :f :write :value 3}"));
  EXPECT_FALSE(keyed("{:process 0 :type :invoke :f :cas :value [1 2]}"));
  EXPECT_TRUE(keyed("{:process 0 :type :invoke :f :cas :value [7 [1 2]]}"));
  EXPECT_FALSE(keyed("{:process 0 :type :invoke :f :txn :value [[:append 1 2] [:r 3 nil]]}"));
  EXPECT_FALSE(
      keyed("{:process 0 :type :invoke :f :read :value nil}{:process 0 :type :ok :f :read :value "
            "[1 2]}"));
  EXPECT_FALSE(
      keyed("{:process 0 :type :invoke :f :txn :value [1 2]}{:process 0 :type :ok :f :txn :value "
            "[3 2]}"));
}

}  // namespace
}  // namespace sunder
