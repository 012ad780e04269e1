// PBFT's parts: keys, seals, quorums, the choice of a new view, the log and the service.

#include <gtest/gtest.h>

#include "nodes/pbft/config.h"
#include "nodes/pbft/decision.h"
#include "nodes/pbft/log.h"
#include "nodes/pbft/seal.h"
#include "nodes/pbft/service.h"
#include "tests/nodes/support/memory_storage.h"

namespace sunder::pbft {
namespace {

NodeId replica(int index) { return NodeId::node(index); }

// The test vector of the paper's appendix A.
TEST(PbftKeys, HashAsSipHashDoes) {
  std::string message;
  for (char i = 0; i < 15; ++i) message += i;
  EXPECT_EQ(sip_hash({0x0706050403020100u, 0x0f0e0d0c0b0a0908u}, message), 0xa129ca6149be45e5u);
}

TEST(PbftKeys, ProveTheirOwnerAndNobodyElse) {
  Keyring liar(replica(3), 4);
  Keyring honest(replica(0), 4);
  Sealed<Commit> vote = authenticated(liar, Commit{2, 7, 11});
  EXPECT_TRUE(is_authentic(honest, vote));
  vote.body.digest = 12;
  EXPECT_FALSE(is_authentic(honest, vote));
  for (int other : {0, 1, 2}) {
    Sealed<Commit> forged = authenticated(liar, Commit{2, 7, 11});
    forged.sender = replica(other);
    EXPECT_FALSE(is_authentic(honest, forged)) << other;
    Sealed<ViewChange> change = signed_by(liar, ViewChange{.view = 3});
    EXPECT_TRUE(is_signed(honest, change));
    change.sender = replica(other);
    EXPECT_FALSE(is_signed(honest, change)) << other;
  }
  EXPECT_FALSE(is_authentic(honest, Sealed<Commit>{replica(3), {2, 7, 11}, {}}));
}

TEST(PbftKeys, TellKindsOfMessagesApart) {
  Keyring keys(replica(1), 4);
  Sealed<Prepare> prepare = authenticated(keys, Prepare{1, 2, 3});
  Sealed<Commit> commit{prepare.sender, {1, 2, 3}, prepare.seal};
  EXPECT_FALSE(is_authentic(Keyring(replica(0), 4), commit));
}

TEST(PbftQuorums, ShareACorrectReplicaAndNeedNoFaultyOne) {
  for (std::size_t n = 1; n <= 9; ++n) {
    EXPECT_GE(2 * quorum_of(n), n + faults_of(n) + 1) << n;
    EXPECT_LT(2 * (quorum_of(n) - 1), n + faults_of(n) + 1) << n;
    EXPECT_LE(quorum_of(n), n - faults_of(n)) << n;
  }
}

Sealed<ViewChange> change(int sender, ViewChange body) {
  return signed_by(Keyring(replica(sender), 7), std::move(body));
}

constexpr QuorumRules of_four{.faults = 1, .quorum = 3, .window = 64};
constexpr std::int64_t null_digest = -1;

TEST(PbftDecision, KeepsWhatAQuorumPrepared) {
  ViewChange with{.view = 2, .checkpoints = {{0, 5}}, .prepared = {{2, 77, 1}},
                  .pre_prepared = {{2, 77, 1}}};
  ViewChange without{.view = 2, .checkpoints = {{0, 5}}, .pre_prepared = {{2, 77, 1}}};
  std::vector<Sealed<ViewChange>> proofs{change(0, with), change(1, without)};
  EXPECT_FALSE(decide(proofs, of_four, null_digest));
  proofs.push_back(change(2, without));
  std::optional<Decision> decision = decide(proofs, of_four, null_digest);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->start, (Checkpoint{0, 5}));
  EXPECT_EQ(decision->chosen, (std::vector<Checkpoint>{{1, null_digest}, {2, 77}}));
}

TEST(PbftDecision, DoesNotTakeALiarsWordForWhatNobodyElseSaw) {
  ViewChange lie{.view = 9, .checkpoints = {{0, 5}}, .prepared = {{1, 66, 8}},
                 .pre_prepared = {{1, 66, 8}}};
  ViewChange honest{.view = 9, .checkpoints = {{0, 5}}};
  std::vector<Sealed<ViewChange>> proofs{change(3, lie), change(0, honest), change(1, honest)};
  EXPECT_FALSE(decide(proofs, of_four, null_digest));  // nor can it tell that it is a lie
  proofs.push_back(change(2, honest));
  EXPECT_EQ(decide(proofs, of_four, null_digest)->chosen.front().digest, null_digest);
  QuorumRules flawed = of_four;
  flawed.need_no_witness = true;
  EXPECT_EQ(decide(proofs, flawed, null_digest)->chosen.front().digest, 66);
}

TEST(PbftDecision, RefusesWhatNoHonestReplicaSays) {
  EXPECT_TRUE(is_plausible({.view = 2, .prepared = {{1, 5, 1}}}, 64));
  EXPECT_FALSE(is_plausible({.view = 2, .prepared = {{1, 5, 2}}}, 64));   // of that view itself
  EXPECT_FALSE(is_plausible({.view = 2, .prepared = {{65, 5, 1}}}, 64));  // beyond the window
  EXPECT_FALSE(is_plausible({.view = 2, .stable = INT64_MAX}, 64));
}

/// One sequence number after a digest was committed in view 3: a quorum prepared it, whatever the
/// others say. Liars say anything.
std::vector<Sealed<ViewChange>> after_a_commit(std::size_t n, Rng& rng) {
  std::size_t faults = faults_of(n);
  std::vector<Sealed<ViewChange>> all;
  for (std::size_t i = 0; i < n; ++i) {
    ViewChange own{.view = 5, .checkpoints = {{0, 5}}};
    Certificate committed{1, 77, 3};
    bool lies = i < faults;
    if (lies) {
      Certificate claim{1, rng.between(76, 78), rng.between(0, 4)};
      bool prepared = rng.chance({1, 2});
      if (prepared) own.prepared = {claim};
      own.pre_prepared = {claim, committed};
    } else if (i < quorum_of(n)) {
      own.prepared = {committed};
      own.pre_prepared = {committed};
    } else {
      Certificate older{1, 76, rng.between(0, 2)};
      bool prepared = rng.chance({1, 2});
      if (prepared) own.prepared = {older};
      own.pre_prepared = {older};
    }
    all.push_back(change(static_cast<int>(i), std::move(own)));
  }
  return all;
}

TEST(PbftDecision, NeverLosesWhatWasCommitted) {
  Rng rng(7, Stream::of("view changes"));
  std::size_t decided = 0;
  for (int round = 0; round < 4000; ++round) {
    auto n = static_cast<std::size_t>(rng.between(4, 7));
    std::vector<Sealed<ViewChange>> all = after_a_commit(n, rng);
    auto left_out = static_cast<std::size_t>(rng.between(0, static_cast<std::int64_t>(
                                                                n - quorum_of(n))));
    for (; left_out > 0; --left_out) {
      all.erase(all.begin() + static_cast<std::ptrdiff_t>(rng.below(all.size())));
    }
    QuorumRules rules{.faults = faults_of(n), .quorum = quorum_of(n), .window = 64};
    std::optional<Decision> decision = decide(all, rules, null_digest);
    if (!decision) {
      EXPECT_LT(all.size(), n);  // with all correct replicas it can always be decided
      continue;
    }
    ++decided;
    ASSERT_EQ(decision->chosen.size(), 1u);
    EXPECT_EQ(decision->chosen.front().digest, 77) << "n = " << n << ", round " << round;
  }
  EXPECT_GT(decided, 1000u);
}

Request write(int client, std::int64_t timestamp, std::int64_t value) {
  Request request{.client = NodeId::client(client),
                  .timestamp = timestamp,
                  .command = {.verb = static_cast<std::uint8_t>(KvVerb::write), .value = value}};
  request.signature = Keyring(request.client, 4).sign(signed_bytes(request));
  return request;
}

TEST(PbftService, RemembersEachClientsLastRequestInItsSnapshot) {
  Service service;
  service.execute(write(4, 1, 10));
  service.execute(write(4, 2, 20));
  Service copy;
  ASSERT_TRUE(copy.restore(service.snapshot()));
  EXPECT_EQ(copy.digest(), service.digest());
  EXPECT_FALSE(copy.is_new(write(4, 2, 20)));
  EXPECT_TRUE(copy.last_answer(write(4, 2, 20)));
  EXPECT_FALSE(copy.last_answer(write(4, 1, 10)));
  EXPECT_TRUE(copy.is_new(write(4, 3, 30)));
  EXPECT_TRUE(copy.is_new(write(5, 1, 30)));
  std::string bytes = service.snapshot();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(copy.restore(bytes.substr(0, size))) << size;
  }
}

TEST(PbftLog, SurvivesARestartWithItsBatches) {
  testing_support::MemoryStorage storage([](const testing_support::DiskImage&) {});
  Log log(storage, 4);
  auto batch = std::make_shared<const Batch>(Batch{write(1, 1, 10), write(2, 1, 20)});
  std::int64_t digest = digest_of(*batch);
  for (std::int64_t sequence : {1, 2, 3}) log.accept(sequence, 0, digest, batch, true);
  log.prepare(2, 0, digest, true);
  log.accept(2, 1, digest, batch, true);  // in the next view, without its batch
  log.discard_through(1);
  Log again(storage, 4);
  again.recover(1, 1);
  EXPECT_EQ(again.find(1), nullptr);
  ASSERT_NE(again.find(2), nullptr);
  EXPECT_TRUE(again.find(2)->accepted);
  EXPECT_FALSE(again.find(3)->accepted);  // that was view 0
  EXPECT_EQ(*again.find(2)->batches.at(digest), *batch);
  EXPECT_EQ(again.prepared(), (std::vector<Certificate>{{2, digest, 0}}));
  EXPECT_EQ(again.pre_prepared(), (std::vector<Certificate>{{2, digest, 1}, {3, digest, 0}}));
}

TEST(PbftPack, GivesBackANewView) {
  NewView view{.view = 4,
               .proofs = {change(2, {.view = 4, .stable = 3, .checkpoints = {{3, -9}}})},
               .start = {3, -9},
               .chosen = {{4, INT64_MIN}, {5, INT64_MAX}}};
  Sealed<NewView> message = signed_by(Keyring(replica(0), 4), view);
  std::string bytes = packed(message);
  ByteReader in(bytes);
  Sealed<NewView> copy;
  unpack(in, copy);
  EXPECT_TRUE(in.ok() && in.at_end());
  EXPECT_EQ(copy, message);
}

}  // namespace
}  // namespace sunder::pbft
