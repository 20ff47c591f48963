// Where is there a place, and who may ask.
#include "broker/core/slot_search.h"

#include "tests/unit/engine/slots_fixture.h"

namespace relais::engine {
namespace {

class SlotSearch : public SlotsTest {
 protected:
  v1::SlotsQuery query(const std::string& institution = "ccas-1") {
    v1::SlotsQuery query;
    query.set_institution(institution);
    query.set_purpose("housing");
    return query;
  }

  /// Through the session of the asker, as an adapter would ask.
  v1::Answer ask(const v1::SlotsQuery& query, const std::string& session_of = "ccas-1") {
    v1::Query asked;
    asked.set_query_id(7);
    *asked.mutable_slots() = query;
    machine_->queried(sessions_.at(session_of), asked, now_);
    const auto frames = turn();
    EXPECT_EQ(frames.at(sessions_.at(session_of)).answers_size(), 1);
    return frames.at(sessions_.at(session_of)).answers(0);
  }

  std::vector<std::string> found(const v1::SlotsQuery& query) {
    const auto answer = ask(query, query.institution());
    EXPECT_TRUE(answer.has_slots()) << answer.refused().english();
    std::vector<std::string> ids;
    for (const auto& view : answer.slots().slots()) ids.push_back(view.slot().slot_id());
    return ids;
  }

  std::string refused(const v1::SlotsQuery& query, const std::string& session_of = "ccas-1") {
    const auto answer = ask(query, session_of);
    return answer.has_refused() ? answer.refused().code() + " " + answer.refused().field() : "answered";
  }

  /// The network with an end of all agreements of the CAF, or with other changes.
  template <class Change>
  void change_network(Change&& change) {
    auto definition = simulation::territory(2);
    change(definition);
    const auto done =
        machine_->operated(core::ApplyNetwork{{"me", "test"}, simulation::signed_by(authority_, definition)}, now_);
    ASSERT_TRUE(done) << done.refusal().english();
    turn();
  }

  using Ids = std::vector<std::string>;
};

TEST_F(SlotSearch, tells_the_soonest_first_from_all_hosts_with_an_agreement) {
  publish({slot("late", 48), slot("soon", 2), slot("middle", 24)});
  auto elsewhere = slot("cpam", 3);
  elsewhere.set_service_id("cpam-1-help");
  elsewhere.set_location_id("cpam-1-desk");
  ASSERT_EQ(refusal_of(published({elsewhere}, "cpam-1")), "accepted");
  EXPECT_EQ(found(query()), (Ids{"soon", "cpam", "middle", "late"}));
  auto host = query();
  host.set_host("caf-1");
  EXPECT_EQ(found(host), (Ids{"soon", "middle", "late"}));
  auto own = query("caf-1");
  own.set_host("caf-1");
  EXPECT_EQ(found(own), (Ids{"soon", "middle", "late"})) << "its own, without an agreement with itself";
}

TEST_F(SlotSearch, tells_free_places_only) {
  refer('r');
  publish({slot("one", 24), slot("two", 25, 2), slot("gone", 26)});
  ASSERT_EQ(refusal_of(booking('r', '1', "one")), "accepted");
  ASSERT_EQ(refusal_of(booking('r', '2', "two")), "accepted");
  ASSERT_EQ(refusal_of(withdrawn({"gone"})), "accepted");
  const auto answer = ask(query());
  ASSERT_EQ(answer.query_id(), 7U);
  ASSERT_EQ(answer.slots().slots_size(), 1);
  EXPECT_EQ(answer.slots().slots(0).slot().slot_id(), "two");
  EXPECT_EQ(answer.slots().slots(0).free(), 1U);
  EXPECT_EQ(answer.slots().slots(0).institution(), "caf-1");
  EXPECT_FALSE(answer.slots().more());
}

TEST_F(SlotSearch, narrows_by_service_need_place_commune_and_time) {
  auto anywhere = slot("anywhere", 3);
  anywhere.clear_service_id();
  anywhere.clear_location_id();
  publish({slot("a", 2), anywhere, slot("b", 30)});
  auto q = query();
  q.set_service_id("caf-1-help");
  EXPECT_EQ(found(q), (Ids{"a", "b"}));
  q = query();
  q.set_service_need("logement-hebergement");
  EXPECT_EQ(found(q), (Ids{"a", "b"}));
  q.set_service_need("logement-hebergement--acheter");
  EXPECT_EQ(found(q), (Ids{"a", "b"})) << "the service offers the whole family";
  q.set_service_need("numerique");
  EXPECT_EQ(found(q), Ids{});
  q = query();
  q.set_location_id("caf-1-desk");
  EXPECT_EQ(found(q), (Ids{"a", "b"}));
  q = query();
  q.set_commune("25056");
  EXPECT_EQ(found(q), (Ids{"a", "anywhere", "b"}));
  q.set_commune("39198");
  EXPECT_EQ(found(q), Ids{});
  q = query();
  q.set_from_ms(in_hours(3));
  EXPECT_EQ(found(q), (Ids{"anywhere", "b"}));
  q.set_until_ms(in_hours(30));
  EXPECT_EQ(found(q), (Ids{"anywhere"}));
}

TEST_F(SlotSearch, says_when_there_is_more_and_goes_on_from_there) {
  std::vector<v1::Slot> many;
  for (int i = 0; i < 100; ++i) many.push_back(slot("s" + std::to_string(1000 + i), 1 + i));
  publish(many);
  auto q = query();
  q.set_at_most(30);
  Ids all;
  for (int page = 0; page < 4; ++page) {
    const auto answer = ask(q);
    EXPECT_EQ(answer.slots().more(), page < 3);
    for (const auto& view : answer.slots().slots()) all.push_back(view.slot().slot_id());
    q.set_from_ms(answer.slots().slots().rbegin()->slot().start_ms() + 1);
  }
  ASSERT_EQ(all.size(), 100U);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

TEST_F(SlotSearch, tells_where_people_may_come_now) {
  auto open_door = slot("open", 1, 2);
  open_door.set_open(true);
  auto later = slot("later", 5, 2);
  later.set_open(true);
  publish({open_door, later, slot("shut", 1)});
  now_ += std::chrono::minutes(90);
  auto q = query();
  q.set_open_now(true);
  EXPECT_EQ(found(q), Ids{"open"});
  EXPECT_EQ(found(query()), (Ids{"open", "later"})) << "what began is closed unless it is open";
  now_ += std::chrono::minutes(30);
  EXPECT_EQ(found(q), Ids{});
}

TEST_F(SlotSearch, answers_nobody_without_an_agreement) {
  publish({slot("a")});
  change_network([&](v1::NetworkDefinition& network) {
    for (auto& agreement : *network.mutable_agreements())
      if (agreement.id() == "caf-1.ccas-1") agreement.set_valid_until_ms(base::to_ms(now_));
  });
  EXPECT_EQ(found(query()), Ids{});
  EXPECT_EQ(found(query("cpam-1")), Ids{"a"});
  auto q = query();
  q.set_host("caf-1");
  EXPECT_EQ(refused(q), "agreement.expired purpose");
  q.clear_host();
  q.set_service_id("caf-1-help");
  EXPECT_EQ(refused(q), "agreement.expired purpose");
}

TEST_F(SlotSearch, refuses_questions_that_make_no_sense) {
  EXPECT_EQ(refused(query("caf-1")), "identity.forged_sender slots.institution");
  auto q = query();
  q.set_purpose("employment");
  EXPECT_EQ(refused(q), "purpose.unknown slots.purpose");
  q = query();
  q.set_host("msa-1");
  EXPECT_EQ(refused(q), "route.none slots.host");
  q = query();
  q.set_service_id("nobodys");
  EXPECT_EQ(refused(q), "not.found slots.service_id");
  q.set_service_id("cpam-1-help");
  q.set_host("caf-1");
  EXPECT_EQ(refused(q), "not.found slots.service_id");
  q = query();
  q.set_at_most(201);
  EXPECT_EQ(refused(q), "input.invalid slots.at_most");
  q = query();
  q.set_commune("Besançon");
  EXPECT_EQ(refused(q), "commune.unknown slots.commune");
  for (const std::int64_t from : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
    q = query();
    q.set_from_ms(from);
    EXPECT_EQ(refused(q), "input.invalid slots.from_ms") << from;
  }
  for (const std::int64_t until :
       {std::int64_t{-1}, in_hours(-1), in_hours(24 * 367), std::numeric_limits<std::int64_t>::max()}) {
    q = query();
    q.set_until_ms(until);
    EXPECT_EQ(refused(q), "input.invalid slots.until_ms") << until;
  }
}

TEST_F(SlotSearch, gives_up_with_a_sentence_rather_than_walk_through_everything) {
  std::vector<v1::Slot> many;
  const auto slots = static_cast<int>(core::kSlotsExaminedMax) + 100;
  for (int i = 0; i < slots; ++i) {
    auto one = slot("s" + std::to_string(i), 1);
    one.set_start_ms(one.start_ms() + i);
    one.set_end_ms(one.end_ms() + i);
    one.clear_location_id();
    many.push_back(one);
    if (many.size() < 500 && i + 1 < slots) continue;
    publish(many);
    many.clear();
  }
  auto q = query();
  q.set_location_id("caf-1-desk");
  EXPECT_EQ(refused(q), "slot.search_too_wide slots");
  auto here = slot("here", 1);
  publish({here});
  const auto answer = ask(q);
  ASSERT_EQ(answer.slots().slots_size(), 1);
  EXPECT_TRUE(answer.slots().more()) << "there may be more: not everything was looked at";
}

}  // namespace
}  // namespace relais::engine
