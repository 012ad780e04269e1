#include "tests/checker/support/datatype_calls.h"

#include <gtest/gtest.h>

#include "harness/formats/edn.h"
#include "harness/formats/formats.h"

namespace sunder::testing_support {
namespace {

using linearizable::Call;
using linearizable::Datatype;
using linearizable::DatatypeEntry;
using linearizable::Fate;
using linearizable::Operation;

/// A value as the bytes that views look at.
class Encoded {
 public:
  explicit Encoded(const Value& value) { encode(value, bytes_); }
  ValueView view() const { return ValueView(bytes_.data()); }

 private:
  std::vector<std::uint8_t> bytes_;
};

struct Played {
  std::string outcome = "legal";
  Value state;
};

std::string take_turn(Datatype& datatype, const Turn& turn, Call& call, Fate& fate) {
  Encoded arguments(edn(turn.arguments));
  if (!datatype.begin(turn.verb, arguments.view(), Process{turn.process}, call)) return "refused";
  Encoded answer(turn.phase == Phase::info ? Value() : edn(turn.answer));
  fate = datatype.end(call, turn.phase, answer.view(), turn.error);
  return fate == Fate::broken ? "broken" : "";
}

Played play_all(std::string_view name, const std::vector<Turn>& turns, const OptionTexts& set) {
  std::unique_ptr<Datatype> datatype = make_datatype(name, set);
  std::vector<std::pair<std::size_t, Call>> calls;
  std::map<std::size_t, bool> crashed;
  for (std::size_t i = 0; i < turns.size(); ++i) {
    Call call;
    Fate fate = Fate::happened;
    std::string trouble = take_turn(*datatype, turns[i], call, fate);
    if (!trouble.empty()) return {std::to_string(i) + ": " + trouble, {}};
    crashed[i] = fate == Fate::crashed;
    if (fate != Fate::never) calls.emplace_back(i, call);
  }
  auto model = datatype->model();
  linearizable::StateId state = model->initial();
  for (const auto& [i, call] : calls) {
    linearizable::StateId next = model->step(state, call);
    if (next == linearizable::impossible) {
      return {std::to_string(i) + ": " + datatype->describe(call, crashed[i]), {}};
    }
    EXPECT_TRUE(next == state || !model->observes(call)) << datatype->describe(call, crashed[i]);
    state = next;
  }
  return {"legal", model->describe(state)};
}

}  // namespace

std::unique_ptr<Datatype> make_datatype(std::string_view name, const OptionTexts& set) {
  for (const DatatypeEntry& entry : linearizable::datatypes()) {
    if (entry.name != name) continue;
    Result<Options> options = Options::parse(entry.options, set);
    EXPECT_TRUE(static_cast<bool>(options));
    return entry.make(*options);
  }
  ADD_FAILURE() << "no datatype " << name;
  return nullptr;
}

Value edn(std::string_view text) {
  EdnReader reader(text);
  std::vector<std::uint8_t> bytes;
  bool done = reader.read(bytes);
  EXPECT_TRUE(done) << text;
  return done ? ValueView(bytes.data()).value() : Value{};
}

DecodedHistory decode(Datatype& datatype, const History& history) {
  DecodedHistory decoded;
  for (std::size_t i = 0; i < history.size(); ++i) {
    OpView op = history[i];
    if (op.phase != Phase::invoke || !op.process.is_client()) continue;
    Operation operation{.invoked = static_cast<std::uint32_t>(i)};
    if (!datatype.begin(op.verb, op.value, op.process, operation.call)) {
      ++decoded.refused;
      continue;
    }
    Fate fate = Fate::crashed;
    if (op.pair == no_op) {
      fate = datatype.end(operation.call, Phase::info, ValueView(), {});
    } else {
      OpView end = history[op.pair];
      ValueView answer = end.phase == Phase::info ? ValueView() : end.value;
      fate = datatype.end(operation.call, end.phase, answer, end.error);
      if (fate == Fate::happened) operation.returned = static_cast<std::uint32_t>(op.pair);
    }
    if (fate == Fate::broken) ++decoded.broken;
    if (fate == Fate::happened || fate == Fate::crashed) decoded.operations.push_back(operation);
  }
  return decoded;
}

DecodedHistory decode(Datatype& datatype, std::string_view text) {
  Result<LoadedHistory> loaded = parse_history(text, "test");
  if (!loaded) {
    ADD_FAILURE() << loaded.error().context;
    return {};
  }
  return decode(datatype, loaded->history);
}

std::string play(std::string_view name, const std::vector<Turn>& turns, const OptionTexts& set) {
  return play_all(name, turns, set).outcome;
}

std::string state_after(std::string_view name, const std::vector<Turn>& turns,
                        const OptionTexts& set) {
  Played played = play_all(name, turns, set);
  if (played.outcome != "legal") return played.outcome;
  std::string text;
  append_edn(text, played.state);
  return text;
}

}  // namespace sunder::testing_support
