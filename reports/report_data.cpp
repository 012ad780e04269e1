#include "reports/report_data.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <set>

namespace sunder {
namespace {

constexpr std::int64_t exact_in_javascript = std::int64_t{1} << 53;
constexpr std::int64_t rate_buckets = 240;
constexpr std::array<int, 3> permille = {500, 950, 990};

/// Numbers that JavaScript would round become their text.
Value exact(Value value) {
  if (value.is_integer()) {
    std::int64_t number = value.integer();
    bool safe = number > -exact_in_javascript && number < exact_in_javascript;
    return safe ? value : Value(std::to_string(number));
  }
  if (value.is_list()) {
    for (Value& item : value.list()) item = exact(std::move(item));
  } else if (value.is_map()) {
    Map map;
    for (const MapEntry& entry : value.map()) map.set(entry.key, exact(entry.value));
    return map;
  }
  return value;
}

Value number(std::uint64_t number) {
  return number == no_op ? Value(-1) : Value(static_cast<std::int64_t>(number));
}

/// An invocation and what became of it.
struct Operation {
  std::uint64_t invoke;
  std::uint64_t complete;  // no_op: never
};

/// A completion that nobody invoked stands for itself: foreign histories have those.
std::vector<Operation> operations_of(const History& history) {
  std::vector<Operation> operations;
  for (std::size_t i = 0; i < history.size(); ++i) {
    OpView op = history[i];
    if (op.phase == Phase::invoke) {
      operations.push_back({i, op.pair});
    } else if (op.pair == no_op) {
      operations.push_back({i, i});
    }
  }
  return operations;
}

/// The ops that anomalies speak of, in whichever part of the verdict they stand.
void collect_cited(const Verdict& verdict, std::set<std::uint64_t>& cited) {
  for (const Anomaly& anomaly : verdict.anomalies) {
    cited.insert(anomaly.ops.begin(), anomaly.ops.end());
    const Value* ops = anomaly.detail.find("ops");
    if (ops == nullptr || !ops->is_list()) continue;
    for (const Value& op : ops->list()) {
      if (op.is_integer() && op.integer() >= 0)
        cited.insert(static_cast<std::uint64_t>(op.integer()));
    }
  }
  for (const Verdict& part : verdict.parts) collect_cited(part, cited);
}

/// Every k-th operation, and all that matter more: cited ones and those of nemeses.
std::vector<Operation> chosen(const ReportInput& input, std::vector<Operation> all,
                              std::size_t limit, std::size_t& step) {
  step = 1;
  if (all.size() <= limit) return all;
  step = (all.size() + limit - 1) / limit;
  std::set<std::uint64_t> cited;
  collect_cited(input.verdict, cited);
  std::vector<Operation> kept;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Operation& operation = all[i];
    bool matters = cited.contains(operation.invoke) || cited.contains(operation.complete) ||
                   !input.history[operation.invoke].process.is_client();
    if (matters || i % step == 0) kept.push_back(operation);
  }
  return kept;
}

/// Texts that repeat, by number.
class Interned {
 public:
  std::int64_t number(std::string_view text) {
    auto [found, fresh] = numbers_.try_emplace(std::string(text), texts_.size());
    if (fresh) texts_.emplace_back(std::string(text));
    return static_cast<std::int64_t>(found->second);
  }
  List take() { return std::move(texts_); }

 private:
  std::map<std::string, std::size_t> numbers_;
  List texts_;
};

/// One column of the table of operations, as JSON text.
class Column {
 public:
  void add(std::int64_t number) { item() += std::to_string(number); }
  void add(const Value& value) { append_json(item(), value); }
  std::string text() const { return json_ + "]"; }

 private:
  std::string& item() {
    if (json_.size() > 1) json_ += ',';
    return json_;
  }
  std::string json_ = "[";
};

/// `value` is what was asked; `result` is what a completion said, or 0 when it said the same.
std::string operations_json(const ReportInput& input, const ReportLimits& limits) {
  const History& history = input.history;
  std::vector<Operation> all = operations_of(history);
  std::size_t total = all.size();
  std::size_t step = 1;
  std::vector<Operation> kept = chosen(input, std::move(all), limits.operations, step);
  Interned verbs, errors;
  Column invoke, complete, process, verb, phase, begin, end, asked, result, error;
  for (const Operation& operation : kept) {
    OpView op = history[operation.invoke];
    bool done = operation.complete != no_op;
    OpView completion = history[done ? operation.complete : operation.invoke];
    invoke.add(static_cast<std::int64_t>(operation.invoke));
    complete.add(number(operation.complete));
    process.add(op.process.id);
    verb.add(verbs.number(op.verb));
    phase.add(done ? static_cast<std::int64_t>(completion.phase) : 0);
    begin.add(nanoseconds(op.time));
    end.add(done ? nanoseconds(completion.time) : -1);
    Value value = exact(op.value.value());
    Value answer = done ? exact(completion.value.value()) : Value{};
    if (!done || answer == value) {
      result.add(std::int64_t{0});
    } else {
      result.add(answer);
    }
    asked.add(value);
    error.add(completion.error.empty() ? -1 : errors.number(completion.error));
  }
  std::string json = "{\"total\":" + std::to_string(total) + ",\"step\":" + std::to_string(step);
  const std::array<std::pair<std::string_view, const Column*>, 10> columns = {
      {{"invoke", &invoke},
       {"complete", &complete},
       {"process", &process},
       {"verb", &verb},
       {"phase", &phase},
       {"begin", &begin},
       {"end", &end},
       {"value", &asked},
       {"result", &result},
       {"error", &error}}};
  for (const auto& [name, column] : columns) {
    json += ",\"" + std::string(name) + "\":" + column->text();
  }
  json += ",\"verbs\":" + to_json(verbs.take()) + ",\"errors\":" + to_json(errors.take());
  return json + "}";
}

Instant end_of(const History& history) {
  Instant last = at_start;
  for (std::size_t i = 0; i < history.size(); ++i) last = std::max(last, history[i].time);
  return last;
}

/// How often each phase completed in each slice of time; of clients only, and of all of them.
Value rate_of(const History& history, Instant end) {
  std::int64_t slice = std::max<std::int64_t>(1, nanoseconds(end) / rate_buckets + 1);
  std::map<Phase, std::vector<std::int64_t>> counts;
  for (Phase phase : {Phase::ok, Phase::fail, Phase::info})
    counts[phase].resize(static_cast<std::size_t>(rate_buckets));
  for (std::size_t i = 0; i < history.size(); ++i) {
    OpView op = history[i];
    if (!op.process.is_client() || op.phase == Phase::invoke || op.time < at_start) continue;
    std::int64_t bucket = std::min(nanoseconds(op.time) / slice, rate_buckets - 1);
    ++counts[op.phase][static_cast<std::size_t>(bucket)];
  }
  Map map;
  map["slice"] = slice;
  for (const auto& [phase, column] : counts) {
    map[to_string(phase)] = List(column.begin(), column.end());
  }
  return map;
}

/// Counts of one verb, and how long its ok operations took.
struct VerbFigures {
  std::array<std::int64_t, 4> phases{};  // by Phase; invoke: never completed
  std::vector<std::int64_t> latencies;
};

Value to_value(VerbFigures& figures) {
  std::sort(figures.latencies.begin(), figures.latencies.end());
  Map map;
  map["open"] = figures.phases[0];
  for (Phase phase : {Phase::ok, Phase::fail, Phase::info}) {
    map[to_string(phase)] = figures.phases[static_cast<std::size_t>(phase)];
  }
  List quantiles;
  std::size_t count = figures.latencies.size();
  for (int share : permille) {
    if (count == 0) break;
    std::size_t rank = (count * static_cast<std::size_t>(share) + 999) / 1000;
    quantiles.emplace_back(figures.latencies[std::max<std::size_t>(rank, 1) - 1]);
  }
  if (count > 0) quantiles.emplace_back(figures.latencies.back());
  map["latency"] = std::move(quantiles);  // p50, p95, p99, the greatest
  return map;
}

Value figures_of(const History& history) {
  std::map<std::string, VerbFigures, std::less<>> verbs;
  for (const Operation& operation : operations_of(history)) {
    OpView op = history[operation.invoke];
    if (!op.process.is_client()) continue;
    VerbFigures& figures = verbs[std::string(op.verb)];
    bool done = operation.complete != no_op;
    Phase phase = done ? history[operation.complete].phase : Phase::invoke;
    ++figures.phases[static_cast<std::size_t>(phase)];
    if (phase != Phase::ok) continue;
    figures.latencies.push_back(nanoseconds(history[operation.complete].time - op.time));
  }
  Map map;
  for (auto& [verb, figures] : verbs) map[verb] = to_value(figures);
  return map;
}

Value to_value(const FaultWindow& window) {
  Map map;
  map["kind"] = window.kind;
  map["targets"] = List(window.targets.begin(), window.targets.end());
  map["begin"] = nanoseconds(window.begin);
  map["end"] = nanoseconds(window.end);
  map["confirmed"] = window.confirmed;
  map["begin_op"] = number(window.begin_op);
  map["end_op"] = number(window.end_op);
  map["evidence"] = exact(window.evidence);
  return map;
}

template <class Items>
List values_of(const Items& items) {
  List list;
  for (const auto& item : items) list.push_back(to_value(item));
  return list;
}

Value logs_of(const ReportInput& input, const ReportLimits& limits) {
  List list;
  for (const auto& [name, log] : input.logs) {
    if (list.size() == limits.logs) break;
    std::size_t skip = log.text.size() > limits.log_bytes ? log.text.size() - limits.log_bytes : 0;
    Map map;
    map["name"] = name;
    map["text"] = log.text.substr(skip);
    map["cut"] = static_cast<std::int64_t>(log.cut + skip);
    list.emplace_back(std::move(map));
  }
  return list;
}

}  // namespace

std::string escape_for_script(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 64);
  for (std::size_t i = 0; i < json.size(); ++i) {
    std::string_view rest = json.substr(i, 3);
    if (json[i] == '<') {
      out += "\\u003c";
    } else if (rest == "\u2028" || rest == "\u2029") {
      out += rest == "\u2028" ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += json[i];
    }
  }
  return out;
}

std::string report_data(const ReportInput& input, const ReportLimits& limits) {
  Instant end = end_of(input.history);
  Map map;
  map["test"] = exact(input.test);
  map["verdict"] = exact(to_value(input.verdict));
  map["duration"] = nanoseconds(end);
  map["ops"] = static_cast<std::int64_t>(input.history.size());
  map["rate"] = rate_of(input.history, end);
  map["figures"] = figures_of(input.history);
  map["faults"] = values_of(input.windows);
  std::size_t events = std::min(input.trace.size(), limits.trace_events);
  List trace(input.trace.begin(), input.trace.begin() + static_cast<std::ptrdiff_t>(events));
  map["trace"] = exact(std::move(trace));
  map["logs"] = logs_of(input, limits);
  map["problems"] = List(input.problems.begin(), input.problems.end());
  std::string json = to_json(map);
  json.back() = ',';
  json += "\"operations\":" + operations_json(input, limits) + "}";
  return escape_for_script(json);
}

}  // namespace sunder
