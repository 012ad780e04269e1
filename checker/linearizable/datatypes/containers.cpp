// "fifo-queue", "stack", "priority-queue" and "unordered-queue": elements that are added and taken
// out one by one.

#include <map>

#include "checker/linearizable/datatypes/crashed.h"
#include "checker/linearizable/datatypes/entries.h"
#include "checker/linearizable/datatypes/id_map.h"
#include "checker/linearizable/datatypes/sequence.h"
#include "checker/linearizable/datatypes/shapes.h"
#include "checker/linearizable/monitors/monitors.h"
#include "checker/linearizable/verbs.h"

namespace sunder::linearizable {
namespace {

using container_verb::add;
using container_verb::take;
using container_verb::take_empty;

bool observes_container(const Call& call) { return call.verb == take_empty; }

/// Queues and stacks. A crashed take removes what is next, or nothing when there is nothing.
struct SequenceSpec {
  using State = Sequence;

  const ValueTable* values;
  bool last_first;  // a stack

  State initial() const { return {}; }
  std::optional<State> step(const State& state, const Call& call) const {
    if (call.verb == add) return state.pushed(call.input);
    if (call.verb == take_empty) return state.empty() ? std::optional(state) : std::nullopt;
    bool unknown = call.output == 0;
    if (state.empty()) return unknown ? std::optional(state) : std::nullopt;
    if (!unknown && call.output != (last_first ? state.back() : state.front())) return {};
    return last_first ? state.without_back() : state.without_front();
  }
  bool observes(const Call& call) const { return observes_container(call); }
  Value describe(const State& state) const {
    List elements;
    for (std::int32_t id : state.items()) elements.push_back((*values)[id]);
    if (last_first) std::reverse(elements.begin(), elements.end());
    return elements;
  }
};

struct PrioritySpec {
  using State = IdMap;  // from elements to how often they are there

  bool largest_first;  // elements are negated

  State initial() const { return {}; }
  std::optional<State> step(const State& state, const Call& call) const {
    if (call.verb == add) return state.with(call.input, state[call.input] + 1);
    if (call.verb == take_empty) return state.empty() ? std::optional(state) : std::nullopt;
    bool unknown = call.output == container_verb::unknown_integer;
    if (state.empty()) return unknown ? std::optional(state) : std::nullopt;
    std::int32_t next = state.least();
    if (!unknown && call.output != next) return {};
    return state.with(next, state[next] - 1);
  }
  bool observes(const Call& call) const { return observes_container(call); }
  Value describe(const State& state) const {
    List elements;
    state.each([&](std::int32_t element, std::int32_t times) {
      for (; times > 0; --times) elements.emplace_back(largest_first ? -element : element);
    });
    return elements;
  }
};

/// An unordered queue, of which `crashed` elements are gone and nobody knows which ones.
struct UnorderedState {
  IdMap elements;  // to how often they are there
  std::int64_t crashed = 0;
  bool operator==(const UnorderedState&) const = default;
};
std::uint64_t hash_of(const UnorderedState& state) {
  return mix(hash_of(state.elements), static_cast<std::uint64_t>(state.crashed));
}
std::size_t bytes_of(const UnorderedState& state) { return bytes_of(state.elements); }

/// Which element a crashed take removes is its own choice. That it is gone helps only a take that
/// finds nothing; so in any linearization crashed takes can wait until just before the next such
/// one, or else be left out. There they stand side by side and remove everything that is left.
/// Therefore a crashed take only counts, nothing but another one may follow, and when as many have
/// come as there are elements, the queue is empty: no choice needs to be tried.
struct UnorderedSpec {
  using State = UnorderedState;

  const ValueTable* values;

  State initial() const { return {}; }
  std::optional<State> step(const State& state, const Call& call) const {
    const IdMap& elements = state.elements;
    if (call.verb == take && call.output == 0) {
      State next{elements, state.crashed + 1};
      return next.crashed < elements.total() ? next : State{};
    }
    if (state.crashed != 0) return {};
    if (call.verb == add) return State{elements.with(call.input, elements[call.input] + 1)};
    if (call.verb == take_empty) return elements.empty() ? std::optional(state) : std::nullopt;
    std::int32_t times = elements[call.output];
    if (times == 0) return {};
    return State{elements.with(call.output, times - 1)};
  }
  bool observes(const Call& call) const { return observes_container(call); }
  Value describe(const State& state) const {
    List elements;
    state.elements.each([&](std::int32_t id, std::int32_t times) {
      for (; times > 0; --times) elements.push_back((*values)[id]);
    });
    std::sort(elements.begin(), elements.end());
    if (state.crashed == 0) return elements;
    Map map;
    map["elements"] = std::move(elements);
    map["of_which_gone"] = state.crashed;
    return map;
  }
};

enum class Order : std::uint8_t { first_first, last_first, smallest_first, largest_first, none };

class ContainerDatatype final : public Datatype {
 public:
  ContainerDatatype(Order order, bool observed) : order_(order), observed_(observed) {}

  bool begin(std::string_view verb, ValueView arguments, Process, Call& call) override {
    if (is_one_of(verb, {"dequeue", "pop", "take", "poll", "remove", "delete-min", "delete-max"})) {
      call.verb = take;
      call.output = unknown();
      return true;
    }
    if (!is_one_of(verb, {"enqueue", "push", "add", "insert", "offer", "put"})) return false;
    call.verb = add;
    return read_element(arguments, call.input);
  }

  Fate end(Call& call, Phase phase, ValueView answer, std::string_view error) override {
    bool empty = call.verb == take && phase == Phase::fail && observed_ && refused(error, "empty");
    if (call.verb == take && phase == Phase::ok) {
      empty = answer.is_nil();
      if (!empty && !read_element(answer, call.output)) return Fate::broken;
    }
    if (empty) {
      call.verb = take_empty;
      call.output = 0;
      return Fate::happened;
    }
    if (phase != Phase::ok) return plain_fate(phase);
    if (call.verb == take || answer.is_nil()) return Fate::happened;
    if (answer.kind() == Value::Kind::boolean && answer.boolean()) return Fate::happened;
    std::int32_t repeated = 0;
    return read_element(answer, repeated) && repeated == call.input ? Fate::happened : Fate::broken;
  }

  std::string expects() const override {
    std::string element = by_priority() ? "integer" : "element";
    return "enqueue, push, add, insert, offer or put of an " + element +
           " (answered by nil, true or the " + element +
           "), dequeue, pop, take, poll or remove (the " + element + "; nil when there is none)";
  }

  std::unique_ptr<Model> model() const override {
    if (by_priority()) {
      return std::make_unique<ModelOf<PrioritySpec>>(PrioritySpec{order_ == Order::largest_first});
    }
    if (order_ == Order::none) {
      return std::make_unique<ModelOf<UnorderedSpec>>(UnorderedSpec{&values_});
    }
    return std::make_unique<ModelOf<SequenceSpec>>(
        SequenceSpec{&values_, order_ == Order::last_first});
  }

  void prune(Operations& operations) const override;
  Decision monitor(std::span<const Operation> operations, bool wants_order) const override;
  std::string disprove(const Claim& claim) const override;

  std::string describe(const Call& call, bool crashed) const override {
    bool queue = order_ == Order::first_first || order_ == Order::none;
    std::string adds = queue ? "enqueue " : order_ == Order::last_first ? "push " : "insert ";
    std::string takes = queue ? "dequeue" : order_ == Order::last_first ? "pop" : "take";
    if (call.verb == add) return adds + text(call.input);
    if (call.verb == take_empty) return takes + " nil";
    return crashed || call.output == unknown() ? takes : takes + " " + text(call.output);
  }

 private:
  bool by_priority() const {
    return order_ == Order::smallest_first || order_ == Order::largest_first;
  }
  std::int32_t unknown() const { return by_priority() ? container_verb::unknown_integer : 0; }

  // The element as it stands in calls: the smallest one comes first from a priority queue.
  bool read_element(ValueView value, std::int32_t& element) {
    if (!by_priority()) {
      element = values_.intern(value);
      return !value.is_nil();
    }
    std::optional<std::int32_t> integer = small_integer(value);
    if (integer) element = order_ == Order::largest_first ? -*integer : *integer;
    return integer.has_value();
  }
  std::string text(std::int32_t element) const {
    if (!by_priority()) return values_.text(element);
    return std::to_string(order_ == Order::largest_first ? -element : element);
  }

  Order order_;
  bool observed_;  // a take that failed found nothing
};

/// From a linearization an element can be taken away together with the call that took it, and
/// everything else stays possible. So a crashed add can only matter when a completed take took its
/// element: of each value, as many matter as completed takes took. And crashed takes need only
/// remove what was added and no completed take took: no more than that matter. Of an unordered
/// queue they matter only when some take must find nothing.
void ContainerDatatype::prune(Operations& operations) const {
  struct Count {
    std::size_t added = 0;
    std::size_t crashed = 0;
    std::size_t taken = 0;
  };
  std::map<std::int32_t, Count> counts;
  bool found_nothing = false;
  for (const auto& [call, invoked, returned] : operations) {
    bool crashed = returned == open_end;
    if (call.verb == add) ++(crashed ? counts[call.input].crashed : counts[call.input].added);
    if (call.verb == take && !crashed) ++counts[call.output].taken;
    found_nothing |= call.verb == take_empty;
  }
  std::map<Call, std::size_t> limits;
  std::size_t& takes = limits[Call{.verb = take, .output = unknown()}];
  for (const auto& [element, count] : counts) {
    std::size_t useful = std::min(count.crashed, count.taken);
    limits[Call{.verb = add, .input = element}] = useful;
    takes += std::max(count.added + useful, count.taken) - count.taken;
  }
  if (order_ == Order::none && !found_nothing) takes = 0;
  keep_earliest(operations, std::move(limits));
}

Decision ContainerDatatype::monitor(std::span<const Operation> operations, bool wants_order) const {
  switch (order_) {
    case Order::first_first: return queue_monitor(operations, wants_order);
    case Order::last_first: return stack_monitor(operations, wants_order);
    case Order::none: return {};
    default: return priority_queue_monitor(operations, wants_order);
  }
}

std::string ContainerDatatype::disprove(const Claim& claim) const {
  switch (order_) {
    case Order::first_first: return disprove_container(claim, ContainerKind::queue);
    case Order::last_first: return disprove_container(claim, ContainerKind::stack);
    case Order::none: return Datatype::disprove(claim);
    default: return disprove_container(claim, ContainerKind::priority_queue);
  }
}

OptionSpec failed_take_option() {
  return {.name = "failed-take",
          .kind = OptionSpec::Kind::choice,
          .fallback = "ignored",
          .help =
              "whether a take that failed with the error 'empty', or without one, found "
              "nothing",
          .choices = {"ignored", "observed"}};
}

template <Order order>
std::unique_ptr<Datatype> make(const Options& options) {
  return std::make_unique<ContainerDatatype>(order, options.text("failed-take") == "observed");
}

std::unique_ptr<Datatype> make_priority_queue(const Options& options) {
  return options.text("first") == "largest" ? make<Order::largest_first>(options)
                                            : make<Order::smallest_first>(options);
}

}  // namespace

DatatypeEntry fifo_queue_entry() {
  return {.name = "fifo-queue",
          .summary = "First in, first out; a dequeue of an empty queue answers nil.",
          .options = {failed_take_option()},
          .make = make<Order::first_first>};
}

DatatypeEntry stack_entry() {
  return {.name = "stack",
          .summary = "Last in, first out; a pop of an empty stack answers nil.",
          .options = {failed_take_option()},
          .make = make<Order::last_first>};
}

DatatypeEntry priority_queue_entry() {
  return {.name = "priority-queue",
          .summary = "Integers, of which the smallest is taken first; nil when there is none.",
          .options = {failed_take_option(),
                      {.name = "first",
                       .kind = OptionSpec::Kind::choice,
                       .fallback = "smallest",
                       .help = "which element is taken first",
                       .choices = {"smallest", "largest"}}},
          .make = make_priority_queue};
}

DatatypeEntry unordered_queue_entry() {
  return {.name = "unordered-queue",
          .summary = "A queue that may deliver in any order; nil when there is nothing.",
          .options = {failed_take_option()},
          .make = make<Order::none>};
}

}  // namespace sunder::linearizable
