#include "adapters/sdk/slots.h"

#include <gtest/gtest.h>

#include "adapters/sdk/completion.h"
#include "adapters/sdk/store.h"
#include "tests/support/small_network.h"
#include "tests/support/temporary_folder.h"

namespace relais::sdk {
namespace {

std::vector<v1::Slot> slots(int count) {
  std::vector<v1::Slot> all(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) all[static_cast<std::size_t>(i)].set_slot_id("s" + std::to_string(i));
  return all;
}

TEST(SlotDrafts, are_as_many_as_the_broker_takes_at_once) {
  EXPECT_TRUE(publish_slots("access_to_rights", {}).empty());
  const auto all = slots(1'001);
  const auto drafts = publish_slots("access_to_rights", all);
  ASSERT_EQ(drafts.size(), 3U);
  EXPECT_EQ(drafts[0].envelope.slots_published().slots_size(), 500);
  EXPECT_EQ(drafts[2].envelope.slots_published().slots(0).slot_id(), "s1000");
  const std::vector<std::string> ids{"a", "b"};
  const auto back = withdraw_slots("access_to_rights", ids);
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].envelope.slots_withdrawn().slot_ids_size(), 2);
  EXPECT_EQ(back[0].envelope.purpose(), "access_to_rights");
}

TEST(SlotDrafts, need_nobody_to_be_told_and_no_case) {
  const tests::SmallNetwork small;
  const tests::TemporaryFolder folder;
  const base::SystemClock clock;
  std::vector<ServedInstitution> served;
  served.push_back(small.served("caf-25"));
  Keyring keyring(served);
  const auto network = Network::verify(small.signed_network(), small.pins());
  ASSERT_TRUE(network);
  const auto store = Store::open(folder.path() / "store", clock);
  ASSERT_TRUE(store);
  const auto completed = [&](const Draft& draft) {
    return complete(draft, keyring, ReferralMemory(**store), **network, clock.now());
  };
  const auto all = slots(1);
  auto draft = publish_slots("access_to_rights", all).front();
  const auto envelope = completed(draft);
  ASSERT_TRUE(envelope) << envelope.refusal().field;
  EXPECT_EQ(envelope->sender(), "caf-25");
  EXPECT_EQ(envelope->message_id().size(), 16U);
  EXPECT_TRUE(envelope->recipients().empty());
  EXPECT_TRUE(envelope->case_id().empty());
  draft.envelope.clear_purpose();
  EXPECT_EQ(completed(draft).refusal().field, "purpose");
}

TEST(Meetings, in_a_slot_say_all_that_it_says) {
  v1::Slot slot;
  slot.set_slot_id("s");
  slot.set_start_ms(1);
  slot.set_end_ms(2);
  slot.set_service_id("help");
  slot.set_location_id("desk");
  slot.set_mode(v1::APPOINTMENT_MODE_HOME);
  const auto meeting = meeting_in(slot);
  EXPECT_EQ(meeting.slot_id(), "s");
  EXPECT_EQ(meeting.start_ms(), 1);
  EXPECT_EQ(meeting.end_ms(), 2);
  EXPECT_EQ(meeting.service_id(), "help");
  EXPECT_EQ(meeting.location_id(), "desk");
  EXPECT_EQ(meeting.mode(), v1::APPOINTMENT_MODE_HOME);
}

}  // namespace
}  // namespace relais::sdk
