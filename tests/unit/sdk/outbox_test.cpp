#include "adapters/sdk/outbox.h"

#include <gtest/gtest.h>

#include "adapters/sdk/submissions.h"
#include "tests/support/temporary_folder.h"

namespace relais::sdk {
namespace {

constexpr OutboxLimits kLimits{1u << 20, 1};

Sealed sealed(const std::string& id, const std::string& parcours, std::size_t bytes = 100, bool repeatable = false) {
  v1::Envelope envelope;
  envelope.set_message_id(id + std::string(16 - id.size(), '.'));
  envelope.set_case_id(parcours);
  v1::Submit submit;
  envelope.SerializeToString(submit.mutable_envelope());
  submit.add_compartments(std::string(bytes, 'x'));
  Sealed one;
  one.submit = submit.SerializeAsString();
  one.entry.set_message_id(envelope.message_id());
  one.entry.set_case_id(parcours);
  one.entry.set_bytes(one.submit.size());
  one.entry.set_submitted_at_ms(1'000);
  one.entry.set_repeatable(repeatable);
  return one;
}

std::vector<Sealed> list(Sealed one) {
  std::vector<Sealed> all;
  all.push_back(std::move(one));
  return all;
}

std::string id_of(const v1::Submit& submit) {
  v1::Envelope envelope;
  envelope.ParseFromString(submit.envelope());
  return envelope.message_id().substr(0, envelope.message_id().find('.'));
}

class OutboxTest : public ::testing::Test {
 protected:
  void open(OutboxLimits limits = kLimits) {
    outbox.reset();
    store.reset();
    auto opened = Store::open(folder.path() / "adapter", clock);
    ASSERT_TRUE(opened);
    store = std::move(*opened);
    outbox = std::make_unique<Outbox>(*store, limits, clock);
  }
  void SetUp() override { open(); }

  void append(Sealed one) {
    ASSERT_TRUE(outbox->append({}, list(std::move(one))));
    ASSERT_TRUE(outbox->release());
  }

  /// Ids of what a session sends now.
  std::string sent(Submissions& submissions) {
    v1::AdapterFrame frame;
    submissions.fill(frame, 1u << 20, now);
    std::string ids;
    for (const auto& submit : frame.submits()) ids += id_of(submit) + " ";
    return ids;
  }
  static std::string full(const std::string& id) { return id + std::string(16 - id.size(), '.'); }

  tests::TemporaryFolder folder;
  base::SystemClock clock;
  std::unique_ptr<Store> store;
  std::unique_ptr<Outbox> outbox;
  SteadyTime now = std::chrono::steady_clock::now();
};

TEST_F(OutboxTest, shows_what_is_released_and_nothing_before) {
  ASSERT_TRUE(outbox->append({}, list(sealed("a", "1"))));
  int seen = 0;
  const auto count = [&](Sequence, v1::OutboxEntry&&) { return ++seen > 0; };
  outbox->scan(0, count);
  EXPECT_EQ(seen, 0);
  ASSERT_TRUE(outbox->release());
  outbox->scan(0, count);
  EXPECT_EQ(seen, 1);
}

TEST_F(OutboxTest, keeps_counts_and_numbers_over_a_restart) {
  append(sealed("a", "1"));
  append(sealed("b", "2"));
  const auto bytes = outbox->bytes();
  open();
  EXPECT_EQ(outbox->messages(), 2u);
  EXPECT_EQ(outbox->bytes(), bytes);
  EXPECT_EQ(outbox->oldest(), base::from_ms(1'000));
  append(sealed("c", "3"));
  std::vector<Sequence> numbers;
  outbox->scan(0, [&](Sequence sequence, v1::OutboxEntry&&) {
    numbers.push_back(sequence);
    return true;
  });
  EXPECT_EQ(numbers, (std::vector<Sequence>{1, 2, 3}));
}

TEST_F(OutboxTest, says_when_it_is_full_and_when_the_disk_is) {
  EXPECT_TRUE(outbox->has_room(1u << 20));
  auto said = outbox->has_room((1u << 20) + 1);
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().code, base::RefusalCode::outbox_full);
  open({1u << 20, 1ull << 60});
  said = outbox->has_room(1);
  ASSERT_FALSE(said);
  EXPECT_EQ(said.refusal().code, base::RefusalCode::outbox_full);
}

TEST_F(OutboxTest, leaves_out_what_was_submitted_under_the_same_id_of_the_caller) {
  std::vector<Sealed> twice;
  twice.push_back(sealed("a", "1", 10, true));
  twice.push_back(sealed("a", "1", 20, true));
  ASSERT_TRUE(outbox->append({}, std::move(twice)));
  append(sealed("a", "1", 30, true));
  EXPECT_EQ(outbox->messages(), 1u);
  EXPECT_TRUE(outbox->was_submitted(full("a")));
}

TEST_F(OutboxTest, takes_an_id_again_after_it_was_refused_for_good) {
  append(sealed("a", "1", 10, true));
  Change change;
  v1::Refused refusal;
  refusal.set_code("agreement.none");
  outbox->refuse(change, 1, sealed("a", "1", 10, true).entry, refusal);
  ASSERT_TRUE(store->write(change));
  outbox->forget(sealed("a", "1", 10, true).entry, true);
  EXPECT_EQ(outbox->messages(), 0u);
  EXPECT_EQ(outbox->refused_messages(), 1u);
  const auto refused = outbox->refused(10);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].message_id.bytes(), full("a"));
  EXPECT_EQ(refused[0].refusal.code(), "agreement.none");
  EXPECT_FALSE(outbox->was_submitted(full("a")));
  append(sealed("a", "1", 10, true));
  EXPECT_EQ(outbox->messages(), 1u);
  ASSERT_TRUE(outbox->forget_refused(refused[0].message_id));
  EXPECT_FALSE(outbox->forget_refused(refused[0].message_id));
  EXPECT_EQ(outbox->refused_messages(), 0u);
}

TEST_F(OutboxTest, sends_all_cases_at_once_and_the_next_of_a_case_after_its_answer) {
  append(sealed("a1", "a"));
  append(sealed("a2", "a"));
  append(sealed("b1", "b"));
  Submissions submissions(*outbox, {});
  submissions.session_opened();
  EXPECT_EQ(sent(submissions), "a1 b1 ");
  EXPECT_EQ(sent(submissions), "");
  EXPECT_FALSE(submissions.answered("unknown"));
  const auto over = submissions.answered(full("a1"));
  ASSERT_TRUE(over);
  EXPECT_EQ(over->sequence, 1u);
  EXPECT_EQ(sent(submissions), "a2 ");
}

TEST_F(OutboxTest, sends_everything_without_an_answer_again_in_a_new_session) {
  append(sealed("a1", "a"));
  append(sealed("a2", "a"));
  append(sealed("b1", "b"));
  Submissions submissions(*outbox, {});
  submissions.session_opened();
  sent(submissions);
  submissions.answered(full("b1"));
  submissions.session_opened();
  EXPECT_EQ(sent(submissions), "a1 ");
}

TEST_F(OutboxTest, pauses_after_a_refusal_that_may_be_retried_and_then_sends_the_same_again) {
  append(sealed("a1", "a"));
  append(sealed("b1", "b"));
  SessionTimes times;
  times.refused_first = std::chrono::milliseconds(100);
  times.refused_most = std::chrono::milliseconds(300);
  Submissions submissions(*outbox, times);
  submissions.session_opened();
  EXPECT_EQ(sent(submissions), "a1 b1 ");
  submissions.put_off(full("b1"), std::chrono::milliseconds(0), now);
  submissions.put_off(full("a1"), std::chrono::milliseconds(0), now);
  EXPECT_EQ(sent(submissions), "");
  for (const int pause : {100, 200, 300, 300}) {
    now += std::chrono::milliseconds(pause - 1);
    EXPECT_EQ(sent(submissions), "") << pause;
    now += std::chrono::milliseconds(1);
    EXPECT_EQ(sent(submissions), "a1 b1 ") << pause;
    submissions.put_off(full("a1"), std::chrono::milliseconds(0), now);
    submissions.put_off(full("b1"), std::chrono::milliseconds(0), now);
  }
}

TEST_F(OutboxTest, notices_a_submission_that_nobody_answers) {
  append(sealed("a1", "a"));
  append(sealed("b1", "b"));
  SessionTimes times;
  times.answer_within = std::chrono::seconds(30);
  Submissions submissions(*outbox, times);
  submissions.session_opened();
  sent(submissions);
  submissions.answered(full("a1"));
  EXPECT_FALSE(submissions.overdue(now + std::chrono::seconds(30)));
  EXPECT_TRUE(submissions.overdue(now + std::chrono::seconds(31)));
  submissions.answered(full("b1"));
  EXPECT_FALSE(submissions.overdue(now + std::chrono::seconds(31)));
}

TEST_F(OutboxTest, keeps_frames_below_the_limit_of_the_broker) {
  open({64u << 20, 1});
  for (int i = 0; i < 10; ++i) append(sealed("m" + std::to_string(i), std::to_string(i), 40'000));
  Submissions submissions(*outbox, {});
  submissions.session_opened();
  int frames = 0;
  int messages = 0;
  while (true) {
    v1::AdapterFrame frame;
    submissions.fill(frame, 100'000, now);
    if (frame.submits().empty()) break;
    EXPECT_LE(frame.ByteSizeLong(), 100'000u);
    messages += frame.submits_size();
    ++frames;
  }
  EXPECT_EQ(messages, 10);
  EXPECT_EQ(frames, 5);
}

TEST_F(OutboxTest, reads_past_the_long_line_of_one_case) {
  for (int i = 0; i < 300; ++i) append(sealed("a" + std::to_string(i), "a", 1));
  append(sealed("b", "b", 1));
  Submissions submissions(*outbox, {});
  submissions.session_opened();
  EXPECT_EQ(sent(submissions), "a0 b ");
}

Sealed kept(const std::string& id, const std::string& parcours) {
  auto one = sealed(id, parcours);
  one.unrouted = true;
  return one;
}

TEST_F(OutboxTest, holds_back_what_has_no_recipient_and_what_follows_it_in_its_case) {
  append(kept("first", "a"));
  append(sealed("second", "a"));
  append(sealed("other", "b"));
  Submissions submissions(*outbox, {});
  EXPECT_EQ(sent(submissions), "other ");
  EXPECT_EQ(outbox->unrouted(), 1U);
  std::vector<Sequence> waiting;
  outbox->scan_unrouted([&](Sequence sequence, std::string_view) {
    waiting.push_back(sequence);
    return true;
  });
  ASSERT_EQ(waiting.size(), 1U);
  const std::vector addressed{std::pair(waiting[0], sealed("first", "a", 200).submit)};
  ASSERT_TRUE(outbox->address({}, addressed));
  EXPECT_EQ(sent(submissions), "");  // on the disk, and not let go yet
  ASSERT_TRUE(outbox->routed(waiting));
  submissions.routed(waiting);
  EXPECT_EQ(sent(submissions), "first ");
  EXPECT_TRUE(submissions.answered(full("first")));
  EXPECT_EQ(sent(submissions), "second ");
  EXPECT_EQ(outbox->unrouted(), 0U);
}

TEST_F(OutboxTest, still_holds_back_after_a_restart_and_after_a_new_session) {
  append(kept("first", "a"));
  open();
  EXPECT_EQ(outbox->unrouted(), 1U);
  Submissions submissions(*outbox, {});
  EXPECT_EQ(sent(submissions), "");
  submissions.session_opened();
  EXPECT_EQ(sent(submissions), "");
}

TEST_F(OutboxTest, goes_on_with_the_case_of_one_that_found_no_recipient) {
  append(kept("first", "a"));
  append(sealed("second", "a"));
  Submissions submissions(*outbox, {});
  EXPECT_EQ(sent(submissions), "");
  Change change;
  outbox->refuse(change, 1, *outbox->entry(1), {});
  Outbox::settle_unrouted(change, 1);
  ASSERT_TRUE(store->write(change));
  outbox->forget_unrouted();
  submissions.routed(std::vector<Sequence>{1});
  EXPECT_EQ(sent(submissions), "second ");
  EXPECT_EQ(outbox->refused(10).size(), 1U);
}

}  // namespace
}  // namespace relais::sdk
