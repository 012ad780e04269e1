// The shared representations of states against the standard's containers.

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "checker/linearizable/datatypes/id_map.h"
#include "checker/linearizable/datatypes/sequence.h"
#include "harness/core/rng.h"

namespace sunder {
namespace {

using namespace linearizable;

std::map<std::int32_t, std::int32_t> entries(const IdMap& map) {
  std::map<std::int32_t, std::int32_t> all;
  std::int64_t before = INT64_MIN;
  map.each([&](std::int32_t key, std::int32_t value) {
    EXPECT_LT(before, key);
    before = key;
    all[key] = value;
  });
  return all;
}

TEST(IdMap, is_a_map_whose_older_copies_stay) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed, Stream::of("id-map"));
    std::vector<IdMap> maps(1);
    std::vector<std::map<std::int32_t, std::int32_t>> plain(1);
    std::int64_t reach = seed % 3 == 0 ? INT32_MAX : 20;
    for (int i = 0; i < 60; ++i) {
      std::size_t from = rng.below(maps.size());
      auto key = static_cast<std::int32_t>(rng.between(-reach, reach));
      if (!plain[from].empty() && rng.below(2) == 0) key = plain[from].begin()->first;
      auto value = static_cast<std::int32_t>(rng.below(3));
      maps.push_back(maps[from].with(key, value));
      plain.push_back(plain[from]);
      if (value == 0) plain.back().erase(key);
      if (value != 0) plain.back()[key] = value;
    }
    for (std::size_t i = 0; i < maps.size(); ++i) {
      ASSERT_EQ(entries(maps[i]), plain[i]);
      ASSERT_EQ(maps[i].size(), plain[i].size());
      std::int64_t total = 0;
      for (auto [key, value] : plain[i]) {
        ASSERT_EQ(maps[i][key], value);
        total += value;
      }
      ASSERT_EQ(maps[i].total(), total);
      if (!plain[i].empty()) {
        ASSERT_EQ(maps[i].least(), plain[i].begin()->first);
      }
      for (std::size_t j = 0; j < maps.size(); ++j) {
        ASSERT_EQ(maps[i] == maps[j], plain[i] == plain[j]);
        if (plain[i] == plain[j]) {
          ASSERT_EQ(hash_of(maps[i]), hash_of(maps[j]));
        }
      }
    }
  }
}

TEST(Sequence, is_a_list_whose_older_copies_stay) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Rng rng(seed, Stream::of("sequence"));
    std::vector<Sequence> lists(1);
    std::vector<std::deque<std::int32_t>> plain(1);
    for (int i = 0; i < 60; ++i) {
      std::size_t from = rng.below(2) == 0 ? lists.size() - 1 : rng.below(lists.size());
      Sequence list = lists[from];
      std::deque<std::int32_t> items = plain[from];
      std::uint64_t choice = items.empty() ? 0 : rng.below(4);
      if (choice == 0 || choice == 1) {
        items.push_back(static_cast<std::int32_t>(rng.below(2)));
        list = list.pushed(items.back());
      } else if (choice == 2) {
        items.pop_front();
        list = list.without_front();
      } else {
        items.pop_back();
        list = list.without_back();
      }
      lists.push_back(list);
      plain.push_back(items);
    }
    for (std::size_t i = 0; i < lists.size(); ++i) {
      ASSERT_EQ(lists[i].items(), std::vector<std::int32_t>(plain[i].begin(), plain[i].end()));
      for (std::size_t at = 0; at < plain[i].size(); ++at) {
        ASSERT_EQ(lists[i].at(at), plain[i][at]);
      }
      if (!plain[i].empty()) {
        ASSERT_EQ(lists[i].back(), plain[i].back());
      }
      for (std::size_t j = 0; j < lists.size(); ++j) {
        ASSERT_EQ(lists[i] == lists[j], plain[i] == plain[j]);
        if (plain[i] == plain[j]) {
          ASSERT_EQ(hash_of(lists[i]), hash_of(lists[j]));
        }
      }
    }
  }
}

TEST(Sequence, long_lists_are_left_without_recursion) {
  Sequence list;
  for (int i = 0; i < 1'000'000; ++i) list = list.pushed(i);
  for (int i = 0; i < 999'990; ++i) list = list.without_front();
  EXPECT_EQ(list.front(), 999'990);
  EXPECT_EQ(list.size(), 10u);
}

}  // namespace
}  // namespace sunder
