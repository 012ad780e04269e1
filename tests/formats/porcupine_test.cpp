// The two formats of Porcupine's data: logs of etcd and key-value lines.

#include <gtest/gtest.h>

#include "harness/formats/formats.h"

namespace sunder {
namespace {

LoadedHistory parsed(std::string_view text, Format format = Format::detect) {
  Result<LoadedHistory> loaded = parse_history(text, "test", format);
  EXPECT_TRUE(bool(loaded)) << (loaded ? "" : loaded.error().context);
  return loaded ? *std::move(loaded) : LoadedHistory{};
}

std::string error_of(std::string_view text, Format format = Format::detect) {
  Result<LoadedHistory> loaded = parse_history(text, "test", format);
  return loaded ? "" : loaded.error().context;
}

std::string described(const History& history) {
  std::string out;
  for (std::size_t i = 0; i < history.size(); ++i) out += describe(history[i].op()) + "\n";
  return out;
}

constexpr std::string_view etcd_log =
    "INFO  jepsen.util - 0\t:invoke\t:read\tnil\n"
    "INFO  jepsen.util - 1\t:invoke\t:write\t12\n"
    "INFO  jepsen.util - 2\t:invoke\t:cas\t[1 2]\n"
    "INFO  jepsen.util - 0\t:ok\t:read\t12\n"
    "INFO  jepsen.util - 2\t:fail\t:cas\t[1 2]\n"
    "INFO  jepsen.util - 1\t:info\t:write\t:timed-out\n"
    "INFO  jepsen.util - 2\t:invoke\t:read\tnil\n"
    "INFO  jepsen.util - 2\t:fail\t:read\t:timed-out\n"
    "INFO  jepsen.util - 2\t:invoke\t:cas\t[12 3]\n"
    "INFO  jepsen.util - 2\t:ok\t:cas\t[12 3]\n";

TEST(Porcupine, logs_of_etcd_are_recognised_and_read) {
  LoadedHistory loaded = parsed(etcd_log);
  EXPECT_EQ(loaded.format, Format::etcd_log);
  EXPECT_EQ(usual_datatype(loaded.format), "etcd");
  EXPECT_TRUE(loaded.notes.empty());
  EXPECT_FALSE(loaded.keyed);
  EXPECT_EQ(described(loaded.history),
            "process 0 invoke read nil\n"
            "process 1 invoke write 12\n"
            "process 2 invoke cas [1 2]\n"
            "process 0 ok read 12\n"
            "process 2 fail cas [1 2]\n"
            "process 1 info write nil (timed-out)\n"
            "process 2 invoke read nil\n"
            "process 2 info read nil (timed-out)\n"
            "process 2 invoke cas [12 3]\n"
            "process 2 ok cas [12 3]\n");
  EXPECT_EQ(loaded.history[1].pair, 5u);
}

TEST(Porcupine, other_loggers_are_left_out_of_logs_and_noted) {
  LoadedHistory loaded = parsed(
      "\n12:00:01 INFO jepsen.core - starting {:a 1}\r\n"
      "INFO  jepsen.util - :nemesis :info :start \"Cut off [n1]\"\r\n"
      "2016-01-01 12:00:02 WARN jepsen.client - slow\r\n\r\n"
      "INFO [2016-01-01 12:00:03] jepsen worker 0 - jepsen.util 0\t:invoke\t:read\tnil\r\n"
      "INFO  jepsen.util - 0 :info :read nil :indeterminate\r\n");
  EXPECT_EQ(loaded.format, Format::etcd_log);
  ASSERT_EQ(loaded.notes.size(), 1u);
  EXPECT_EQ(loaded.notes[0], "2 lines of the log are of other loggers and were left out.");
  EXPECT_EQ(described(loaded.history),
            "nemesis-0 info start \"Cut off [n1]\"\n"
            "process 0 invoke read nil\n"
            "process 0 info read nil (indeterminate)\n");
}

TEST(Porcupine, a_torn_log_loses_its_last_line_at_most) {
  std::string whole = described(parsed(etcd_log).history);
  for (std::size_t cut = etcd_log.find('\n') + 1; cut <= etcd_log.size(); ++cut) {
    std::string_view text = etcd_log.substr(0, cut);
    Result<LoadedHistory> loaded = parse_history(text, "test");
    ASSERT_TRUE(bool(loaded)) << cut << ": " << loaded.error().context;
    auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    EXPECT_EQ(loaded->history.size() + (loaded->truncated ? 1 : 0),
              lines + (text.back() == '\n' ? 0 : 1));
    EXPECT_GE(loaded->history.size(), lines);
    EXPECT_TRUE(whole.starts_with(described(loaded->history))) << cut;  // no half of a number
  }
  EXPECT_FALSE(parsed(etcd_log.substr(0, etcd_log.size() - 1)).truncated);  // a bracket ends it
}

TEST(Porcupine, broken_logs_are_named_with_their_place) {
  const std::string good = "INFO  jepsen.util - 0 :invoke :read nil\n";
  EXPECT_EQ(error_of(good + "INFO  jepsen.util - 0 :done :read nil\n"),
            "test:2:1: the op's type must be invoke, ok, fail or info, not \":done\"");
  EXPECT_EQ(error_of(good + "INFO  jepsen.util - 0 :ok :read 1x\n"), "test:2:33: not a number: 1x");
  EXPECT_EQ(error_of(good + "INFO  jepsen.util - 0 :ok :read\n" + good),
            "test:2:32: the text ends where a value should be");
  EXPECT_EQ(error_of(good + "INFO  jepsen.util - 0 :ok :read 1 2 3\n"),
            "test:2:37: something follows the op");
  EXPECT_EQ(error_of(good + "INFO  jepsen.util - [0] :ok :read 1\n").substr(0, 30),
            "test:2:1: the op's process mus");
  EXPECT_EQ(error_of(good + "INFO  jepsen.util\n" + good).substr(0, 10), "test:2:18:");
  EXPECT_EQ(error_of(good + "garbage\n").substr(0, 45),
            "test:2:1: a line of a log needs its level, as");
  EXPECT_EQ(error_of("garbage", Format::etcd_log).substr(0, 10), "test:1:1: ");
}

constexpr std::string_view kv_lines =
    "{:process 0, :type :invoke, :f :append, :key \"4\", :value \"x 0 0 y\"}\n"
    "{:process 1, :type :invoke, :f :get, :key \"4\", :value nil}\n"
    "{:process 0, :type :ok, :f :append, :key \"4\", :value \"x 0 0 y\"}\n"
    "{:process 1, :type :ok, :f :get, :key \"4\", :value \"x 0 0 y\"}\n";

TEST(Porcupine, key_value_lines_are_recognised_and_read) {
  LoadedHistory loaded = parsed(kv_lines);
  EXPECT_EQ(loaded.format, Format::porcupine_kv);
  EXPECT_EQ(usual_datatype(loaded.format), "kv");
  EXPECT_TRUE(loaded.keyed);
  EXPECT_TRUE(loaded.notes.empty());
  EXPECT_EQ(described(loaded.history),
            "process 0 invoke append [\"4\" \"x 0 0 y\"]\n"
            "process 1 invoke get [\"4\" nil]\n"
            "process 0 ok append [\"4\" \"x 0 0 y\"]\n"
            "process 1 ok get [\"4\" \"x 0 0 y\"]\n");
  for (std::size_t cut = kv_lines.find('\n') + 2; cut < kv_lines.size() - 1; ++cut) {
    Result<LoadedHistory> torn = parse_history(kv_lines.substr(0, cut), "test");
    ASSERT_TRUE(bool(torn)) << cut << ": " << torn.error().context;
    EXPECT_GE(torn->history.size(), 1u);
  }
}

TEST(Porcupine, edn_with_other_verbs_or_without_keys_stays_edn) {
  EXPECT_EQ(parsed("{:process 0 :type :ok :f :read :key 1}").format, Format::edn);
  EXPECT_EQ(parsed("{:process 0 :type :ok :f :get :value 1}").format, Format::edn);
  EXPECT_EQ(error_of("{:process 0 :type :ok :f :get :value 1}", Format::porcupine_kv),
            "test:1:1: the op has no key");
}

TEST(Porcupine, formats_have_names) {
  for (Format format :
       {Format::detect, Format::jsonl, Format::edn, Format::etcd_log, Format::porcupine_kv}) {
    EXPECT_EQ(parse_format(to_string(format)), format);
  }
  EXPECT_EQ(format_names(), "detect, jsonl, edn, etcd-log, porcupine-kv");
  EXPECT_EQ(usual_datatype(Format::edn), "");
}

}  // namespace
}  // namespace sunder
