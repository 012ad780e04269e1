#include "harness/generate/source.h"

#include "harness/generate/rule.h"

namespace sunder::gen {
namespace {

Op op_from_draft(const Context& context, Draft draft) {
  Op op;
  op.time = context.time;
  op.process = context.process_of(pick_free(context));
  op.verb = std::move(draft.verb);
  op.value = std::move(draft.value);
  return op;
}

class ListRule final : public Rule {
 public:
  ListRule(std::shared_ptr<const std::vector<Draft>> drafts, std::size_t at)
      : drafts_(std::move(drafts)), at_(at) {}

  Emission next(const Context& context) const override {
    if (at_ == drafts_->size()) return Exhausted{};
    if (context.free.empty()) return Pending{};
    Generator rest;
    if (at_ + 1 < drafts_->size()) rest = make<ListRule>(drafts_, at_ + 1);
    return Ready{op_from_draft(context, (*drafts_)[at_]), std::move(rest)};
  }

 private:
  std::shared_ptr<const std::vector<Draft>> drafts_;
  std::size_t at_;
};

class DrawnRule final : public Rule {
 public:
  DrawnRule(Rng rng, std::shared_ptr<const MakeDraft> make) : rng_(rng), make_(std::move(make)) {}

  Emission next(const Context& context) const override {
    if (context.free.empty()) return Pending{};
    Rng rng = rng_;
    std::optional<Draft> draft = (*make_)(context, rng);
    if (!draft) return Exhausted{};
    return Ready{op_from_draft(context, *std::move(draft)), make<DrawnRule>(rng, make_)};
  }

 private:
  Rng rng_;
  std::shared_ptr<const MakeDraft> make_;
};

class PseudoRule final : public Rule {
 public:
  PseudoRule(Ready::Kind kind, Duration pause, std::string line)
      : kind_(kind), pause_(pause), line_(std::move(line)) {}

  Emission next(const Context& context) const override {
    if (context.free.empty()) return Pending{};
    bool is_log = kind_ == Ready::Kind::log;
    Draft draft{is_log ? "log" : "sleep", is_log ? Value{line_} : Value{pause_.count()}};
    return Ready{op_from_draft(context, std::move(draft)), Generator{}, kind_, pause_};
  }

 private:
  Ready::Kind kind_;
  Duration pause_;
  std::string line_;
};

}  // namespace

std::size_t pick_index(const Context& context, std::size_t count) {
  auto now = static_cast<std::uint64_t>(nanoseconds(context.time));
  return Rng(now, Stream{0x74687265u}).below(count);
}

Thread pick_free(const Context& context) {
  return context.free.nth(pick_index(context, context.free.size()));
}

Generator op(std::string verb, Value value) {
  return ops({Draft{std::move(verb), std::move(value)}});
}

Generator ops(std::vector<Draft> drafts) {
  return make<ListRule>(std::make_shared<const std::vector<Draft>>(std::move(drafts)), 0u);
}

Generator drawn(Rng rng, MakeDraft make_draft) {
  return make<DrawnRule>(rng, std::make_shared<const MakeDraft>(std::move(make_draft)));
}

Generator sleep(Duration pause) {
  return make<PseudoRule>(Ready::Kind::sleep, pause, std::string{});
}

Generator log(std::string line) {
  return make<PseudoRule>(Ready::Kind::log, Duration{0}, std::move(line));
}

}  // namespace sunder::gen
