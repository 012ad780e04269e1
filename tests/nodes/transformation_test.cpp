// The properties that operational transformation rests on, for all edits of all short documents.

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/core/rng.h"
#include "nodes/jupiter/document.h"
#include "nodes/ttf/document.h"

namespace sunder {
namespace {

using Text = std::vector<std::int64_t>;

namespace of_jupiter {

using namespace jupiter;

Text letters(std::int64_t length) {
  Text text;
  for (std::int64_t i = 0; i < length; ++i) text.push_back('a' + i);
  return text;
}

Edit insert(std::int64_t position, std::int64_t site) {
  return {.position = position, .element = 'A' + site, .site = site};
}

Edit erase(std::int64_t position, std::int64_t length = 1) {
  return {.code = 1, .position = position, .length = length};
}

std::vector<Edit> inserts(std::int64_t length, std::int64_t site) {
  std::vector<Edit> all;
  for (std::int64_t at = 0; at <= length; ++at) all.push_back(insert(at, site));
  return all;
}

std::vector<Edit> erases(std::int64_t length) {
  std::vector<Edit> all;
  for (std::int64_t at = 0; at < length; ++at) {
    for (std::int64_t size = 1; at + size <= length; ++size) all.push_back(erase(at, size));
  }
  return all;
}

std::vector<Edit> joined(std::vector<Edit> one, const std::vector<Edit>& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

Text after(Text text, const Mistakes& mistakes, const Change& first, const Change& second) {
  apply(first, mistakes, text);
  apply(second, mistakes, text);
  return text;
}

// Both orders, and whether they agree (TP1).
bool agree(const Text& text, const Edit& one, const Edit& other, const Mistakes& mistakes) {
  Change first{one};
  Change second{other};
  transform(first, second, mistakes);
  return after(text, mistakes, {one}, second) == after(text, mistakes, {other}, first);
}

struct Count {
  int all = 0;
  int failed = 0;
};

Count failures(std::int64_t length, const std::vector<Edit>& ones, const std::vector<Edit>& others,
               const Mistakes& mistakes) {
  Count count;
  for (const Edit& one : ones) {
    for (const Edit& other : others) {
      ++count.all;
      if (!agree(letters(length), one, other, mistakes)) ++count.failed;
    }
  }
  return count;
}

TEST(Jupiter, AllPairsOfEditsCommuteOnDocumentsUpToFourCharacters) {
  int pairs = 0;
  for (std::int64_t length = 0; length <= 4; ++length) {
    for (std::int64_t site : {1, 3}) {  // before and after the other one's
      Count count = failures(length, joined(inserts(length, site), erases(length)),
                             joined(inserts(length, 2), erases(length)), {});
      EXPECT_EQ(count.failed, 0) << length;
      pairs += count.all;
    }
  }
  EXPECT_EQ(pairs, 2 * (1 + 9 + 36 + 100 + 225));
}

TEST(Jupiter, EachMistakeOfTheListingBreaksItsPairsOnly) {
  auto pairs = [](const Mistakes& mistakes) {
    return std::vector<Count>{failures(4, inserts(4, 1), inserts(4, 2), mistakes),
                              failures(4, inserts(4, 1), erases(4), mistakes),
                              failures(4, erases(4), erases(4), mistakes)};
  };
  auto expect = [&](const Mistakes& mistakes, int ties, int insides, int overlaps) {
    std::vector<Count> counts = pairs(mistakes);
    EXPECT_EQ(counts[0].failed, ties);
    EXPECT_EQ(counts[1].failed, insides);
    EXPECT_EQ(counts[2].failed, overlaps);
    EXPECT_EQ(counts[0].all, 25);
    EXPECT_EQ(counts[1].all, 50);
    EXPECT_EQ(counts[2].all, 100);
  };
  expect({}, 0, 0, 0);
  expect({.insert_tie = true}, 5, 0, 0);
  expect({.insert_inside = true}, 0, 10, 0);
  expect({.overlap = true}, 0, 0, 22);
  // The texts agree, and have lost an element that nobody deleted.
  expect({.same_delete = true}, 0, 0, 0);
  Text text = letters(4);
  EXPECT_EQ(after(text, {.same_delete = true}, {erase(1)}, {erase(1)}), (Text{'a', 'd'}));
}

TEST(Jupiter, ADeleteWithoutLengthDoublesTheText) {
  Text text = letters(3);
  apply({erase(1)}, {.delete_without_length = true}, text);
  EXPECT_EQ(text, (Text{'a', 'a', 'b', 'c'}));
}

Edit moved_past(const Edit& edit, const Edit& first, const Edit& second) {
  Change one;
  past(edit, first, {}, one);
  Change other;
  past(second, first, {}, other);
  if (one.size() != 1) return {};
  if (other.empty()) return one.front();
  Change both;
  past(one.front(), other.front(), {}, both);
  return both.empty() ? Edit{} : both.front();
}

// An insert on each side of a deleted element: whether they meet depends on what is first.
TEST(Jupiter, ThirdEditsDependOnTheOrderOfTheFirstTwo) {
  Edit behind = insert(2, 1);
  Edit gone = erase(1);
  Edit before = insert(1, 2);
  EXPECT_NE(moved_past(behind, gone, before), moved_past(behind, before, gone));
}

// Attiya and others, PODC 2016: a before x, x before b, and b before a once x is gone.
TEST(Jupiter, ElementsChangePlacesOnceTheOneBetweenThemIsGone) {
  Document server(4, {1, 2, 3}, {});
  std::vector<Document> sites(4, Document(4, {0}, {}));
  auto update = [](std::int64_t site) { return text::Update{"t" + std::to_string(site), {}}; };
  auto made = [&](std::int64_t site, const Edit& edit) {
    Document& at = sites[static_cast<std::size_t>(site)];
    at.edit(site, edit, update(site));
    at.seal(site);
    return at.stream(0, at.progress(0, 0).sent, 1).front();
  };
  server.edit(0, {.element = 'x'}, {"x", {}});
  server.seal(0);
  for (std::int64_t site : {1, 2, 3}) {
    sites[static_cast<std::size_t>(site)].receive(0, server.stream(site, 1, 9).front());
  }
  Operation gone = made(2, erase(0));
  Operation behind = made(1, {.position = 1, .element = 'b', .site = 1});
  Operation before = made(3, {.position = 0, .element = 'a', .site = 3});
  EXPECT_EQ(sites[1].text(), (Text{'x', 'b'}));
  EXPECT_EQ(sites[3].text(), (Text{'a', 'x'}));
  server.receive(2, gone);
  server.receive(1, behind);
  server.receive(3, before);
  for (std::int64_t site : {1, 2, 3}) {
    for (const Operation& operation : server.stream(site, 2, 9)) {
      sites[static_cast<std::size_t>(site)].receive(0, operation);
    }
  }
  for (const Document* one : {&server, &sites[1], &sites[2], &sites[3]}) {
    EXPECT_EQ(one->text(), (Text{'b', 'a'}));
  }
}

// Sites edit and batch at random while operations are under way both ways.
TEST(Jupiter, SitesAgreeWhateverIsUnderWay) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Rng rng(seed, Stream::of("jupiter"));
    Document server(3, {1, 2}, {});
    std::vector<Document> sites(3, Document(3, {0}, {}));
    sites[0] = server;
    std::int64_t number = 0;
    auto deliver = [](Document& to, std::int64_t peer, const Document& from, std::int64_t self) {
      std::vector<Operation> next = from.stream(self, to.progress(0, peer).received + 1, 1);
      if (!next.empty()) to.receive(peer, next.front());
      return !next.empty();
    };
    for (int step = 0; step < 60; ++step) {
      auto site = static_cast<std::int64_t>(rng.below(3));
      Document& at = sites[static_cast<std::size_t>(site)];
      std::uint64_t act = rng.below(4);
      auto size = static_cast<std::int64_t>(at.text().size());
      if (act == 0) {
        std::int64_t place = rng.between(0, size);
        at.edit(site, {.position = place, .element = ++number, .site = site}, {});
      } else if (act == 1 && size > 0) {
        at.edit(site, erase(rng.between(0, size - 1)), {});
      } else if (site != 0) {
        act == 2 ? deliver(at, 0, sites[0], site) : deliver(sites[0], site, at, 0);
      }
      if (at.has_draft() && (site == 0 || rng.below(3) == 0)) at.seal(site);
    }
    for (std::int64_t site : {1, 2}) {
      Document& at = sites[static_cast<std::size_t>(site)];
      if (at.has_draft()) at.seal(site);
      while (deliver(sites[0], site, at, 0)) {
      }
    }
    for (std::int64_t site : {1, 2}) {
      while (deliver(sites[static_cast<std::size_t>(site)], 0, sites[0], site)) {
      }
      EXPECT_EQ(sites[static_cast<std::size_t>(site)].text(), sites[0].text()) << seed;
    }
    EXPECT_GT(number, 0);
  }
}

// Else a site that misses one operation of very many would never take it.
TEST(Jupiter, TheOperationThatIsDueFindsRoomAmongThoseThatAreEarly) {
  Document site(2, {0}, {});
  Operation operation{.origin = 0, .updates = {{"t", {}}}};
  for (std::int64_t index = 5000; index > 0; --index) site.keep(0, index, operation);
  std::int64_t received = 0;
  while (std::optional<Operation> due = site.take_due(0)) {
    EXPECT_TRUE(site.receive(0, *due));
    ++received;
  }
  EXPECT_GT(received, 0);
}

}  // namespace of_jupiter

namespace of_ttf {

using namespace ttf;

using Cells = std::vector<Cell>;

std::vector<Cells> documents(std::size_t length) {
  std::vector<Cells> all;
  for (std::size_t shown = 0; shown < (std::size_t{1} << length); ++shown) {
    Cells cells;
    for (std::size_t i = 0; i < length; ++i) {
      cells.push_back({static_cast<std::int64_t>('a' + i), (shown >> i & 1) != 0});
    }
    all.push_back(std::move(cells));
  }
  return all;
}

std::vector<Edit> edits(std::int64_t length, std::int64_t site) {
  std::vector<Edit> all;
  for (std::int64_t at = 0; at <= length; ++at) {
    all.push_back({.position = at, .element = 'A' + site, .site = site});
    if (at < length) all.push_back({.code = 1, .position = at, .site = site});
  }
  return all;
}

Cells after(Cells cells, const Mistakes& mistakes, const Edit& first, const Edit& second) {
  apply(first, mistakes, cells);
  apply(second, mistakes, cells);
  return cells;
}

int failures_of_tp1(std::size_t length, const Mistakes& mistakes, int& pairs) {
  int failed = 0;
  for (const Cells& cells : documents(length)) {
    for (const Edit& one : edits(static_cast<std::int64_t>(length), 1)) {
      for (const Edit& other : edits(static_cast<std::int64_t>(length), 2)) {
        ++pairs;
        Cells here = after(cells, mistakes, one, past(other, one, mistakes));
        Cells there = after(cells, mistakes, other, past(one, other, mistakes));
        failed += here == there ? 0 : 1;
      }
    }
  }
  return failed;
}

int failures_of_tp2(std::int64_t length, const Mistakes& mistakes, int& triples) {
  int failed = 0;
  for (std::vector<std::int64_t> sites{1, 2, 3};;) {
    for (const Edit& one : edits(length, sites[0])) {
      for (const Edit& two : edits(length, sites[1])) {
        for (const Edit& moved : edits(length, sites[2])) {
          ++triples;
          Edit by_one = past(past(moved, one, mistakes), past(two, one, mistakes), mistakes);
          Edit by_two = past(past(moved, two, mistakes), past(one, two, mistakes), mistakes);
          failed += by_one == by_two ? 0 : 1;
        }
      }
    }
    if (!std::next_permutation(sites.begin(), sites.end())) return failed;
  }
}

TEST(Ttf, AllPairsOfEditsCommuteOnDocumentsUpToFourCells) {
  int pairs = 0;
  for (std::size_t length = 0; length <= 4; ++length) {
    EXPECT_EQ(failures_of_tp1(length, {}, pairs), 0) << length;
  }
  EXPECT_EQ(pairs, 1 + 2 * 9 + 4 * 25 + 8 * 49 + 16 * 81);
  EXPECT_GT(failures_of_tp1(2, {.tie_by_arrival = true}, pairs), 0);
}

TEST(Ttf, ThirdEditsDoNotDependOnTheOrderOfTheFirstTwo) {
  int triples = 0;
  for (std::int64_t length = 0; length <= 3; ++length) {
    EXPECT_EQ(failures_of_tp2(length, {}, triples), 0) << length;
  }
  EXPECT_EQ(triples, 6 * (1 + 27 + 125 + 343));
  EXPECT_GT(failures_of_tp2(3, {.no_tombstones = true}, triples), 0);
}

TEST(Ttf, MovingBackUndoesMovingPast) {
  for (std::int64_t length = 0; length <= 4; ++length) {
    for (const Edit& one : edits(length, 1)) {
      for (const Edit& other : edits(length, 2)) {
        EXPECT_EQ(before(past(one, other, {}), other, {}), one);
      }
    }
  }
}

/// Three sites that edit at random, each of which hears of the others' operations in an order of
/// its own; afterwards all have heard of everything.
std::vector<Document> edited_at_random(std::uint64_t seed, DocumentFlaws flaws) {
  Rng rng(seed, Stream::of("ttf"));
  std::vector<Document> sites(3, Document(3, flaws));
  std::vector<Operation> made;
  std::int64_t number = 0;
  auto hear = [&](Document& site, std::size_t from) {
    for (std::size_t i = 0; i < made.size(); ++i) {
      const Operation& one = made[(from + i) % made.size()];
      if (!site.may_apply(one)) continue;
      site.apply_operation(one);
      return true;
    }
    return false;
  };
  for (int step = 0; step < 60; ++step) {
    auto self = static_cast<std::int64_t>(rng.below(3));
    Document& site = sites[static_cast<std::size_t>(self)];
    std::vector<std::int64_t> text = site.text();
    std::uint64_t act = rng.below(4);
    std::uint64_t place = rng.below(text.size() + 1);
    if (act == 0) {
      ++number;
      made.push_back(*site.insert(self, static_cast<std::int64_t>(place), number, "t"));
    } else if (act == 1 && place < text.size()) {
      made.push_back(*site.erase(self, text[place], "t"));
    } else if (!made.empty()) {
      hear(site, rng.below(made.size()));
    }
  }
  for (Document& site : sites) {
    while (hear(site, rng.below(made.size()))) {
    }
  }
  return sites;
}

TEST(Ttf, SitesAgreeWhateverTheyHearFirst) {
  int differ = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::vector<Document> sites = edited_at_random(seed, {});
    EXPECT_EQ(sites[0].text(), sites[1].text()) << seed;
    EXPECT_EQ(sites[0].text(), sites[2].text()) << seed;
    EXPECT_EQ(sites[0].updates().counts(), sites[2].updates().counts()) << seed;
    sites = edited_at_random(seed, {.as_arrived = true});
    differ += sites[0].text() == sites[1].text() && sites[0].text() == sites[2].text() ? 0 : 1;
  }
  EXPECT_GT(differ, 0);  // the dOPT puzzle
}

// Else the first so many could all wait for one that is not among them, again and again.
TEST(Ttf, WhatIsSentAgainCanBeApplied) {
  Document one(3, {});
  Document other(3, {});
  for (std::int64_t i = 0; i < 10; ++i) {
    other.apply_operation(*one.insert(2, 0, i, "t"));
    one.apply_operation(*other.insert(0, 0, 100 + i, "t"));
  }
  Document third(3, {});
  for (const Operation& operation : one.beyond({}, 7)) {
    ASSERT_TRUE(third.may_apply(operation));
    third.apply_operation(operation);
  }
  EXPECT_EQ(third.text().size(), 7u);
  EXPECT_EQ(one.beyond(third.updates().counts(), 99).size(), 13u);
}

}  // namespace of_ttf
}  // namespace
}  // namespace sunder
