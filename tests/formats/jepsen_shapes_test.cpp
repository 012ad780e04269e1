// Every shape of op that Jepsen, Knossos and Elle write in EDN, one test for each workload.

#include <gtest/gtest.h>

#include "harness/formats/formats.h"

namespace sunder {
namespace {

History read(const std::string& edn) {
  Result<LoadedHistory> loaded = parse_history(edn, "test");
  EXPECT_TRUE(bool(loaded)) << (loaded ? "" : loaded.error().context);
  if (!loaded) return {};
  EXPECT_EQ(loaded->format, Format::edn) << edn;
  EXPECT_FALSE(loaded->truncated) << edn;
  return loaded->history;
}

std::string described(const History& history) {
  std::string out;
  for (std::size_t i = 0; i < history.size(); ++i) out += describe(history[i].op()) + "\n";
  return out;
}

TEST(JepsenShapes, cas_register_over_independent_keys) {
  History history = read(R"(
; cas-register, independent key 9
{:process 0, :type :invoke, :f :write, :value [9 2], :index 0, :time 1100}
{:process 1, :type :invoke, :f :read,  :value [9 nil], :index 1, :time 1600}
{:process 0, :type :ok,   :f :write, :value [9 2], :index 2, :time 2500}
{:process 1, :type :ok,   :f :read,  :value [9 2], :index 3, :time 2700}
{:process 2, :type :invoke, :f :cas, :value [9 [2 5]], :index 4, :time 2800}
{:process 2, :type :info, :f :cas, :value [9 [2 5]], :error :timeout, :index 5, :time 9100}
{:process 12, :type :invoke, :f :cas, :value [9 [5 6]], :index 6, :time 9200}
{:process 12, :type :fail, :f :cas, :value [9 [5 6]], :error [:status 409], :index 7, :time 9300}
)");
  EXPECT_TRUE(looks_keyed(history));
  EXPECT_EQ(described(history),
            "process 0 invoke write [9 2]\n"
            "process 1 invoke read [9 nil]\n"
            "process 0 ok write [9 2]\n"
            "process 1 ok read [9 2]\n"
            "process 2 invoke cas [9 [2 5]]\n"
            "process 2 info cas [9 [2 5]] (timeout)\n"
            "process 12 invoke cas [9 [5 6]]\n"
            "process 12 fail cas [9 [5 6]] ([:status 409])\n");
  EXPECT_EQ(history[4].pair, 5u);
  EXPECT_EQ(nanoseconds(history[7].time), 9300);
}

TEST(JepsenShapes, a_nemesis_with_its_targets_and_an_odd_number_of_ops) {
  History history = read(
      "{:process :nemesis, :type :info, :f :start-partition, :value :majority, :time 1}\n"
      "{:process :nemesis, :type :info, :f :start-partition, "
      ":value [:isolated {\"n2\" #{\"n3\" \"n1\"}}], :time 2}\n"
      "{:process :nemesis, :type :info, :f :stop-partition, :value nil, :time 3}\n");
  EXPECT_EQ(described(history),
            "nemesis-0 info start-partition :majority\n"
            "nemesis-0 info start-partition [:isolated {\"n2\" [\"n1\" \"n3\"]}]\n"
            "nemesis-0 info stop-partition nil\n");
  EXPECT_EQ(history[1].pair, no_op);
}

TEST(JepsenShapes, transactions_of_elle_and_knossos) {
  History history = read(
      "{:process 4, :type :invoke, :f :txn, :value [[:append 9 1] [:r 8 nil]], :time 1}"
      "{:process 4, :type :ok, :f :txn, :value [[:append 9 1] [:r 8 [5 6]]], :time 2}"
      "{:process 5, :type :invoke, :f :txn, :value [[:w 2 41] [:r 3 nil]], :time 3}"
      "{:process 5, :type :ok, :f :txn, :value [[:w 2 41] [:r 3 nil]], :time 4}"
      "{:process 7, :type :ok, :f :txn, :value [[:read :x 1] [:write :y 2]], :time 5}");
  EXPECT_FALSE(looks_keyed(history));
  EXPECT_EQ(described(history),
            "process 4 invoke txn [[:append 9 1] [:r 8 nil]]\n"
            "process 4 ok txn [[:append 9 1] [:r 8 [5 6]]]\n"
            "process 5 invoke txn [[:w 2 41] [:r 3 nil]]\n"
            "process 5 ok txn [[:w 2 41] [:r 3 nil]]\n"
            "process 7 ok txn [[:read :x 1] [:write :y 2]]\n");
}

TEST(JepsenShapes, sets_counters_queues_locks_and_ids) {
  History history = read(
      "[{:process 0, :type :ok, :f :add, :value 12}"
      " {:process 1, :type :ok, :f :read, :value [4 12 3]}"
      " {:process 1, :type :ok, :f :read, :value #{12 4 3}}"
      " {:process 1, :type :ok, :f :read, :value 17}"
      " {:process 2, :type :ok, :f :enqueue, :value 30}"
      " {:process 3, :type :ok, :f :drain, :value (31 32)}"
      " {:process 4, :type :invoke, :f :acquire}"
      " {:process 5, :type :ok, :f :generate, :value \"1-a\"}]");
  EXPECT_EQ(described(history),
            "process 0 ok add 12\n"
            "process 1 ok read [4 12 3]\n"
            "process 1 ok read [3 4 12]\n"
            "process 1 ok read 17\n"
            "process 2 ok enqueue 30\n"
            "process 3 ok drain [31 32]\n"
            "process 4 invoke acquire nil\n"
            "process 5 ok generate \"1-a\"\n");
}

TEST(JepsenShapes, banks_and_kafka) {
  History history = read(
      "{:process 0, :type :ok, :f :transfer, :value {:to 4, :from 1, :amount 2}}"
      "{:process 0, :type :ok, :f :read, :value {4 14, 0 12, 1 11}}"
      "{:process 6, :type :ok, :f :txn, "
      ":value [[:send 3 [17 204]] [:poll {3 [[15 200] [16 203]]}]]}"
      "{:process 6, :type :ok, :f :assign, :value [3 5]}");
  EXPECT_EQ(described(history),
            "process 0 ok transfer {:amount 2, :from 1, :to 4}\n"
            "process 0 ok read {0 12, 1 11, 4 14}\n"
            "process 6 ok txn [[:send 3 [17 204]] [:poll {3 [[15 200] [16 203]]}]]\n"
            "process 6 ok assign [3 5]\n");
}

TEST(JepsenShapes, verbs_may_be_missing_texts_or_vectors) {
  History history = read(
      "({:process 0 :type :ok :value 1} {:process 0 :type :ok :f nil}"
      " {:process 0 :type :ok :f \"txn\"} {:process 0 :type :ok :f [:a 1]}"
      " {:process 0 :type :ok :f :my.ns/read})");
  EXPECT_EQ(history[0].verb, "");
  EXPECT_EQ(history[1].verb, "");
  EXPECT_EQ(history[2].verb, "txn");
  EXPECT_EQ(history[3].verb, "[:a 1]");
  EXPECT_EQ(history[4].verb, "my.ns/read");
}

TEST(JepsenShapes, indices_may_be_sparse_twice_or_missing) {
  History history = read(
      "{:index 5, :process 0 :type :invoke :f :read :time -1}"
      "{:index 5, :process 1 :type :invoke :f :read :time 7}"
      "{:process 1 :type :ok :f :read}");
  ASSERT_EQ(history.size(), 3u);
  EXPECT_EQ(history[2].index, 2u);
  EXPECT_EQ(history[2].pair, 1u);
  EXPECT_EQ(nanoseconds(history[0].time), 0);
  EXPECT_EQ(nanoseconds(history[2].time), 7);
}

TEST(JepsenShapes, records_other_fields_and_exceptions_are_read_over) {
  History history = read(
      "#jepsen.history.Op{:index 0, :time 3, :type :info, :process 2, :f :read, :value nil, "
      ":error \"boom\", :exception {:via [{:type java.lang.Exception, :message \"a \\\"b\\\"\", "
      ":at [user$eval__12 invoke \"x.clj\" 3]}] :object #object[user.Thing 0x1f2e \"t\"]}, "
      ":clock-offsets {\"n1\" -0.25, \"n2\" 1/3}, :final? true, :node \"n1\", :link a/b, "
      ":position ##Inf, :debug #uuid \"f81d\", :end-process? true}\n"
      "#knossos.op.Op{:process 3, :type :invoke, :f :read, :value 10000000000000000000N}");
  EXPECT_EQ(described(history),
            "process 2 info read nil (boom)\n"
            "process 3 invoke read \"10000000000000000000\"\n");
}

TEST(JepsenShapes, keywords_and_texts_stay_apart) {
  History history =
      read("{:process 0 :type :ok :f :read :value [:x \"x\" sym \\x :a.b/c \"nil\" \"1\" 1]}");
  EXPECT_EQ(to_json(history[0].value.value()), R"([":x","x","sym","x",":a.b/c","nil","1",1])");
}

}  // namespace
}  // namespace sunder
