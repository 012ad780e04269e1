// "kafka": what clients of a log with offsets must not see. The names are those of Jepsen's check
// of the same systems; "aborted-read" is its G1a.

#include "checker/domain/log_index.h"

namespace sunder {
namespace {

using namespace domain;

class Kafka final : public IndexedLogChecker {
 private:
  void judge(Calls calls, Findings& findings) override {
    read_allowed();
    index(calls);
    for (const Message& message : messages_) {
      if (message.again == nullptr) continue;
      return findings.unknown("The message " + message_text(*message.send) + " was sent by " +
                              call_text(message.send->call) + " and by " +
                              call_text(message.again->call) +
                              ": what was lost or duplicated is told only of messages that are "
                              "sent once.");
    }
    for (const Place& place : places_) judge_place(place, findings);
    bool polled = false;
    for (const Message& message : messages_) {
      judge_source(message, findings);
      polled = polled || message.polled != nullptr;
    }
    judge_losses(calls, findings);
    judge_own_messages(calls, findings);
    judge_sequences(calls, findings);
    if (!polled) findings.unknown("No message was ever polled.");
  }

  void read_allowed() {
    allowed_.clear();
    const std::string& list = context_.options.text("allow");
    for (std::size_t from = 0; from < list.size();) {
      std::size_t to = std::min(list.find(',', from), list.size());
      allowed_.push_back(list.substr(from, to - from));
      from = to + 1;
    }
  }

  template <class Tell>
  void add(const char* name, Findings& findings, Tell tell) const {
    if (std::find(allowed_.begin(), allowed_.end(), name) != allowed_.end()) {
      findings.allow(name);
    } else {
      findings.add(name, tell);
    }
  }

  void judge_place(const Place& place, Findings& findings) const {
    if (place.other == nullptr) return;
    add("inconsistent-offset", findings, [&]() -> Story {
      return {
          "Two messages have one offset: " + saw(*place.first) + ", but " + saw(*place.other) + ".",
          ops_of({place.first->call, place.other->call}), detail_of(*place.first)};
    });
  }

  void judge_source(const Message& message, Findings& findings) const {
    if (message.elsewhere != nullptr) {
      add("duplicate", findings, [&]() -> Story {
        return {"One message stands in the log twice: " + saw(*message.placed) + ", and " +
                    saw(*message.elsewhere) + ".",
                ops_of({message.placed->call, message.elsewhere->call}),
                detail_of(*message.placed)};
      });
    }
    if (message.polled == nullptr) return;
    findings.figure("polled", 1);
    const Record& polled = *message.polled;
    if (message.send == nullptr) {
      add("unexpected", findings, [&]() -> Story {
        return {"Nobody ever sent what " + call_text(polled.call) +
                    " polled: " + message_text(polled) + ".",
                ops_of({polled.call}), detail_of(polled)};
      });
    } else if (call(message.send->call).failed()) {
      add("aborted-read", findings, [&]() -> Story {
        return {"A message that was not sent was polled: " + saw(polled) + ", although " +
                    call_text(message.send->call) + ", which would have sent it, failed.",
                ops_of({polled.call, message.send->call}), detail_of(polled)};
      });
    } else if (call(message.send->call).invoked > call(polled.call).completed) {
      add("premature", findings, [&]() -> Story {
        return {"A message was polled before it was sent: " + saw(polled) +
                    ", and had ended when " + call_text(message.send->call) +
                    ", which sent it, began.",
                ops_of({polled.call, message.send->call}), detail_of(polled)};
      });
    }
  }

  // What was acknowledged at an offset that polls went past, and which nobody ever polled, is lost,
  // unless a poll crashed, which may have found it. (Polls that step over it are told anyway.)
  void judge_losses(Calls calls, Findings& findings) const {
    std::vector<const Record*> farthest(names_.size(), nullptr);  // by key: polled
    std::uint64_t crashed = 0;
    for (std::uint32_t at : calls) {
      if (!call(at).ok()) {
        if (polls(at) && !call(at).failed()) ++crashed;
        continue;
      }
      for (const Record& record : records(at)) {
        const Record*& far = farthest[static_cast<std::size_t>(record.key)];
        bool farther = !record.sent && (far == nullptr || record.offset > far->offset);
        if (farther) far = &record;
      }
    }
    std::uint64_t unseen = 0;
    const Record* example = nullptr;
    for (const Message& message : messages_) {
      bool acknowledged = message.send != nullptr && call(message.send->call).ok();
      if (!acknowledged) continue;
      findings.figure("acknowledged", 1);
      if (message.polled != nullptr) continue;
      const Record* far = farthest[static_cast<std::size_t>(message.key)];
      std::int64_t offset = message.send->offset;
      bool passed_by = far != nullptr && offset != no_offset && offset < far->offset;
      if (passed_by && crashed == 0) {
        add("lost-write", findings, [&] { return tell_lost(*message.send, *far); });
      } else if (unseen++ == 0) {
        example = message.send;
      }
    }
    findings.figure("unseen", unseen);
    if (unseen == 0) return;
    findings.unknown(counted(unseen, "acknowledged message") +
                     " were never polled as far as is known, for example " +
                     message_text(*example) +
                     ": only polls to the end that do not crash can tell whether they are lost.");
  }

  Story tell_lost(const Record& send, const Record& behind) const {
    return {"An acknowledged message is lost: " + saw(send) + ", nobody ever polled it, and " +
                saw(behind) + ", which is behind it.",
            ops_of({send.call, behind.call}), detail_of(send)};
  }

  void judge_own_messages(Calls calls, Findings& findings) const {
    for (std::uint32_t at : calls) {
      if (!call(at).ok()) continue;
      for (const Record& record : records(at)) {
        const Record* send = record.sent ? nullptr : message(record).send;
        if (send == nullptr || send->call != at) continue;
        add("precommitted-read", findings, [&]() -> Story {
          return {"A transaction polled what it sent itself, before that was committed: " +
                      saw(record) + ".",
                  ops_of({at}), detail_of(record)};
        });
      }
    }
  }

  /// A record in the sequence of what one process polled from, or sent to, one key.
  struct Step {
    const Record* record;
    std::int32_t lane;
    std::uint32_t epoch;  // a new one begins where the consumer's position may have moved
    bool rebalanced;      // in a group, whose members may be moved at any time
  };

  // Consecutive polls must go on where the last one ended, and sends must come to stand behind each
  // other. What a call does by itself has names of its own: in a transaction others may come
  // between.
  void judge_sequences(Calls calls, Findings& findings) const {
    std::vector<Step> polls;
    std::vector<Step> sends;
    std::vector<std::uint32_t> epochs(lanes());
    std::vector<std::uint8_t> grouped(lanes());
    for (std::uint32_t at : calls) {
      auto lane = static_cast<std::size_t>(call(at).lane);
      bool moves = kind(at) != Kind::access || (!call(at).ok() && this->polls(at));
      if (moves) ++epochs[lane];
      if (kind(at) != Kind::access) grouped[lane] = kind(at) == Kind::subscribe ? 1 : 0;
      if (!call(at).ok()) continue;
      for (const Record& record : records(at)) {
        if (record.offset == no_offset) continue;
        (record.sent ? sends : polls)
            .push_back({&record, call(at).lane, epochs[lane], grouped[lane] != 0});
      }
    }
    each_pair(std::move(polls), [&](const Step& a, const Step& b) { judge_poll(a, b, findings); });
    each_pair(std::move(sends), [&](const Step& a, const Step& b) { judge_send(a, b, findings); });
  }

  template <class Visit>
  static void each_pair(std::vector<Step> steps, Visit visit) {
    auto stream = [](const Step& step) { return std::pair(step.lane, step.record->key); };
    std::stable_sort(steps.begin(), steps.end(),
                     [&](const Step& a, const Step& b) { return stream(a) < stream(b); });
    for (std::size_t i = 1; i < steps.size(); ++i) {
      if (stream(steps[i - 1]) == stream(steps[i])) visit(steps[i - 1], steps[i]);
    }
  }

  void judge_poll(const Step& before, const Step& step, Findings& findings) const {
    bool internal = before.record->call == step.record->call;
    if (!internal && before.epoch != step.epoch) return;
    std::int64_t delta = rank(*step.record) - rank(*before.record);
    if (delta == 1) return;
    const char* name = delta > 1 ? (internal ? "int-poll-skip" : "poll-skip")
                                 : (internal ? "int-nonmonotonic-poll" : "nonmonotonic-poll");
    if (!internal && step.rebalanced) return findings.allow(name);
    add(name, findings, [&]() -> Story {
      std::string what =
          delta > 1 ? "skipped " + counted(static_cast<std::uint64_t>(delta - 1), "message")
                    : "went back";
      return in_sequence(before, step, "polls of one process " + what);
    });
  }

  void judge_send(const Step& before, const Step& step, Findings& findings) const {
    bool internal = before.record->call == step.record->call;
    std::int64_t delta = rank(*step.record) - rank(*before.record);
    if (delta == 1 || (delta > 1 && !internal)) return;
    const char* name =
        delta > 1 ? "int-send-skip" : (internal ? "int-nonmonotonic-send" : "nonmonotonic-send");
    add(name, findings, [&]() -> Story {
      return in_sequence(before, step,
                         delta > 1 ? "others' messages came between those of one transaction"
                                   : "sends of one process came to stand in the wrong order");
    });
  }

  Story in_sequence(const Step& before, const Step& step, const std::string& what) const {
    return {"In key " + names_.text(step.record->key) + ", " + what + ": " + saw(*before.record) +
                ", and next " + saw(*step.record) + ".",
            ops_of({before.record->call, step.record->call}), detail_of(*step.record)};
  }

  std::string saw(const Record& record) const {
    return call_text(record.call) + (record.sent ? " sent " : " polled ") + message_text(record);
  }

  std::string passed(const Findings& findings) const override {
    return "All " + counted(findings.figure("acknowledged"), "acknowledged message") +
           " were polled, at one offset each, in order and without gaps.";
  }

  std::vector<std::string> allowed_;
};

}  // namespace

void add_kafka(Registry<CheckerEntry>& registry) {
  std::vector<OptionSpec> options{
      {.name = "allow",
       .kind = OptionSpec::Kind::text,
       .fallback = "int-send-skip",
       .help = "anomalies that are counted but not held against the history, as a,b,c"}};
  registry.add(entry_of("kafka", "kafka",
                        "Messages of a log are not lost, duplicated, skipped or reordered.",
                        "Logs by keys, to which messages are sent and from which they are polled "
                        "with their offsets.",
                        std::move(options), [] { return std::make_unique<Kafka>(); }));
}

}  // namespace sunder
