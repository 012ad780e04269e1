#include "harness/generate/sequence.h"

#include <algorithm>

#include "harness/generate/rule.h"

namespace sunder::gen {
namespace {

using Children = std::vector<Generator>;

class SequenceRule final : public Rule {
 public:
  // `head` stands for children[at]; the ones before it have ended.
  SequenceRule(std::shared_ptr<const Children> children, std::size_t at, Generator head)
      : children_(std::move(children)), at_(at), head_(std::move(head)) {}

  Emission next(const Context& context) const override {
    Emission emission = head_.next(context);
    std::size_t at = at_;
    while (std::holds_alternative<Exhausted>(emission) && at + 1 < children_->size()) {
      emission = (*children_)[++at].next(context);
    }
    if (auto* ready = std::get_if<Ready>(&emission)) {
      ready->rest = make<SequenceRule>(children_, at, std::move(ready->rest));
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator head = head_.after(context, event);
    if (head.same_as(head_)) return self;
    return make<SequenceRule>(children_, at_, std::move(head));
  }

 private:
  std::shared_ptr<const Children> children_;
  std::size_t at_;
  Generator head_;
};

class SynchronizeRule final : public Rule {
 public:
  explicit SynchronizeRule(Generator inner) : inner_(std::move(inner)) {}

  Emission next(const Context& context) const override {
    return context.free == context.all ? inner_.next(context) : Emission{Pending{}};
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator inner = inner_.after(context, event);
    return inner.same_as(inner_) ? self : make<SynchronizeRule>(std::move(inner));
  }

 private:
  Generator inner_;
};

class LimitRule final : public Rule {
 public:
  LimitRule(std::uint64_t left, Generator inner) : left_(left), inner_(std::move(inner)) {}

  Emission next(const Context& context) const override {
    if (left_ == 0) return Exhausted{};
    Emission emission = inner_.next(context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      ready->rest = left_ == 1 ? Generator{} : make<LimitRule>(left_ - 1, std::move(ready->rest));
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator inner = inner_.after(context, event);
    return inner.same_as(inner_) ? self : make<LimitRule>(left_, std::move(inner));
  }

 private:
  std::uint64_t left_;
  Generator inner_;
};

class RepeatRule final : public Rule {
 public:
  RepeatRule(Generator inner, std::uint64_t left) : inner_(std::move(inner)), left_(left) {}

  Emission next(const Context& context) const override {
    if (left_ == 0) return Exhausted{};
    Emission emission = inner_.next(context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      ready->rest = make<RepeatRule>(inner_, left_ == for_ever ? for_ever : left_ - 1);
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator inner = inner_.after(context, event);
    return inner.same_as(inner_) ? self : make<RepeatRule>(std::move(inner), left_);
  }

 private:
  Generator inner_;
  std::uint64_t left_;
};

class CycleRule final : public Rule {
 public:
  CycleRule(Generator whole, Generator now, std::uint64_t left)
      : whole_(std::move(whole)), now_(std::move(now)), left_(left) {}

  Emission next(const Context& context) const override {
    if (left_ == 0) return Exhausted{};
    std::uint64_t left = left_;
    Emission emission = now_.next(context);
    if (std::holds_alternative<Exhausted>(emission)) {
      if (left != for_ever) --left;
      if (left == 0) return Exhausted{};
      emission = whole_.next(context);
    }
    if (auto* ready = std::get_if<Ready>(&emission)) {
      ready->rest = make<CycleRule>(whole_, std::move(ready->rest), left);
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator now = now_.after(context, event);
    return now.same_as(now_) ? self : make<CycleRule>(whole_, std::move(now), left_);
  }

 private:
  Generator whole_;
  Generator now_;
  std::uint64_t left_;  // rounds, the present one included
};

// The processes whose ops came from here and are under way; few, so a plain list.
using Open = std::vector<Process>;

using Enough = std::function<bool(const Op& completion)>;

class UntilRule final : public Rule {
 public:
  UntilRule(std::shared_ptr<const Enough> enough, Generator inner, Open open)
      : enough_(std::move(enough)), inner_(std::move(inner)), open_(std::move(open)) {}

  Emission next(const Context& context) const override {
    Emission emission = inner_.next(context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      Open open = open_;
      if (ready->kind == Ready::Kind::invoke) open.push_back(ready->op.process);
      ready->rest = make<UntilRule>(enough_, std::move(ready->rest), std::move(open));
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator inner = inner_.after(context, event);
    Open open = open_;
    if (event.phase != Phase::invoke && std::erase(open, event.process) > 0) {
      return (*enough_)(event) ? Generator{} : make<UntilRule>(enough_, inner, std::move(open));
    }
    return inner.same_as(inner_) ? self : make<UntilRule>(enough_, inner, std::move(open));
  }

 private:
  std::shared_ptr<const Enough> enough_;
  Generator inner_;
  Open open_;
};

class OnlyAfterOkRule final : public Rule {
 public:
  OnlyAfterOkRule(Generator gate, Open open, Generator guarded)
      : gate_(std::move(gate)), open_(std::move(open)), guarded_(std::move(guarded)) {}

  Emission next(const Context& context) const override {
    Emission emission = gate_.next(context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      Open open = open_;
      if (ready->kind == Ready::Kind::invoke) open.push_back(ready->op.process);
      ready->rest = make<OnlyAfterOkRule>(std::move(ready->rest), std::move(open), guarded_);
      return emission;
    }
    if (std::holds_alternative<Pending>(emission) || !open_.empty()) return Pending{};
    return guarded_.next(context);
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator gate = gate_.after(context, event);
    Open open = open_;
    bool ours = event.phase != Phase::invoke && std::erase(open, event.process) > 0;
    if (!ours && gate.same_as(gate_)) return self;
    // One that was not ok takes what it guards away; the gate itself goes on, so that everything
    // that ought to be undone is at least tried.
    bool proved = !ours || event.phase == Phase::ok;
    return make<OnlyAfterOkRule>(std::move(gate), std::move(open),
                                 proved ? guarded_ : Generator{});
  }

 private:
  Generator gate_;
  Open open_;
  Generator guarded_;
};

}  // namespace

Generator sequence(std::vector<Generator> generators) {
  if (generators.empty()) return Generator{};
  auto children = std::make_shared<const Children>(std::move(generators));
  return make<SequenceRule>(children, 0u, children->front());
}

Generator synchronize(Generator generator) {
  return make<SynchronizeRule>(std::move(generator));
}

Generator phases(std::vector<Generator> generators) {
  for (Generator& generator : generators) generator = synchronize(std::move(generator));
  return sequence(std::move(generators));
}

Generator then(Generator first, Generator second) {
  return sequence({std::move(first), synchronize(std::move(second))});
}

Generator limit(std::uint64_t count, Generator generator) {
  return make<LimitRule>(count, std::move(generator));
}

Generator once(Generator generator) { return limit(1, std::move(generator)); }

Generator repeat(Generator generator, std::uint64_t count) {
  return make<RepeatRule>(std::move(generator), count);
}

Generator cycle(Generator generator, std::uint64_t times) {
  return make<CycleRule>(generator, generator, times);
}

Generator until(Enough enough, Generator generator) {
  return make<UntilRule>(std::make_shared<const Enough>(std::move(enough)), std::move(generator),
                         Open{});
}

Generator until_ok(Generator generator) {
  return until([](const Op& completion) { return completion.phase == Phase::ok; },
               std::move(generator));
}

Generator only_after_ok(Generator gate, Generator guarded) {
  return make<OnlyAfterOkRule>(std::move(gate), Open{}, std::move(guarded));
}

}  // namespace sunder::gen
