// Places in slots: published, taken, given back, and never more than there are.
#include "tests/unit/engine/slots_fixture.h"

namespace relais::engine {
namespace {

TEST_F(SlotsTest, are_published_by_their_host_and_only_the_broker_is_told) {
  const auto records = machine_->figures().records;
  submit(published({slot("a"), slot("b", 48, 3)}));
  const auto frames = turn();
  ASSERT_EQ(frames.size(), 1U) << "a receipt and nothing else";
  EXPECT_EQ(frames.at(sessions_.at("caf-1")).receipts_size(), 1);
  EXPECT_EQ(machine_->figures().records, records + 1);
  EXPECT_EQ(row("b")->slot().capacity(), 3U);
  EXPECT_EQ(row("b")->taken(), 0U);
  EXPECT_FALSE(row("a", "ccas-1"));
  EXPECT_EQ(rows(core::TableId::free_slots), 2U);
}

TEST_F(SlotsTest, of_a_service_or_a_place_of_somebody_else_are_refused) {
  auto service = slot("a");
  service.set_service_id("cpam-1-help");
  EXPECT_EQ(refusal_of(published({slot("b"), service})), "slot.not_yours");
  EXPECT_FALSE(row("b")) << "all or none";
  service.set_service_id("no-such-service");
  EXPECT_EQ(refusal_of(published({service})), "slot.not_yours");
  auto place = slot("a");
  place.set_location_id("cpam-1-desk");
  EXPECT_EQ(refusal_of(published({place})), "slot.not_yours");
  place.clear_location_id();
  place.clear_service_id();
  EXPECT_EQ(refusal_of(published({place})), "accepted");
}

TEST_F(SlotsTest, that_are_over_are_refused) {
  auto over = slot("a", -1);
  EXPECT_EQ(refusal_of(published({over})), "slot.in_the_past");
  over.set_end_ms(base::to_ms(now_) + 1);
  EXPECT_EQ(refusal_of(published({over})), "accepted");
}

TEST_F(SlotsTest, change_freely_until_somebody_is_expected_and_then_neither_move_nor_shrink_below) {
  refer('r');
  publish({slot("a", 24, 3)});
  publish({slot("a", 48, 2)});
  ASSERT_EQ(refusal_of(booking('r', '1', "a")), "accepted");
  ASSERT_EQ(refusal_of(booking('r', '2', "a")), "accepted");
  EXPECT_EQ(refusal_of(published({slot("a", 72, 2)})), "slot.in_use");
  EXPECT_EQ(refusal_of(published({slot("a", 48, 1)})), "slot.in_use");
  auto elsewhere = slot("a", 48, 2);
  elsewhere.clear_location_id();
  EXPECT_EQ(refusal_of(published({elsewhere})), "slot.in_use");
  auto by_phone = slot("a", 48, 2);
  by_phone.set_mode(v1::APPOINTMENT_MODE_PHONE);
  EXPECT_EQ(refusal_of(published({by_phone})), "slot.in_use");
  publish({slot("a", 48, 5)});
  EXPECT_EQ(taken("a"), 2U);
  EXPECT_EQ(row("a")->slot().capacity(), 5U);
  ASSERT_EQ(refusal_of(cancelling('r', '1')), "accepted");
  ASSERT_EQ(refusal_of(cancelling('r', '2')), "accepted");
  publish({slot("a", 72, 1)});
  EXPECT_EQ(rows(core::TableId::free_slots), 1U) << "the index follows";
}

TEST_F(SlotsTest, that_are_withdrawn_take_nobody_more_and_keep_who_is_expected) {
  refer('r');
  publish({slot("a", 24, 2), slot("b")});
  ASSERT_EQ(refusal_of(holding('r', '1', "a")), "accepted");
  ASSERT_EQ(refusal_of(withdrawn({"a", "b"})), "accepted");
  EXPECT_FALSE(row("b"));
  EXPECT_EQ(refusal_of(booking('r', '2', "a")), "slot.unknown");
  EXPECT_EQ(refusal_of(booking('r', '2', "b")), "slot.unknown");
  EXPECT_EQ(refusal_of(withdrawn({"a"})), "slot.unknown");
  // Who held the place may still make it firm.
  EXPECT_EQ(refusal_of(about('r', '1', [](auto& e) { e.mutable_appointment_booked(); })), "accepted");
  EXPECT_EQ(appointment('1').status(), v1::APPOINTMENT_STATUS_BOOKED);
  // Published again, the place that is taken still counts.
  publish({slot("a", 24, 2)});
  EXPECT_EQ(refusal_of(booking('r', '2', "a")), "accepted");
  EXPECT_EQ(refusal_of(booking('r', '3', "a")), "slot.full");
  EXPECT_EQ(refusal_of(withdrawn({"never"})), "slot.unknown");
}

TEST_F(SlotsTest, are_gone_when_they_have_ended_and_what_was_booked_in_them_goes_on) {
  refer('r');
  publish({slot("a"), slot("b")});
  ASSERT_EQ(refusal_of(booking('r', '1', "a")), "accepted");
  accept('r');
  pass_time(26);
  EXPECT_FALSE(row("a"));
  EXPECT_EQ(rows(core::TableId::slots), 0U);
  EXPECT_EQ(rows(core::TableId::free_slots), 0U);
  EXPECT_EQ(refusal_of(about(
                'r', '1', [](auto& e) { e.mutable_appointment_no_show(); }, true)),
            "accepted");
  EXPECT_EQ(appointment('1').status(), v1::APPOINTMENT_STATUS_NOSHOW);
  // The same id again is another slot: the old appointment has no place in it.
  publish({slot("a")});
  EXPECT_EQ(taken("a"), 0U);
}

TEST_F(SlotsTest, give_a_booking_their_time_and_place_and_refuse_another) {
  refer('r');
  publish({slot("a")});
  auto other = booking('r', '1', "a");
  other.mutable_appointment_booked()->mutable_meeting()->set_start_ms(in_hours(24) + 1);
  other.mutable_appointment_booked()->mutable_meeting()->set_end_ms(in_hours(25));
  EXPECT_EQ(refusal_of(other), "appointment.bad_meeting");
  other = booking('r', '1', "a");
  other.mutable_appointment_booked()->mutable_meeting()->set_location_id("caf-1-other");
  EXPECT_EQ(refusal_of(other), "appointment.bad_meeting");
  other = booking('r', '1', "a");
  other.mutable_appointment_booked()->mutable_meeting()->set_mode(v1::APPOINTMENT_MODE_VIDEO);
  EXPECT_EQ(refusal_of(other), "appointment.bad_meeting");
  auto same = booking('r', '1', "a");
  same.mutable_appointment_booked()->mutable_meeting()->set_start_ms(in_hours(24));
  same.mutable_appointment_booked()->mutable_meeting()->set_end_ms(in_hours(25));
  same.mutable_appointment_booked()->mutable_meeting()->set_service_id("caf-1-help");
  EXPECT_EQ(refusal_of(same), "accepted");
  EXPECT_EQ(appointment('1').meeting().location_id(), "caf-1-desk");
  EXPECT_EQ(appointment('1').meeting().mode(), v1::APPOINTMENT_MODE_ON_SITE);
}

TEST_F(SlotsTest, let_the_guest_book_while_the_referral_waits_but_nothing_else_is_agreed_then) {
  refer('r');
  publish({slot("a", 24, 2)});
  EXPECT_EQ(refusal_of(booking('r', '1', "a")), "accepted");
  EXPECT_EQ(refusal_of(holding('r', '2', "a")), "accepted");
  auto free_hand = about('r', '3', [&](v1::Envelope& e) {
    e.mutable_appointment_proposed()->mutable_meeting()->set_start_ms(in_hours(3));
    e.mutable_appointment_proposed()->mutable_meeting()->set_end_ms(in_hours(4));
  });
  EXPECT_EQ(refusal_of(free_hand), "lifecycle.invalid_transition");
  auto elsewhere = about('r', '1', [&](v1::Envelope& e) {
    e.mutable_appointment_rescheduled()->mutable_meeting()->set_start_ms(in_hours(3));
    e.mutable_appointment_rescheduled()->mutable_meeting()->set_end_ms(in_hours(4));
  });
  EXPECT_EQ(refusal_of(elsewhere), "lifecycle.invalid_transition");
  EXPECT_EQ(refusal_of(cancelling('r', '1')), "accepted");
  EXPECT_EQ(referral('r').status(), v1::REFERRAL_STATUS_REQUESTED);
  // Without a slot only the host books, and only once it accepted.
  accept('r');
  auto own = about('r', '4', [&](v1::Envelope& e) {
    e.mutable_appointment_booked()->mutable_meeting()->set_start_ms(in_hours(3));
    e.mutable_appointment_booked()->mutable_meeting()->set_end_ms(in_hours(4));
  });
  EXPECT_EQ(refusal_of(own), "lifecycle.not_your_role");
}

TEST_F(SlotsTest, never_hold_more_people_than_places) {
  refer('r');
  publish({slot("a", 24, 2)});
  EXPECT_EQ(refusal_of(booking('r', '1', "a")), "accepted");
  EXPECT_EQ(refusal_of(holding('r', '2', "a")), "accepted");
  EXPECT_EQ(refusal_of(booking('r', '3', "a", true)), "slot.full") << "the host may not overbook either";
  EXPECT_EQ(refusal_of(holding('r', '3', "a")), "slot.full");
  EXPECT_EQ(rows(core::TableId::free_slots), 0U);
  EXPECT_EQ(refusal_of(cancelling('r', '1', true)), "accepted");
  EXPECT_EQ(taken("a"), 1U);
  EXPECT_EQ(refusal_of(booking('r', '3', "a")), "accepted");
  EXPECT_EQ(taken("a"), 2U);
}

TEST_F(SlotsTest, are_not_blocked_by_a_proposal) {
  refer('r');
  publish({slot("a")});
  const auto propose = [&](char id) {
    return about('r', id,
                 [](v1::Envelope& e) { e.mutable_appointment_proposed()->mutable_meeting()->set_slot_id("a"); });
  };
  EXPECT_EQ(refusal_of(propose('1')), "accepted");
  EXPECT_EQ(refusal_of(propose('2')), "accepted");
  EXPECT_EQ(taken("a"), 0U);
  // The host agreed by publishing: even the one who proposed it may make it firm.
  const auto confirm = [&](char id) { return about('r', id, [](auto& e) { e.mutable_appointment_booked(); }); };
  EXPECT_EQ(refusal_of(confirm('1')), "accepted");
  EXPECT_EQ(refusal_of(confirm('2')), "slot.full");
  EXPECT_EQ(refusal_of(propose('3')), "slot.full");
  EXPECT_EQ(appointment('2').status(), v1::APPOINTMENT_STATUS_PROPOSED);
}

TEST_F(SlotsTest, get_a_held_place_back_when_the_hold_runs_out) {
  refer('r');
  publish({slot("a")});
  ASSERT_EQ(refusal_of(holding('r', '1', "a", 2)), "accepted");
  EXPECT_EQ(refusal_of(booking('r', '2', "a")), "slot.full");
  pass_time(2);
  EXPECT_EQ(appointment('1').status(), v1::APPOINTMENT_STATUS_CANCELLED);
  EXPECT_EQ(refusal_of(booking('r', '2', "a")), "accepted");
}

TEST_F(SlotsTest, change_places_in_one_step_or_not_at_all) {
  refer('r');
  publish({slot("a"), slot("b", 30), slot("c", 40)});
  ASSERT_EQ(refusal_of(booking('r', '1', "a")), "accepted");
  ASSERT_EQ(refusal_of(booking('r', '2', "b")), "accepted");
  EXPECT_EQ(refusal_of(rescheduling('r', '1', "b")), "slot.full");
  EXPECT_EQ(appointment('1').meeting().slot_id(), "a");
  EXPECT_EQ(taken("a"), 1U);
  EXPECT_EQ(refusal_of(rescheduling('r', '1', "c")), "accepted");
  EXPECT_EQ(taken("a"), 0U);
  EXPECT_EQ(taken("c"), 1U);
  EXPECT_EQ(appointment('1').meeting().start_ms(), in_hours(40));
  EXPECT_EQ(refusal_of(rescheduling('r', '1', "c")), "accepted") << "its own place is not taken from it";
  EXPECT_EQ(taken("c"), 1U);
}

TEST_F(SlotsTest, get_every_place_back_when_the_referral_ends) {
  refer('r');
  publish({slot("a", 24, 2)});
  ASSERT_EQ(refusal_of(booking('r', '1', "a")), "accepted");
  ASSERT_EQ(refusal_of(holding('r', '2', "a")), "accepted");
  auto cancelled = envelope("ccas-1", "caf-1", 'r', 'r');
  cancelled.mutable_referral_cancelled()->set_reason(v1::CANCELLATION_REASON_PERSON_WITHDREW);
  ASSERT_EQ(refusal_of(cancelled), "accepted");
  EXPECT_EQ(taken("a"), 0U);
  EXPECT_EQ(rows(core::TableId::free_slots), 1U);
  EXPECT_EQ(refusal_of(booking('r', '3', "a")), "lifecycle.invalid_transition");
}

TEST_F(SlotsTest, are_closed_once_they_began_but_for_those_where_people_may_come_now) {
  refer('r');
  auto open_door = slot("open", 1, 2);
  open_door.set_open(true);
  publish({slot("shut", 1, 2), open_door});
  ASSERT_EQ(refusal_of(holding('r', '1', "shut", 10)), "accepted");
  now_ += std::chrono::hours(1);
  EXPECT_EQ(refusal_of(booking('r', '2', "shut")), "slot.in_the_past");
  EXPECT_EQ(refusal_of(about('r', '1', [](auto& e) { e.mutable_appointment_booked(); })), "slot.in_the_past");
  EXPECT_EQ(refusal_of(booking('r', '2', "open")), "accepted") << "a walk-in";
  EXPECT_EQ(refusal_of(rescheduling('r', '2', "shut")), "slot.in_the_past");
  EXPECT_EQ(taken("open"), 1U);
  now_ += std::chrono::hours(1);
  EXPECT_EQ(refusal_of(booking('r', '3', "open")), "slot.in_the_past");
}

TEST_F(SlotsTest, keep_the_place_of_who_came_and_of_who_did_not) {
  refer('r');
  publish({slot("a", 24, 2)});
  for (const char id : {'1', '2'}) ASSERT_EQ(refusal_of(booking('r', id, "a")), "accepted");
  ASSERT_EQ(refusal_of(about(
                'r', '1', [](auto& e) { e.mutable_appointment_arrived(); }, true)),
            "accepted");
  ASSERT_EQ(refusal_of(about(
                'r', '2', [](auto& e) { e.mutable_appointment_no_show(); }, true)),
            "accepted");
  ASSERT_EQ(refusal_of(about(
                'r', '1', [](auto& e) { e.mutable_appointment_fulfilled(); }, true)),
            "accepted");
  EXPECT_EQ(taken("a"), 2U);
}

TEST_F(SlotsTest, tell_the_referrer_who_did_not_come_and_somebody_still_answers_for_the_referral) {
  refer('r');
  publish({slot("a")});
  accept('r');
  ASSERT_EQ(refusal_of(booking('r', '1', "a")), "accepted");
  const auto before = referral('r');
  ASSERT_EQ(refusal_of(about(
                'r', '1', [](auto& e) { e.mutable_appointment_no_show(); }, true)),
            "accepted");
  boot();
  const auto ccas = open("ccas-1");
  std::vector<v1::Envelope> heard;
  for (int i = 0; i < 4; ++i) {
    auto frames = turn();
    for (const auto& delivery : frames[ccas].deliveries()) {
      heard.emplace_back().ParseFromString(delivery.envelope());
      acknowledge(ccas, delivery.delivery_id());
    }
  }
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_TRUE(heard[0].has_referral_accepted());
  EXPECT_TRUE(heard[1].has_appointment_no_show());
  EXPECT_EQ(heard[1].referral_id(), std::string(16, 'r'));
  EXPECT_EQ(referral('r').holder(), "caf-1");
  EXPECT_EQ(referral('r').status(), v1::REFERRAL_STATUS_ACCEPTED);
  EXPECT_EQ(referral('r').deadline_ms(), before.deadline_ms());
  EXPECT_GT(referral('r').deadline_ms(), base::to_ms(now_));
}

TEST_F(SlotsTest, lose_no_place_to_an_exercise) {
  refer('r');
  refer('x', true);
  publish({slot("a")});
  EXPECT_EQ(refusal_of(booking('x', '1', "a")), "accepted");
  EXPECT_EQ(taken("a"), 0U);
  EXPECT_EQ(refusal_of(booking('r', '2', "a")), "accepted");
  EXPECT_EQ(refusal_of(booking('x', '3', "a")), "slot.full") << "it is looked at like any other";
  EXPECT_EQ(refusal_of(cancelling('x', '1')), "accepted");
  EXPECT_EQ(taken("a"), 1U);
}

TEST_F(SlotsTest, are_as_many_after_a_restart) {
  refer('r');
  publish({slot("a", 24, 3)});
  ASSERT_EQ(refusal_of(booking('r', '1', "a")), "accepted");
  boot();
  for (const auto* institution : {"caf-1", "ccas-1"}) open(institution);
  EXPECT_EQ(taken("a"), 1U);
  EXPECT_EQ(refusal_of(booking('r', '2', "a")), "accepted");
  const Reports reports(store_);
  ASSERT_EQ(reports.slots("caf-1", 10).rows.size(), 1U);
  EXPECT_EQ(reports.slots({}, 10).rows.front().second.taken(), 2U);
  EXPECT_TRUE(reports.slots({}, 0).more);
  EXPECT_TRUE(reports.slots("ccas-1", 10).rows.empty());
}

/// Each attempt is a referral of its own, none waits for another, and all of them meet in a few batches.
TEST_F(SlotsTest, are_given_to_exactly_as_many_as_there_are_places_when_a_thousand_try_at_once) {
  publish({slot("a", 24, 7)});
  const auto id_of = [](int i, char kind) {
    std::string id(16, kind);
    id[0] = static_cast<char>(1 + i % 250);
    id[1] = static_cast<char>(1 + i / 250);
    return id;
  };
  int accepted = 0;
  int full = 0;
  for (int i = 0; i < 1'000; ++i) {
    auto e = request();
    e.set_case_id(id_of(i, 'c'));
    e.set_referral_id(id_of(i, 'r'));
    submit(e);
  }
  turn();
  for (int i = 0; i < 1'000; ++i) {
    auto e = i % 3 == 0 ? holding('r', 'a', "a") : booking('r', 'a', "a");
    e.set_case_id(id_of(i, 'c'));
    e.set_referral_id(id_of(i, 'r'));
    e.set_appointment_id(id_of(i, 'a'));
    submit(e);
    if (i % 100 != 99) continue;
    const auto frames = turn();
    const auto& frame = frames.at(sessions_.at("ccas-1"));
    accepted += frame.receipts_size();
    for (const auto& refusal : frame.refusals()) {
      EXPECT_EQ(refusal.code(), "slot.full");
      ++full;
    }
  }
  EXPECT_EQ(accepted, 7);
  EXPECT_EQ(full, 993);
  EXPECT_EQ(taken("a"), 7U);
}

}  // namespace
}  // namespace relais::engine
