#include "checker/staleness/tell.h"

#include <algorithm>

#include "checker/weak/circle.h"

namespace sunder::staleness {
namespace {

constexpr std::size_t clusters_told = 10;
constexpr std::size_t reads_told = 6;

class Teller {
 public:
  explicit Teller(const weak::Decoded& decoded) : decoded_(decoded) {}

  const Operation& operation(Index at) const { return decoded_.registers[at]; }
  const Value& key(std::int32_t key) const {
    return decoded_.keys[decoded_.key_ids[static_cast<std::size_t>(key)]];
  }
  Value value(Index at) const { return decoded_.values[decoded_.value_ids[at]]; }

  // "On key 3, ", or nothing where there is only one key, without a name.
  std::string place(std::int32_t at) const {
    if (decoded_.keys.size() < 2) return {};  // nil is always there
    std::string text = "On key ";
    append_edn(text, key(at));
    return text + ", ";
  }
  std::string write(Index at) const {
    return "write " + text(at) + " (op " + std::to_string(operation(at).invoked) + ")";
  }
  std::string read(const FinalRead& last) const {
    return "process " + std::to_string(last.process) + " read " + text(last.read) + " (op " +
           std::to_string(operation(last.read).invoked) + ")";
  }

 private:
  std::string text(Index at) const { return decoded_.values.text(decoded_.value_ids[at]); }

  const weak::Decoded& decoded_;
};

std::string reads_text(const Teller& teller, const std::vector<FinalRead>& reads) {
  std::string text;
  for (std::size_t i = 0; i < reads.size() && i < reads_told; ++i) {
    text += (i == 0 ? "" : ", ") + teller.read(reads[i]);
  }
  if (reads.size() > reads_told) {
    text += " and " + std::to_string(reads.size() - reads_told) + " more";
  }
  return text;
}

/// Of each value that was read last, one read first, so that a short text names them all.
std::vector<FinalRead> different_ones_first(const KeyEnding& ending, const Registers& registers) {
  std::vector<FinalRead> first;
  std::vector<FinalRead> others;
  for (const FinalRead& last : ending.last_reads) {
    bool known = std::any_of(first.begin(), first.end(), [&](const FinalRead& one) {
      return registers[one.read].source == registers[last.read].source;
    });
    (known ? others : first).push_back(last);
  }
  first.insert(first.end(), others.begin(), others.end());
  return first;
}

/// A write of the key that surely happened: the last one that was answered.
Index lost_write(const KeyEnding& ending, const Registers& registers) {
  Index found = weak::initial;
  for (Index i = 0; i < registers.size(); ++i) {
    const Operation& one = registers[i];
    if (one.key != ending.key || one.is_read()) continue;
    bool later = found == weak::initial || registers[found].returned == weak::never ||
                 (one.returned != weak::never && registers[found].returned < one.returned);
    if (later) found = i;
  }
  return found;
}

void cite(const Registers& registers, std::vector<Index> operations, Anomaly& anomaly) {
  for (Index i : weak::closed(registers, std::move(operations))) {
    anomaly.ops.push_back(registers[i].invoked);
    if (registers[i].returned != weak::never) anomaly.ops.push_back(registers[i].returned);
  }
  std::sort(anomaly.ops.begin(), anomaly.ops.end());
}

}  // namespace

Anomaly explain(const KeyEnding& ending, const weak::Decoded& decoded) {
  Teller teller(decoded);
  const Registers& registers = decoded.registers;
  std::vector<FinalRead> reads = different_ones_first(ending, registers);
  std::vector<Index> operations;
  for (const FinalRead& one : reads) operations.push_back(one.read);
  Anomaly anomaly;
  std::string text = teller.place(ending.key);
  if (ending.end == KeyEnd::differs) {
    anomaly.name = "diverged";
    text += "final reads still differ: ";
  } else if (ending.end == KeyEnd::lost) {
    anomaly.name = "converged-on-nil";
    Index lost = lost_write(ending, registers);
    operations.push_back(lost);
    text += "final reads agree on the initial value, though " + teller.write(lost) +
            " had happened: ";
  } else {
    anomaly.name = "converged-on-overwritten";
    std::vector<Index> way = weak::causal_way(registers, ending.value, ending.overwriter);
    operations.insert(operations.end(), way.begin(), way.end());
    text += "final reads agree on " + teller.write(ending.value) + ", though " +
            teller.write(ending.overwriter) + " is causally after it: ";
  }
  text += reads_text(teller, reads) + ".";
  if (ending.agreed_after.has_value() && ending.end == KeyEnd::differs) {
    text += " They agreed only " + format_duration(Duration(*ending.agreed_after)) +
            " after the key's writes had ended and all was quiet.";
  }
  text[0] = text[0] == 'f' ? 'F' : text[0];
  anomaly.explanation = std::move(text);
  cite(registers, std::move(operations), anomaly);
  List values;
  for (const FinalRead& one : reads) {
    values.push_back(Map{{"process", std::int64_t{one.process}},
                         {"value", teller.value(one.read)},
                         {"op", std::int64_t{registers[one.read].invoked}}});
  }
  Map detail;
  detail["key"] = teller.key(ending.key);
  detail["end"] = std::string(to_string(ending.end));
  detail["values"] = std::move(values);
  detail["agreed_after"] = ending.agreed_after ? Value(*ending.agreed_after) : Value{};
  anomaly.detail = std::move(detail);
  return anomaly;
}

Value why_not_smaller(std::int32_t key, const AtomicityFinding& finding,
                      std::span<const Cluster> clusters, const weak::Decoded& decoded) {
  Teller teller(decoded);
  List writes;
  for (std::uint32_t i : finding.because) {
    if (writes.size() == clusters_told) break;
    const Cluster& cluster = clusters[i];
    Map write;
    write["reads"] = std::int64_t{cluster.reads};
    if (cluster.write != weak::initial) {
      write["value"] = teller.value(cluster.write);
      write["invoked"] = std::int64_t{teller.operation(cluster.write).invoked};
    }
    writes.push_back(std::move(write));
  }
  return Map{{"key", teller.key(key)},
             {"k", std::string(to_string(finding.smallest))},
             {"writes", std::move(writes)}};
}

std::string_view to_string(Atomicity atomicity) {
  switch (atomicity) {
    case Atomicity::one: return "1";
    case Atomicity::two: return "2";
    case Atomicity::more: return "more";
    case Atomicity::nowhere: return "none";
  }
  return "";
}

}  // namespace sunder::staleness
