#include "harness/core/rng.h"

#include <array>
#include <bit>

#include "harness/core/assert.h"

namespace sunder {
namespace {

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// -ln(1 - (i + 0.5) / 64) in units of 1/1024: quantiles of the exponential law. The table is data,
// not a call to log(), because libm's last digit differs between processors.
constexpr std::array<std::uint32_t, 64> exponential_quantiles = {
    8,    24,   41,   58,   75,   92,   110,  128,  146,  164,  183,  202,  222,
    242,  262,  283,  304,  326,  348,  371,  394,  418,  443,  468,  493,  520,
    547,  575,  603,  633,  663,  694,  726,  759,  793,  829,  865,  903,  942,
    983,  1025, 1069, 1115, 1163, 1213, 1266, 1322, 1381, 1443, 1510, 1582, 1659,
    1742, 1833, 1933, 2043, 2167, 2308, 2472, 2667, 2906, 3217, 3657, 4968};

// The whole part of a square root, by Newton's method from above.
std::uint64_t root_of(std::uint64_t number) {
  std::uint64_t root = std::uint64_t{1} << ((std::bit_width(number) + 1) / 2);
  while (root > number / root) root = (root + number / root) / 2;
  return root;
}

}  // namespace

Stream Stream::of(std::string_view purpose, std::uint64_t index) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (char c : purpose) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return Stream{mix(hash ^ mix(index))};
}

std::uint64_t draw(std::uint64_t seed, Stream stream, std::uint64_t event) {
  return mix(mix(mix(seed) ^ stream.id) ^ event);
}

std::uint64_t Rng::below(std::uint64_t bound) {
  ASSERT(bound > 0);
  // Lemire's multiply-shift; the bias is under bound / 2^64.
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
}

std::int64_t Rng::between(std::int64_t low, std::int64_t high) {
  ASSERT(low <= high);
  auto span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  std::uint64_t offset = span == 0 ? next() : below(span);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

Duration Rng::between(Duration low, Duration high) {
  return Duration{between(low.count(), high.count())};
}

bool Rng::chance(Ratio ratio) {
  ASSERT(ratio.denominator > 0);
  return below(ratio.denominator) < ratio.numerator;
}

Duration Rng::exponential(Duration mean) {
  return Duration{mean.count() * exponential_quantiles[below(exponential_quantiles.size())] / 1024};
}

Duration Rng::normal(Duration deviation) {
  std::uint64_t bits = next();
  std::int64_t sum = 0;  // of four numbers below 2^16; its deviation is 2^16 / sqrt(3)
  for (int part = 0; part < 4; ++part, bits >>= 16) sum += static_cast<std::int64_t>(bits & 0xffff);
  constexpr std::int64_t mean = 2 * 65535;
  constexpr std::int64_t unit = 37837;
  return Duration{deviation.count() / unit * (sum - mean) +
                  deviation.count() % unit * (sum - mean) / unit};
}

Duration Rng::pareto(Duration mean) {
  // The quantile of 1 - u is 1 / sqrt(u) - 1 times the mean, here in units of 2^-20.
  constexpr std::uint64_t one = 1 << 20;
  constexpr std::int64_t most = 64;
  auto root = static_cast<std::int64_t>(root_of((1 + below(one)) * one));
  std::int64_t rest = static_cast<std::int64_t>(one) - root;
  if (rest / root >= most) return most * mean;
  return Duration{mean.count() / root * rest + mean.count() % root * rest / root};
}

}  // namespace sunder
