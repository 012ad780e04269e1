#include "harness/generate/choice.h"

#include "harness/generate/rule.h"

namespace sunder::gen {
namespace {

using Children = std::vector<Generator>;

// Lets every child learn of an event; returns false when none changed.
bool inform(const Children& children, const Context& context, const Op& event, Children& changed) {
  for (std::size_t i = 0; i < children.size(); ++i) {
    Generator child = children[i].after(context, event);
    if (child.same_as(children[i])) continue;
    if (changed.empty()) changed = children;
    changed[i] = std::move(child);
  }
  return !changed.empty();
}

class AnyRule final : public Rule {
 public:
  AnyRule(Children children, std::size_t turn) : children_(std::move(children)), turn_(turn) {}

  Emission next(const Context& context) const override {
    Soonest soonest(context.time);
    for (std::size_t i = 0; i < children_.size(); ++i) {
      std::size_t child = (turn_ + i) % children_.size();
      if (soonest.offer(child, children_[child].next(context))) break;
    }
    if (!soonest.found()) return soonest.nothing();
    Ready ready = std::move(soonest.best());
    Children rest = children_;
    rest[soonest.from()] = std::move(ready.rest);
    ready.rest = make<AnyRule>(std::move(rest), (soonest.from() + 1) % children_.size());
    return ready;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Children changed;
    if (!inform(children_, context, event, changed)) return self;
    return make<AnyRule>(std::move(changed), turn_);
  }

 private:
  Children children_;
  std::size_t turn_;  // who is asked first, and so wins ties
};

class PreferRule final : public Rule {
 public:
  PreferRule(Generator first, Generator second)
      : first_(std::move(first)), second_(std::move(second)) {}

  Emission next(const Context& context) const override {
    Soonest soonest(context.time);
    if (!soonest.offer(0, first_.next(context))) soonest.offer(1, second_.next(context));
    if (!soonest.found()) return soonest.nothing();
    Ready ready = std::move(soonest.best());
    ready.rest = soonest.from() == 0 ? make<PreferRule>(std::move(ready.rest), second_)
                                     : make<PreferRule>(first_, std::move(ready.rest));
    return ready;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator first = first_.after(context, event);
    Generator second = second_.after(context, event);
    if (first.same_as(first_) && second.same_as(second_)) return self;
    return make<PreferRule>(std::move(first), std::move(second));
  }

 private:
  Generator first_;
  Generator second_;
};

class DuringRule final : public Rule {
 public:
  DuringRule(Generator lasting, Generator meanwhile)
      : lasting_(std::move(lasting)), meanwhile_(std::move(meanwhile)) {}

  Emission next(const Context& context) const override {
    Emission first = lasting_.next(context);
    if (std::holds_alternative<Exhausted>(first)) return first;
    Soonest soonest(context.time);
    if (!soonest.offer(0, std::move(first))) soonest.offer(1, meanwhile_.next(context));
    if (!soonest.found()) return soonest.nothing();
    Ready ready = std::move(soonest.best());
    ready.rest = soonest.from() == 0 ? make<DuringRule>(std::move(ready.rest), meanwhile_)
                                     : make<DuringRule>(lasting_, std::move(ready.rest));
    return ready;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator lasting = lasting_.after(context, event);
    Generator meanwhile = meanwhile_.after(context, event);
    if (lasting.same_as(lasting_) && meanwhile.same_as(meanwhile_)) return self;
    return make<DuringRule>(std::move(lasting), std::move(meanwhile));
  }

 private:
  Generator lasting_;
  Generator meanwhile_;
};

class MixRule final : public Rule {
 public:
  MixRule(Rng rng, Children children) : rng_(rng), children_(std::move(children)) {}

  Emission next(const Context& context) const override {
    Rng rng = rng_;
    Children rest = children_;
    bool pending = false;
    while (!rest.empty()) {
      std::size_t first = rng.below(rest.size());
      std::size_t ended = rest.size();
      for (std::size_t i = 0; i < rest.size(); ++i) {
        std::size_t child = (first + i) % rest.size();
        Emission emission = rest[child].next(context);
        if (auto* ready = std::get_if<Ready>(&emission)) {
          rest[child] = std::move(ready->rest);
          ready->rest = make<MixRule>(rng, std::move(rest));
          return emission;
        }
        if (std::holds_alternative<Exhausted>(emission)) {
          ended = child;
          break;
        }
        pending = true;
      }
      if (ended == rest.size()) return Pending{};
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(ended));
    }
    return pending ? Emission{Pending{}} : Emission{Exhausted{}};
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Children changed;
    if (!inform(children_, context, event, changed)) return self;
    return make<MixRule>(rng_, std::move(changed));
  }

 private:
  Rng rng_;
  Children children_;
};

class FlipFlopRule final : public Rule {
 public:
  FlipFlopRule(Generator now, Generator then) : now_(std::move(now)), then_(std::move(then)) {}

  Emission next(const Context& context) const override {
    Emission emission = now_.next(context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      ready->rest = make<FlipFlopRule>(then_, std::move(ready->rest));
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator now = now_.after(context, event);
    Generator then = then_.after(context, event);
    if (now.same_as(now_) && then.same_as(then_)) return self;
    return make<FlipFlopRule>(std::move(now), std::move(then));
  }

 private:
  Generator now_;
  Generator then_;
};

}  // namespace

Generator any(std::vector<Generator> generators) {
  return make<AnyRule>(std::move(generators), 0u);
}

Generator prefer(Generator first, Generator second) {
  return make<PreferRule>(std::move(first), std::move(second));
}

Generator during(Generator lasting, Generator meanwhile) {
  return make<DuringRule>(std::move(lasting), std::move(meanwhile));
}

Generator mix(Rng rng, std::vector<Generator> generators) {
  return make<MixRule>(rng, std::move(generators));
}

Generator flip_flop(Generator a, Generator b) {
  return make<FlipFlopRule>(std::move(a), std::move(b));
}

}  // namespace sunder::gen
