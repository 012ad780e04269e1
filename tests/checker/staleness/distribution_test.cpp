#include "checker/staleness/distribution.h"

#include <gtest/gtest.h>

namespace sunder::staleness {
namespace {

TEST(Distribution, buckets_are_1_2_5_in_every_decade) {
  EXPECT_EQ(bucket_of(INT64_MIN), (Bucket{0, 1}));
  EXPECT_EQ(bucket_of(0), (Bucket{0, 1}));
  EXPECT_EQ(bucket_of(1), (Bucket{1, 2}));
  EXPECT_EQ(bucket_of(4), (Bucket{2, 5}));
  EXPECT_EQ(bucket_of(5), (Bucket{5, 10}));
  EXPECT_EQ(bucket_of(10), (Bucket{10, 20}));
  EXPECT_EQ(bucket_of(49'999), (Bucket{20'000, 50'000}));
  EXPECT_EQ(bucket_of(INT64_MAX).from, 5'000'000'000'000'000'000);
  EXPECT_EQ(bucket_of(INT64_MAX).to, INT64_MAX);
}

TEST(Distribution, buckets_follow_each_other_without_gaps) {
  Bucket bucket = bucket_of(0);
  for (int i = 0; i < 40; ++i) {
    Bucket next = bucket_of(bucket.to);
    EXPECT_EQ(next.from, bucket.to);
    EXPECT_EQ(bucket_of(next.to - 1), next);
    bucket = next;
  }
}

TEST(Distribution, quantiles_are_nearest_ranks_and_the_histogram_counts_all) {
  std::vector<std::int64_t> figures;
  for (int i = 100; i > 0; --i) figures.push_back(i);
  Value value = distribution(figures);
  EXPECT_EQ(value.find("p50")->integer(), 50);
  EXPECT_EQ(value.find("p99")->integer(), 99);
  EXPECT_EQ(value.find("max")->integer(), 100);
  std::int64_t all = 0;
  for (const Value& bucket : value.find("histogram")->list()) {
    all += bucket.find("count")->integer();
  }
  EXPECT_EQ(all, 100);
  EXPECT_EQ(value.find("histogram")->list().size(), 7U);
  EXPECT_EQ(distribution({}).find("max")->integer(), 0);
}

}  // namespace
}  // namespace sunder::staleness
