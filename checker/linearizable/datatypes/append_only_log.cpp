// "append-only-log": values under consecutive offsets.

#include <map>
#include <set>

#include "checker/linearizable/datatypes/crashed.h"
#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/sequence.h"
#include "checker/linearizable/datatypes/shapes.h"

namespace sunder::linearizable {
namespace {

/// append: input is the value, output its offset. read_at: input is the offset, output the value,
/// 0 where there is none. read_all: output is the id of the list. length: output is the number.
enum : std::uint32_t { append, read_at, read_all, length };
constexpr std::int32_t unknown_offset = INT32_MIN;

using Contents = std::map<std::int32_t, std::vector<std::int32_t>>;  // lists that were read

struct LogSpec {
  using State = Sequence;

  const ValueTable* values;
  const Contents* contents;
  std::int64_t first;  // the offset of the first value

  State initial() const { return {}; }
  std::optional<State> step(const State& state, const Call& call) const {
    if (call.verb == append) {
      std::int64_t offset = first + static_cast<std::int64_t>(state.size());
      bool possible = call.output == unknown_offset || call.output == offset;
      return possible ? std::optional(state.pushed(call.input)) : std::nullopt;
    }
    return shows(state, call) ? std::optional(state) : std::nullopt;
  }
  bool observes(const Call& call) const { return call.verb != append; }
  Value describe(const State& state) const {
    List list;
    for (std::int32_t id : state.items()) list.push_back((*values)[id]);
    return list;
  }

  bool shows(const State& state, const Call& call) const {
    auto size = static_cast<std::int64_t>(state.size());
    if (call.verb == length) return call.output == size;
    if (call.verb == read_all) {
      auto read = contents->find(call.output);
      if (read == contents->end()) return state.empty();
      return read->second.size() == state.size() && read->second == state.items();
    }
    std::int64_t index = call.input - first;
    if (index < 0 || index >= size) return call.output == 0;
    return call.output == state.at(static_cast<std::size_t>(index));
  }
};

class LogDatatype final : public Datatype {
 public:
  explicit LogDatatype(std::int64_t first) : first_(first) {}

  bool begin(std::string_view verb, ValueView arguments, Process, Call& call) override {
    if (verb == "append") {
      call.verb = append;
      call.input = values_.intern(arguments);
      call.output = unknown_offset;
      return !arguments.is_nil();
    }
    if (verb == "length") {
      call.verb = length;
      return true;
    }
    if (verb != "read") return false;
    call.verb = read_all;
    if (arguments.is_nil()) return true;
    call.verb = read_at;
    std::optional<std::int32_t> offset = small_integer(arguments);
    call.input = offset.value_or(0);
    return offset.has_value();
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view) override {
    if (phase != Phase::ok) return plain_fate(phase);
    if (call.verb == read_all) return end_read_all(call, answer);
    if (call.verb == read_at) {
      call.output = values_.intern(answer);
      return Fate::happened;
    }
    if (call.verb == append && answer.is_nil()) return Fate::happened;
    std::optional<std::int32_t> number = small_integer(answer);
    if (number) call.output = *number;
    return number ? Fate::happened : Fate::broken;
  }

  std::string expects() const override {
    return "append of a value (its offset, or nil), read of an offset (the value, nil when there "
           "is none), read (all values), length (their number)";
  }

  std::unique_ptr<Model> model() const override {
    return std::make_unique<ModelOf<LogSpec>>(LogSpec{&values_, &contents_, first_});
  }

  /// Nobody sees a crashed append that comes after every call that can tell.
  void prune(Operations& operations) const override {
    drop_late(operations, [](const Call& call) {
      return call.verb != append || call.output != unknown_offset;
    });
  }

  std::string describe(const Call& call, bool crashed) const override {
    switch (call.verb) {
      case append: {
        std::string text = "append " + values_.text(call.input);
        bool known = !crashed && call.output != unknown_offset;
        return known ? text + " at " + std::to_string(call.output) : text;
      }
      case read_at: {
        std::string text = "read at " + std::to_string(call.input);
        return crashed ? text : text + ": " + values_.text(call.output);
      }
      case read_all: return crashed ? "read" : "read " + values_.text(call.output);
      default: return crashed ? "length" : "length " + std::to_string(call.output);
    }
  }

 private:
  Fate end_read_all(Call& call, ValueView answer) {
    if (answer.kind() != Value::Kind::list) return Fate::broken;
    std::vector<std::int32_t> items;
    answer.each([&](ValueView item) { items.push_back(values_.intern(item)); });
    call.output = values_.intern(answer);
    contents_.emplace(call.output, std::move(items));
    return Fate::happened;
  }

  std::int64_t first_;
  Contents contents_;
};

}  // namespace

DatatypeEntry append_only_log_entry() {
  return {.name = "append-only-log",
          .summary = "Values under consecutive offsets, read by offset or all at once.",
          .options = {{.name = "first-offset",
                       .kind = OptionSpec::Kind::integer,
                       .fallback = "0",
                       .help = "the offset of the first value"}},
          .make = [](const Options& options) -> std::unique_ptr<Datatype> {
            return std::make_unique<LogDatatype>(options.integer("first-offset"));
          }};
}

}  // namespace sunder::linearizable
