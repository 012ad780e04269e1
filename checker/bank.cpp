// "bank": money moves between accounts and none is made or lost.

#include <charconv>

#include "checker/domain/domain_checker.h"
#include "checker/domain/shapes.h"

namespace sunder {
namespace {

using namespace domain;

class Bank final : public DomainChecker {
 public:
  void begin(const CheckContext& context) override {
    DomainChecker::begin(context);
    total_ = context.options.integer("total");
    negative_ = context.options.boolean("negative-balances");
    name_accounts(context.options.text("accounts"));
  }

 private:
  /// One balance that a read found.
  struct Balance {
    std::int32_t account;  // an id
    std::int64_t amount;
    bool known;  // false: nil
  };

  // Accounts are compared as texts: in JSON the keys of maps are always texts.
  void name_accounts(const std::string& list) {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(list.data(), list.data() + list.size(), number);
    if (error == std::errc{} && end == list.data() + list.size()) {
      for (std::int64_t i = 0; i < std::min<std::int64_t>(number, 1'000'000); ++i) {
        expect(std::to_string(i));
      }
      return;
    }
    for (std::size_t from = 0; from <= list.size();) {
      std::size_t to = std::min(list.find(',', from), list.size());
      if (to > from) expect(list.substr(from, to - from));
      from = to + 1;
    }
  }
  void expect(const std::string& name) {
    std::int32_t account = accounts_.of(name);
    if (account == static_cast<std::int32_t>(expected_)) ++expected_;
  }

  Reading begin_call(std::size_t at, std::string_view verb, ValueView arguments) override {
    if (verb != "transfer" && verb != "read") return Reading::refused;
    if (verb == "transfer") {
      ValueView from = entry(arguments, "from").value_or(ValueView());
      ValueView to = entry(arguments, "to").value_or(ValueView());
      ValueView amount = entry(arguments, "amount").value_or(ValueView());
      if (!Names::fits(from) || !Names::fits(to) || !summable(amount)) return Reading::refused;
    }
    is_read_.resize(at);
    is_read_.push_back(verb == "read" ? 1 : 0);
    first_.resize(at);
    first_.push_back(0);
    size_.resize(at);
    size_.push_back(0);
    return Reading::understood;
  }

  Reading end_call(std::size_t at, ValueView answer, std::string_view) override {
    if (!call(at).ok() || is_read_[at] == 0) return Reading::understood;
    if (answer.kind() != Value::Kind::map) return Reading::refused;
    first_[at] = balances_.size();
    bool fine = true;
    answer.each([&](ValueView name, ValueView balance) {
      std::optional<std::int64_t> amount = summable(balance);
      fine = fine && Names::fits(name) && (amount || balance.is_nil());
      if (fine) balances_.push_back({accounts_.of(name), amount.value_or(0), amount.has_value()});
    });
    size_[at] = balances_.size() - first_[at];
    return fine ? Reading::understood : Reading::refused;
  }

  std::string expects() const override {
    return "transfer of {:from account :to account :amount integer}, read (a map from accounts to "
           "balances)";
  }

  void judge(Calls calls, Findings& findings) override {
    std::uint64_t reads = 0;
    std::uint64_t transfers = 0;
    for (std::uint32_t at : calls) {
      if (is_read_[at] == 0) {
        if (!call(at).failed()) ++transfers;
      } else if (call(at).ok()) {
        ++reads;
        judge_read(at, findings);
      }
    }
    findings.figure("reads", reads);
    findings.figure("transfers", transfers);
    if (transfers == 0) findings.vacuous("No money was ever moved.");
    if (reads == 0) findings.vacuous("No balances were read.");
  }

  void judge_read(std::uint32_t at, Findings& findings) {
    seen_.resize(accounts_.size());
    std::int64_t sum = 0;
    bool all_known = true;
    auto name = [&](std::int32_t id) { return accounts_.text(id); };
    for (const Balance& balance : std::span(balances_).subspan(first_[at], size_[at])) {
      seen_[static_cast<std::size_t>(balance.account)] = at + 1;
      sum += balance.amount;
      all_known = all_known && balance.known;
      if (static_cast<std::size_t>(balance.account) >= expected_) {
        tell("unexpected-account", at,
             "has the account " + name(balance.account) + ", which is none of the bank's",
             findings);
      } else if (!balance.known) {
        tell("nil-balance", at, "found no balance in account " + name(balance.account), findings);
      } else if (balance.amount < 0 && !negative_) {
        tell("negative-balance", at,
             "found " + std::to_string(balance.amount) + " in account " + name(balance.account) +
                 ", which must never be negative",
             findings);
      }
    }
    bool all_there = true;
    for (std::size_t one = 0; one < expected_; ++one) {
      if (seen_[one] == at + 1) continue;
      all_there = false;
      tell("missing-account", at, "lacks the account " + name(static_cast<std::int32_t>(one)),
           findings);
    }
    if (sum != total_ && all_known && all_there) {
      tell("wrong-total", at,
           "found " + std::to_string(sum) +
               " in all accounts together instead "
               "of " +
               std::to_string(total_) + ": money was " + (sum < total_ ? "lost" : "made"),
           findings);
    }
  }

  void tell(const char* name, std::uint32_t at, const std::string& what, Findings& findings) const {
    findings.add(name, [&]() -> Story {
      Map balances;
      for (const Balance& one : std::span(balances_).subspan(first_[at], size_[at])) {
        balances[accounts_.text(one.account)] = one.known ? Value(one.amount) : Value();
      }
      Map detail;
      detail["balances"] = std::move(balances);
      detail["total"] = total_;
      return {"The " + told_read(at) + " " + what + ".", ops_of({at}), std::move(detail)};
    });
  }
  std::string told_read(std::uint32_t at) const {
    return "read of " + op_name(call(at).invoked) + " by process " +
           std::to_string(call(at).process);
  }

  std::string passed(const Findings& findings) const override {
    return "All " + counted(findings.figure("reads"), "read") + " found " + std::to_string(total_) +
           " in " + counted(expected_, "account") + " together.";
  }

  std::int64_t total_ = 0;
  bool negative_ = false;
  Names accounts_;
  std::size_t expected_ = 0;  // the bank's accounts have the ids below
  std::vector<std::uint8_t> is_read_;
  std::vector<std::size_t> first_, size_;  // by call: its part of balances_
  std::vector<Balance> balances_;
  std::vector<std::uint32_t> seen_;  // by account: 1 + the last read that had it
};

}  // namespace

void add_bank(Registry<CheckerEntry>& registry) {
  std::vector<OptionSpec> options{{.name = "accounts",
                                   .kind = OptionSpec::Kind::text,
                                   .fallback = "8",
                                   .help = "the accounts, as a,b,c; a number n means 0 to n-1"},
                                  {.name = "total",
                                   .kind = OptionSpec::Kind::integer,
                                   .fallback = "100",
                                   .help = "how much money there is"},
                                  {.name = "negative-balances",
                                   .kind = OptionSpec::Kind::boolean,
                                   .fallback = "false",
                                   .help = "whether an account may be overdrawn"}};
  registry.add(entry_of("bank", "bank", "No read of all accounts finds money made or lost.",
                        "Accounts between which money is transferred, read all at once.",
                        std::move(options), [] { return std::make_unique<Bank>(); }));
}

}  // namespace sunder
