// "long-fork": all readers see writes of different keys in one order. Two reads of the same two
// keys, of which each sees a write that the other does not, are a long fork: parallel snapshot
// isolation allows it (Sovran, Power, Aguilera, Li, SOSP 2011), snapshot isolation does not.

#include "checker/domain/domain_checker.h"
#include "checker/domain/shapes.h"

namespace sunder {
namespace {

using namespace domain;

constexpr std::size_t keys_limit = 64;  // of one read: pairs of them are compared

class LongFork final : public DomainChecker {
 private:
  /// One micro-operation: what was written to a register, or found in it (0: nothing).
  struct Access {
    std::int32_t key;
    std::int32_t value;
  };

  Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) override {
    if (verb != "txn" && verb != "read" && verb != "write") return Reading::refused;
    bool writes = false;
    first_.resize(at);
    first_.push_back(accesses_.size());
    size_.resize(at);
    size_.push_back(0);
    writes_.resize(at);
    writes_.push_back(0);
    if (!read_accesses(at, arguments, writes)) return Reading::refused;
    writes_[at] = writes ? 1 : 0;
    bool one = size_[at] == 1 && accesses_.back().value != 0;
    if (writes && !one) return Reading::refused;
    return size_[at] <= keys_limit ? Reading::understood : Reading::refused;
  }

  Reading end_call(std::size_t at, ValueView answer, std::string_view) override {
    if (!call(at).ok() || (writes_[at] != 0 && answer.is_nil())) return Reading::understood;
    std::vector<Access> asked(
        accesses_.begin() + static_cast<std::ptrdiff_t>(first_[at]),
        accesses_.begin() + static_cast<std::ptrdiff_t>(first_[at] + size_[at]));
    bool writes = false;
    first_[at] = accesses_.size();
    if (!read_accesses(at, answer, writes) || writes != (writes_[at] != 0)) return Reading::refused;
    bool fits = size_[at] == asked.size();
    for (std::size_t i = 0; fits && i < asked.size(); ++i) {
      const Access& answered = accesses_[first_[at] + i];
      fits = answered.key == asked[i].key && (!writes || answered.value == asked[i].value);
    }
    return fits ? Reading::understood : Reading::refused;
  }

  // Transactions that mix reads and writes are no operations of this check.
  bool read_accesses(std::size_t at, ValueView list, bool& writes) {
    std::size_t reads = 0;
    std::size_t count = 0;
    bool fine = list.kind() == Value::Kind::list && list.size() != 0;
    for (ValueView op : items(list)) {
      std::vector<ValueView> parts = items(op);
      fine = fine && parts.size() >= 2 && parts.size() <= 3 &&
             parts[0].kind() == Value::Kind::text && !parts[1].is_nil();
      if (!fine) break;
      std::string_view name = plain(parts[0].text());
      bool reading = name == "r" || name == "read";
      fine = reading || name == "w" || name == "write";
      reads += reading ? 1 : 0;
      ++count;
      accesses_.push_back({ids_.of(parts[1]), parts.size() == 3 ? ids_.of(parts[2]) : 0});
    }
    size_[at] = count;
    writes = reads == 0;
    return fine && (reads == 0 || reads == count);
  }

  std::string expects() const override {
    return "txn of one [:w key value], txn of up to " + std::to_string(keys_limit) +
           " [:r key nil]; reads answer the same list with what was found";
  }

  std::span<const Access> accesses(std::uint32_t at) const {
    return {accesses_.data() + first_[at], size_[at]};
  }

  void judge(Calls calls, Findings& findings) override {
    writer_.assign(ids_.size(), UINT32_MAX);
    std::vector<std::uint32_t> reads;
    for (std::uint32_t at : calls) {
      if (writes_[at] == 0) {
        if (call(at).ok()) reads.push_back(at);
        continue;
      }
      std::uint32_t& writer = writer_[static_cast<std::size_t>(accesses(at).front().key)];
      if (writer != UINT32_MAX && !call(writer).failed() && !call(at).failed()) {
        return findings.unknown("The key " + key_text(at, 0) + " is written by " +
                                told(writer, "transaction") + " and again by " +
                                told(at, "transaction") +
                                ": long forks are told only where each key is written once.");
      }
      if (writer == UINT32_MAX || call(writer).failed()) writer = at;
    }
    findings.figure("reads", reads.size());
    std::erase_if(reads, [&](std::uint32_t at) { return !sound(at, findings); });
    judge_pairs(reads, findings);
  }

  // Whether a read found nothing but what its keys were written with.
  bool sound(std::uint32_t at, Findings& findings) const {
    bool all = true;
    for (std::size_t i = 0; i < size_[at]; ++i) {
      const Access& found = accesses(at)[i];
      if (found.value == 0) continue;
      std::uint32_t writer = writer_[static_cast<std::size_t>(found.key)];
      bool written = writer != UINT32_MAX && !call(writer).failed() &&
                     accesses(writer).front().value == found.value;
      bool early = written && call(writer).invoked > call(at).completed;
      if (written && !early) continue;
      all = false;
      findings.add(early ? "premature" : "unexpected", [&]() -> Story {
        bool failed = writer != UINT32_MAX && call(writer).failed();
        std::string why = early ? "which was written only later, by " + told(writer, "transaction")
                          : failed ? "but " + told(writer, "transaction") + " failed"
                                   : "which nobody ever wrote there";
        return {"In " + told(at, "read") + " the key " + key_text(at, i) + " holds " +
                    ids_.text(found.value) + ", " + why + ".",
                writer == UINT32_MAX ? ops_of({at}) : ops_of({at, writer}),
                {}};
      });
    }
    return all;
  }

  /// A pair of keys in one read that saw exactly one of them.
  struct View {
    std::int32_t low, high;  // keys
    std::uint32_t read;
    bool saw_low;
  };

  void judge_pairs(const std::vector<std::uint32_t>& reads, Findings& findings) {
    std::vector<View> views;
    bool saw = false;
    for (std::uint32_t at : reads) {
      for (const Access& seen : accesses(at)) {
        saw = saw || (seen.value != 0 && size_[at] > 1);
        for (const Access& unseen : accesses(at)) {
          if (seen.value == 0 || unseen.value != 0 || seen.key == unseen.key) continue;
          bool low = seen.key < unseen.key;
          views.push_back({low ? seen.key : unseen.key, low ? unseen.key : seen.key, at, low});
        }
      }
    }
    if (!saw) return findings.vacuous("No read of several keys ever saw a write.");
    std::sort(views.begin(), views.end(), [](const View& a, const View& b) {
      return std::tuple(a.low, a.high, a.saw_low, a.read) <
             std::tuple(b.low, b.high, b.saw_low, b.read);
    });
    findings.figure("views", views.size());
    for (std::size_t i = 1; i < views.size(); ++i) {
      const View& a = views[i - 1];
      const View& b = views[i];
      if (a.low != b.low || a.high != b.high || a.saw_low == b.saw_low) continue;
      findings.add("long-fork", [&] { return fork(a, b); });
    }
  }

  Story fork(const View& first, const View& second) const {
    std::string low = ids_.text(first.low);
    std::string high = ids_.text(first.high);
    Map detail;
    detail["keys"] = List{ids_.value(first.low), ids_.value(first.high)};
    return {"Two reads disagree which of two writes came first: " + told(first.read, "read") +
                " sees that of key " + high + " but not that of key " + low + ", and " +
                told(second.read, "read") + " sees that of key " + low + " but not that of key " +
                high + ".",
            ops_of({first.read, second.read, writer_[static_cast<std::size_t>(first.low)],
                    writer_[static_cast<std::size_t>(first.high)]}),
            std::move(detail)};
  }

  std::string key_text(std::uint32_t at, std::size_t i) const {
    return ids_.text(accesses(at)[i].key);
  }

  std::string passed(const Findings& findings) const override {
    return "All " + counted(findings.figure("reads"), "read") +
           " agree on the order of each two writes that they saw apart.";
  }

  Ids ids_;
  std::vector<std::size_t> first_, size_;  // by call: its part of accesses_
  std::vector<std::uint8_t> writes_;       // by call
  std::vector<Access> accesses_;
  std::vector<std::uint32_t> writer_;  // by id of the key
};

}  // namespace

void add_long_fork(Registry<CheckerEntry>& registry) {
  registry.add(entry_of("long-fork", "multi-register",
                        "No two reads disagree which of two writes came first.", {}, {},
                        [] { return std::make_unique<LongFork>(); }));
}

}  // namespace sunder
