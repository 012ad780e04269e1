// The check of logs with offsets against its definitions, written out naively.

#include <gtest/gtest.h>

#include "tests/checker/support/twins.h"

namespace sunder {
namespace {

using namespace testing_support;
using Names = std::set<std::string>;

int pick(Rng& rng, int low, int high) { return static_cast<int>(rng.between(low, high)); }

// Values are sent once, mostly at an offset of twice their number; polls mostly find runs of them.
List run_of_messages(Rng& rng, int fresh) {
  List messages;
  int from = pick(rng, 1, fresh);
  for (int value = from; value < from + pick(rng, 0, 3); ++value) {
    if (rng.below(12) == 0) continue;
    int offset = rng.below(25) == 0 ? pick(rng, 0, 20) : 2 * value;
    messages.push_back(Value::pair(offset, value));
  }
  if (rng.below(12) == 0) std::reverse(messages.begin(), messages.end());
  return messages;
}

List sent(Rng& rng, int value) {
  Value offset = rng.below(15) == 0 ? Value(pick(rng, 0, 20)) : Value(2 * value);
  if (rng.below(15) == 0) offset = nullptr;
  return {":send", "k", Value::pair(offset, value)};
}

Asked ask_log(Rng& rng, int fresh) {
  Asked asked;
  switch (rng.below(8)) {
    case 0: return {rng.below(2) == 0 ? "assign" : "subscribe", List{"k"}, {{List{"k"}}}};
    case 1:
    case 2:
    case 3:
      asked = {"send", Value::list_of(List{":send", "k", fresh}), {}};
      for (int i = 0; i < 3; ++i) asked.answers.push_back({Value::list_of(sent(rng, fresh))});
      return asked;
    case 4:
      asked = {
          "txn", List{List{":send", "k", fresh}, List{":poll"}, List{":send", "k", -fresh}}, {}};
      for (int i = 0; i < 3; ++i) {
        Map polled{{"k", run_of_messages(rng, fresh)}};
        List second{":send", "k", Value::pair(2 * fresh + pick(rng, -1, 1), -fresh)};
        asked.answers.push_back({List{sent(rng, fresh), List{":poll", polled}, second}});
      }
      return asked;
    default:
      asked = {"poll", Value::list_of(List{":poll"}), {}};
      for (int i = 0; i < 3; ++i) {
        Map polled{{"k", run_of_messages(rng, fresh)}};
        asked.answers.push_back({Value::list_of(List{":poll", polled})});
      }
      return asked;
  }
}

struct Message {
  std::size_t call;
  bool sent;
  std::int64_t value;
  std::optional<std::int64_t> offset;
};

std::vector<Message> messages_of(const std::vector<PlainCall>& calls, std::size_t at) {
  std::vector<Message> all;
  const PlainCall& call = calls[at];
  if (call.verb == "assign" || call.verb == "subscribe") return all;
  const Value& list = call.ok() ? call.answer : call.asked;
  for (const Value& op : list.list()) {
    const List& parts = op.list();
    if (parts[0] == Value(":send")) {
      if (!parts[2].is_list()) {
        all.push_back({at, true, parts[2].integer(), {}});
        continue;
      }
      const List& pair = parts[2].list();
      Message message{at, true, pair[1].integer(), {}};
      if (pair[0].is_integer()) message.offset = pair[0].integer();
      all.push_back(message);
    } else if (parts.size() == 2) {
      for (const MapEntry& entry : parts[1].map()) {
        for (const Value& pair : entry.value.list()) {
          all.push_back({at, false, pair.list()[1].integer(), pair.list()[0].integer()});
        }
      }
    }
  }
  return all;
}

void contents(const std::vector<PlainCall>& calls, const std::vector<Message>& all, Names& names) {
  for (const Message& a : all) {
    for (const Message& b : all) {
      bool placed = a.offset && b.offset;
      if (placed && a.offset == b.offset && a.value != b.value) names.insert("inconsistent-offset");
      if (placed && a.value == b.value && a.offset != b.offset) names.insert("duplicate");
    }
    auto send = std::find_if(all.begin(), all.end(), [&](const Message& message) {
      return message.sent && message.value == a.value;
    });
    if (!a.sent) {
      if (send == all.end())
        names.insert("unexpected");
      else if (!calls[send->call].may_have_happened())
        names.insert("aborted-read");
      else if (calls[send->call].invoked > calls[a.call].completed)
        names.insert("premature");
      if (send != all.end() && send->call == a.call) names.insert("precommitted-read");
      continue;
    }
    if (!calls[a.call].ok() || !a.offset) continue;
    bool seen = std::any_of(calls.begin(), calls.end(), [](const PlainCall& call) {
      bool polls = call.verb == "poll" || call.verb == "txn";
      return polls && call.phase == Phase::info;  // and may have found it
    });
    bool passed = false;
    for (const Message& b : all) {
      seen = seen || (!b.sent && b.value == a.value);
      passed = passed || (!b.sent && *b.offset > *a.offset);
    }
    if (passed && !seen) names.insert("lost-write");
  }
}

void sequences(const std::vector<PlainCall>& calls, const std::vector<Message>& all, bool sends,
               Names& names) {
  auto rank = [&](std::int64_t offset) {
    std::set<std::int64_t> below;
    for (const Message& message : all) {
      if (message.offset && *message.offset < offset) below.insert(*message.offset);
    }
    return static_cast<std::int64_t>(below.size());
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      const Message& a = all[i];
      const Message& b = all[j];
      bool both = a.sent == sends && b.sent == sends && a.offset && b.offset &&
                  calls[a.call].process == calls[b.call].process && calls[a.call].ok() &&
                  calls[b.call].ok();
      if (!both) continue;
      bool next = true;  // nothing of the same process between
      for (std::size_t k = i + 1; k < j; ++k) {
        bool same = all[k].sent == sends && all[k].offset && calls[all[k].call].ok() &&
                    calls[all[k].call].process == calls[b.call].process;
        next = next && !same;
      }
      bool moved = false;    // the consumer's position may have been changed
      bool grouped = false;  // its last subscription was to a group
      for (std::size_t k = 0; k < b.call; ++k) {
        if (calls[k].process != calls[b.call].process) continue;
        bool subscribes = calls[k].verb == "subscribe";
        if (subscribes || calls[k].verb == "assign") grouped = subscribes;
        bool lost_poll = !calls[k].ok() && (calls[k].verb == "poll" || calls[k].verb == "txn");
        if (k > a.call) moved = moved || subscribes || calls[k].verb == "assign" || lost_poll;
      }
      bool internal = a.call == b.call;
      if (!next || (!sends && !internal && (moved || grouped))) continue;
      std::int64_t delta = rank(*b.offset) - rank(*a.offset);
      std::string kind = sends ? "send" : "poll";
      if (delta < 1) names.insert((internal ? "int-nonmonotonic-" : "nonmonotonic-") + kind);
      if (delta > 1 && (!sends || internal))
        names.insert((internal ? "int-" : "") + kind + "-skip");
    }
  }
}

Names log_twin(const History& history) {
  std::vector<PlainCall> calls = plain_calls(history);
  std::vector<Message> all;
  for (std::size_t at = 0; at < calls.size(); ++at) {
    for (const Message& message : messages_of(calls, at)) all.push_back(message);
  }
  Names names;
  contents(calls, all, names);
  sequences(calls, all, false, names);
  sequences(calls, all, true, names);
  return names;
}

TEST(Twins, of_kafka) { compare({"kafka kafka", {{"allow", ""}}}, {ask_log, 9}, log_twin); }

}  // namespace
}  // namespace sunder
