#include "harness/generate/time.h"

#include <algorithm>

#include "harness/generate/rule.h"

namespace sunder::gen {
namespace {

class TimeLimitRule final : public Rule {
 public:
  TimeLimitRule(Duration limit, std::optional<Instant> cutoff, Generator inner)
      : limit_(limit), cutoff_(cutoff), inner_(std::move(inner)) {}

  Emission next(const Context& context) const override {
    if (cutoff_ && context.time >= *cutoff_) return Exhausted{};
    Emission emission = inner_.next(context);
    auto* ready = std::get_if<Ready>(&emission);
    if (ready == nullptr) return emission;
    Instant cutoff = cutoff_ ? *cutoff_ : ready->op.time + limit_;
    if (ready->op.time >= cutoff) {
      return context.free == context.all ? Emission{Exhausted{}} : Emission{Pending{}};
    }
    ready->rest = make<TimeLimitRule>(limit_, cutoff, std::move(ready->rest));
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator inner = inner_.after(context, event);
    if (inner.same_as(inner_)) return self;
    return make<TimeLimitRule>(limit_, cutoff_, std::move(inner));
  }

 private:
  Duration limit_;
  std::optional<Instant> cutoff_;  // set by the first op
  Generator inner_;
};

class StaggerRule final : public Rule {
 public:
  StaggerRule(Rng rng, Duration mean, std::optional<Instant> due, Generator inner)
      : rng_(rng), mean_(mean), due_(due), inner_(std::move(inner)) {}

  Emission next(const Context& context) const override {
    Emission emission = inner_.next(context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      if (due_) ready->op.time = std::max(ready->op.time, *due_);
      Rng rng = rng_;
      Duration gap = rng.between(Duration{0}, 2 * mean_);
      ready->rest =
          make<StaggerRule>(rng, mean_, ready->op.time + gap, std::move(ready->rest));
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator inner = inner_.after(context, event);
    if (inner.same_as(inner_)) return self;
    return make<StaggerRule>(rng_, mean_, due_, std::move(inner));
  }

 private:
  Rng rng_;
  Duration mean_;
  std::optional<Instant> due_;  // of the next op
  Generator inner_;
};

class DelayRule final : public Rule {
 public:
  DelayRule(Duration spacing, std::optional<Instant> due, Generator inner)
      : spacing_(spacing), due_(due), inner_(std::move(inner)) {}

  Emission next(const Context& context) const override {
    Emission emission = inner_.next(context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      Instant due = due_ ? *due_ : ready->op.time;
      ready->op.time = std::max(ready->op.time, due);
      ready->rest = make<DelayRule>(spacing_, due + spacing_, std::move(ready->rest));
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator inner = inner_.after(context, event);
    if (inner.same_as(inner_)) return self;
    return make<DelayRule>(spacing_, due_, std::move(inner));
  }

 private:
  Duration spacing_;
  std::optional<Instant> due_;
  Generator inner_;
};

}  // namespace

Generator time_limit(Duration limit, Generator generator) {
  return make<TimeLimitRule>(limit, std::nullopt, std::move(generator));
}

Generator stagger(Rng rng, Duration mean, Generator generator) {
  return make<StaggerRule>(rng, mean, std::nullopt, std::move(generator));
}

Generator delay(Duration spacing, Generator generator) {
  return make<DelayRule>(spacing, std::nullopt, std::move(generator));
}

}  // namespace sunder::gen
