#include "harness/generate/rewrite.h"

#include "harness/core/assert.h"
#include "harness/generate/rule.h"

namespace sunder::gen {
namespace {

using Change = std::function<Op(Op)>;
using Keep = std::function<bool(const Op&)>;

class MapRule final : public Rule {
 public:
  MapRule(std::shared_ptr<const Change> change, Generator inner)
      : change_(std::move(change)), inner_(std::move(inner)) {}

  Emission next(const Context& context) const override {
    Emission emission = inner_.next(context);
    if (auto* ready = std::get_if<Ready>(&emission)) {
      if (ready->kind == Ready::Kind::invoke) ready->op = (*change_)(std::move(ready->op));
      ready->rest = make<MapRule>(change_, std::move(ready->rest));
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator inner = inner_.after(context, event);
    return inner.same_as(inner_) ? self : make<MapRule>(change_, std::move(inner));
  }

 private:
  std::shared_ptr<const Change> change_;
  Generator inner_;
};

class FilterRule final : public Rule {
 public:
  FilterRule(std::shared_ptr<const Keep> keep, Generator inner)
      : keep_(std::move(keep)), inner_(std::move(inner)) {}

  Emission next(const Context& context) const override {
    Emission emission = inner_.next(context);
    for (int dropped = 0; auto* ready = std::get_if<Ready>(&emission); ++dropped) {
      ASSERT_MSG(dropped < 10'000, "a filter accepts nothing of an endless generator");
      if (ready->kind != Ready::Kind::invoke || (*keep_)(ready->op)) {
        ready->rest = make<FilterRule>(keep_, std::move(ready->rest));
        break;
      }
      Generator rest = std::move(ready->rest);
      emission = rest.next(context);
    }
    return emission;
  }

  Generator after(const Context& context, const Op& event, const Generator& self) const override {
    Generator inner = inner_.after(context, event);
    return inner.same_as(inner_) ? self : make<FilterRule>(keep_, std::move(inner));
  }

 private:
  std::shared_ptr<const Keep> keep_;
  Generator inner_;
};

}  // namespace

Generator map(std::function<Op(Op)> change, Generator generator) {
  return make<MapRule>(std::make_shared<const Change>(std::move(change)), std::move(generator));
}

Generator filter(std::function<bool(const Op&)> keep, Generator generator) {
  return make<FilterRule>(std::make_shared<const Keep>(std::move(keep)), std::move(generator));
}

}  // namespace sunder::gen
