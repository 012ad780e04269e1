// Every two models that the lattice does not connect are told apart, and often.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/checker/weak/support/search.h"

namespace sunder::weak::support {
namespace {

/// What random histories hardly ever find.
const std::vector<std::string>& known() {
  static const std::vector<std::string> texts{
      "w(z1) w(x1) w(y1) | w(x2) r(z0) r(y1) r(x2)",
      "w(x1) r(x2) | w(x2) r(x1)",
      "w(x1) w(y1) | w(x2) w(z1) | r(y1) r(x2) | r(z1) r(x1)",
      "w(x1) r(x1) w(y1) | w(x2) r(x2) w(z1) | r(y1) r(x2) | r(z1) r(x1)",
  };
  return texts;
}

TEST(WeakSeparations, EachPairOfModelsIsToldApartAThousandTimes) {
  Separations separations;
  Rng rng(1, Stream::of("separations"));
  separate(separations, known(), rng, 1000, 20'000'000);
  EXPECT_EQ(separations.contradictions(), "");
  EXPECT_EQ(separations.missing(1000), "");
  if (std::getenv("SUNDER_SEPARATIONS") != nullptr) std::fputs(separations.table().c_str(), stdout);
}

}  // namespace
}  // namespace sunder::weak::support
