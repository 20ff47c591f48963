#include "adapters/sftp/ferry.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/files_fixture.h"
#include "tests/unit/sftp/breaking_remote.h"

namespace relais::sftp {
namespace {

using std::chrono::milliseconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using tests::BreakingRemote;

/// Both ends: the folders here, those on the server, and who takes files out of them.
class Bridge {
 public:
  explicit Bridge(files::CompleteWhen when = files::CompleteWhen::rename, std::shared_ptr<tests::FakePost> shared = {})
      : post(shared ? std::move(shared) : std::make_shared<tests::FakePost>(root.path() / "store")) {
    const auto& p = root.path();
    exchange.institution = "ccas-25056";
    exchange.folders = {p / "in", p / "out", p / "archive", p / "rejects", p / "work"};
    base::check(files::prepare_folders(exchange.folders, exchange.institution).ok(), "the folders can be made");
    for (const auto* name : {"in", "out", "archive", "rejects"}) std::filesystem::create_directories(there(name));
    route.folders = {there("in"), there("out"), there("archive"), there("rejects")};
    route.arrival.when = when;
    route.arrival.stable_for = milliseconds(1);
    route.look_every = milliseconds(0);
    route.reconnect_first = milliseconds(0);
    route.reconnect_most = milliseconds(0);
    begin();
  }

  /// Like a restart: everything in memory is new; the store, whose writes are durable, and the folders stay.
  void begin() {
    ferry.reset();
    auto made = std::make_unique<BreakingRemote>(plan);
    remote = made.get();
    remote->unreadable = unreadable;
    clock.advance(milliseconds(1));
    ferry = std::make_unique<Ferry>(post->store(), exchange, route, std::move(made), clock);
  }

  /// Rounds until nothing moves any more; both softwares take what they find.
  void work() {
    for (int quiet = 0, rounds = 0; quiet < 2 && rounds < 200; ++rounds) {
      const auto before = plan.steps;
      const auto taken_before = taken_there.size() + taken_here.size();
      try {
        (void)ferry->round();
      } catch (const tests::Killed&) {
        begin();
        continue;
      }
      take(exchange.folders.in, taken_here);
      take(route.folders.out, taken_there);
      take(route.folders.rejects, taken_there);
      quiet = taken_there.size() + taken_here.size() == taken_before && before != plan.steps ? quiet + 1 : 0;
    }
  }

  static void take(const files::Path& folder, std::multimap<std::string, std::string>& into) {
    const auto entries = files::list_folder(folder);
    ASSERT_TRUE(entries);
    for (const auto& entry : *entries) {
      if (entry.name.starts_with('.')) continue;
      into.emplace(entry.name, *files::read_file(folder / entry.name, 1 << 20));
      std::filesystem::remove(folder / entry.name);
    }
  }

  [[nodiscard]] std::string there(const std::string& name) const { return (root.path() / "server" / name).string(); }
  static std::vector<std::string> names(const files::Path& folder) {
    std::vector<std::string> found;
    const auto entries = files::list_folder(folder);
    if (entries)
      for (const auto& entry : *entries) found.push_back(entry.name);
    return found;
  }
  [[nodiscard]] std::size_t notes() const {
    std::size_t count = 0;
    post->store().scan("sftp/", [&](std::string_view, std::string_view) { return ++count > 0; });
    return count;
  }

  tests::TemporaryFolder root;
  tests::HandClock clock;
  files::ExchangeConfig exchange;
  Route route;
  BreakingRemote::Plan plan;
  std::string unreadable;
  std::shared_ptr<tests::FakePost> post;
  BreakingRemote* remote = nullptr;
  std::unique_ptr<Ferry> ferry;
  std::multimap<std::string, std::string> taken_here;
  std::multimap<std::string, std::string> taken_there;
};

void fill(const Bridge& bridge) {
  (void)bridge.root.write("server/in/a.csv", "first export of the software");
  (void)bridge.root.write("server/in/a.ok", "");
  (void)bridge.root.write("server/in/b.csv", "second export");
  (void)bridge.root.write("server/in/b.csv.ok", "");
  (void)bridge.root.write("out/suivi-1.csv", "for the software, one");
  (void)bridge.root.write("out/suivi-1.csv.ok", "");
  (void)bridge.root.write("out/suivi-2.csv", "for the software, two");
  (void)bridge.root.write("rejects/x.reasons.csv", "why not");
}

void expect_each_once(const Bridge& bridge) {
  EXPECT_THAT(bridge.taken_here,
              ElementsAre(std::pair("a.csv", "first export of the software"), std::pair("b.csv", "second export")));
  EXPECT_THAT(bridge.taken_there,
              ElementsAre(std::pair("suivi-1.csv", "for the software, one"), std::pair("suivi-1.csv.ok", ""),
                          std::pair("suivi-2.csv", "for the software, two"), std::pair("x.reasons.csv", "why not")));
  EXPECT_THAT(Bridge::names(bridge.there("in")), IsEmpty());
  EXPECT_THAT(Bridge::names(bridge.there("out")), IsEmpty()) << "nothing unfinished stays";
  EXPECT_THAT(Bridge::names(bridge.there("archive")), SizeIs(2));
  EXPECT_THAT(Bridge::names(bridge.exchange.folders.out), IsEmpty());
  EXPECT_THAT(Bridge::names(bridge.exchange.folders.work / "arriving"), IsEmpty());
  EXPECT_EQ(0U, bridge.notes());
}

TEST(Ferry, brings_and_fetches_each_file_once_and_keeps_nothing) {
  Bridge bridge(files::CompleteWhen::marker);
  fill(bridge);
  bridge.work();
  expect_each_once(bridge);
  EXPECT_THAT(bridge.ferry->health().faults, IsEmpty());
}

// The heart of it: whatever step is the last one before the line or the process ends, and whether the server still did
// it or not, nothing is lost or comes twice.
TEST(Ferry, broken_off_at_every_step_loses_and_repeats_nothing) {
  Bridge counting(files::CompleteWhen::marker);
  fill(counting);
  counting.work();
  const int steps = counting.plan.steps;
  ASSERT_GT(steps, 30);
  using How = BreakingRemote::How;
  for (const auto how : {How::line_before, How::line_after, How::killed_before, How::killed_after})
    for (int step = 1; step <= steps; ++step) {
      SCOPED_TRACE("step " + std::to_string(step) + " of " + std::to_string(steps) + ", way " +
                   std::to_string(static_cast<int>(how)));
      Bridge bridge(files::CompleteWhen::marker, counting.post);
      fill(bridge);
      bridge.plan.break_at = step;
      bridge.plan.how = how;
      bridge.work();
      expect_each_once(bridge);
      if (testing::Test::HasFailure()) return;
    }
}

TEST(Ferry, leaves_alone_what_is_not_complete) {
  Bridge bridge(files::CompleteWhen::marker);
  (void)bridge.root.write("server/in/half.csv", "without a marker");
  (void)bridge.root.write("server/in/x.csv.part", "another name");
  bridge.work();
  EXPECT_THAT(bridge.taken_here, IsEmpty());
  EXPECT_THAT(Bridge::names(bridge.there("in")), ElementsAre("half.csv", "x.csv.part"));
  EXPECT_EQ(1U, bridge.ferry->health().in.waiting);
}

TEST(Ferry, folders_of_ours_below_the_one_we_read_are_nothing_strange) {
  Bridge bridge;
  bridge.route.folders.archive = bridge.there("in") + "/read";
  std::filesystem::create_directory(bridge.route.folders.archive);
  (void)bridge.root.write("server/in/a.csv", "text");
  bridge.work();
  EXPECT_THAT(bridge.taken_here, SizeIs(1));
  EXPECT_THAT(Bridge::names(bridge.route.folders.archive), SizeIs(1));
  EXPECT_EQ(0U, bridge.ferry->health().in.strange);
}

TEST(Ferry, without_an_archive_fetched_files_are_removed) {
  Bridge bridge;
  bridge.route.folders.archive.clear();
  (void)bridge.root.write("server/in/a.csv", "text");
  bridge.work();
  EXPECT_THAT(bridge.taken_here, SizeIs(1));
  EXPECT_THAT(Bridge::names(bridge.there("in")), IsEmpty());
  EXPECT_THAT(Bridge::names(bridge.there("archive")), IsEmpty());
}

TEST(Ferry, takes_odd_names_as_they_are_and_touches_nothing_that_is_no_file) {
  Bridge bridge;
  const std::vector<std::string> odd{"-rf",           "a b.csv", "caf\xE9.csv",
                                     "line\nend.csv", "..csv..", std::string(222, 'x')};
  for (const auto& name : odd) (void)bridge.root.write("server/in/" + name, "text of " + name);
  (void)bridge.root.write("server/in/" + std::string(230, 'y'), "its name is too long for a claim");
  std::filesystem::create_directory(bridge.there("in") + "/folder");
  std::filesystem::create_symlink("/etc/passwd", bridge.there("in") + "/link");
  bridge.work();
  for (const auto& name : odd) {
    if (name.starts_with('.')) continue;
    const auto found = bridge.taken_here.find(name);
    ASSERT_NE(bridge.taken_here.end(), found) << name;
    EXPECT_EQ("text of " + name, found->second);
  }
  EXPECT_THAT(bridge.taken_here, SizeIs(5));
  EXPECT_THAT(Bridge::names(bridge.there("in")), ElementsAre("..csv..", "folder", "link", std::string(230, 'y')));
  EXPECT_EQ(2U, bridge.ferry->health().in.strange);
  EXPECT_EQ(1U, bridge.ferry->health().in.held_up);
}

std::vector<std::string> notices(const Bridge& bridge) {
  std::vector<std::string> found;
  bridge.post->store().scan("notice/ccas-25056/", [&](std::string_view, std::string_view value) {
    found.emplace_back(value);
    return true;
  });
  return found;
}

TEST(Ferry, a_file_that_can_not_be_read_or_is_too_large_is_told_once_and_stops_no_other) {
  Bridge bridge;
  bridge.unreadable = "b.csv";
  bridge.exchange.file_bytes_max = 10;
  bridge.begin();
  (void)bridge.root.write("server/in/a.csv", "longer than ten bytes");
  (void)bridge.root.write("server/in/b.csv", "locked");
  (void)bridge.root.write("server/in/c.csv", "good");
  bridge.work();
  EXPECT_THAT(bridge.taken_here, ElementsAre(std::pair("c.csv", "good")));
  EXPECT_THAT(Bridge::names(bridge.there("in")), ElementsAre("a.csv", "b.csv"));
  EXPECT_THAT(notices(bridge), SizeIs(2));
  EXPECT_THAT(notices(bridge), Contains(HasSubstr("file.too_large")));
  EXPECT_THAT(notices(bridge), Contains(HasSubstr("no_permission")));
  EXPECT_THAT(bridge.ferry->health().faults, Contains(Fault{"server.in", "no_permission"}));
}

TEST(Ferry, a_name_that_is_taken_on_the_server_stops_that_file_and_its_marker_only) {
  Bridge bridge;
  (void)bridge.root.write("server/out/suivi-1.csv", "somebody else's");
  (void)bridge.root.write("out/suivi-1.csv", "ours");
  (void)bridge.root.write("out/suivi-1.csv.ok", "");
  (void)bridge.root.write("out/suivi-2.csv", "ours, too");
  for (int i = 0; i < 3; ++i) (void)bridge.ferry->round();
  EXPECT_EQ("somebody else's", *files::read_file(bridge.there("out") + "/suivi-1.csv", 100));
  EXPECT_TRUE(files::is_there(bridge.there("out") + "/suivi-2.csv"));
  EXPECT_FALSE(files::is_there(bridge.there("out") + "/suivi-1.csv.ok"));
  EXPECT_THAT(bridge.ferry->health().faults, ElementsAre(Fault{"server.out", "exists"}));
  std::filesystem::remove(bridge.there("out") + "/suivi-1.csv");
  bridge.work();
  EXPECT_THAT(bridge.taken_there, SizeIs(3));
  EXPECT_EQ("ours", bridge.taken_there.find("suivi-1.csv")->second);
}

TEST(Ferry, a_folder_that_is_away_is_told_and_holds_up_its_own_way_only) {
  Bridge bridge;
  std::filesystem::rename(bridge.there("in"), bridge.there("away"));
  (void)bridge.root.write("out/suivi-1.csv", "ours");
  bridge.work();
  EXPECT_THAT(bridge.taken_there, SizeIs(1));
  EXPECT_THAT(bridge.ferry->health().faults, ElementsAre(Fault{"server.in", "not_there"}));
  std::filesystem::rename(bridge.there("away"), bridge.there("in"));
  (void)bridge.root.write("server/in/a.csv", "text");
  bridge.work();
  EXPECT_THAT(bridge.taken_here, SizeIs(1));
  EXPECT_THAT(bridge.ferry->health().faults, IsEmpty());
}

TEST(Ferry, a_missing_archive_keeps_claims_on_the_server_and_delivers_each_once) {
  Bridge bridge;
  std::filesystem::remove(bridge.there("archive"));
  (void)bridge.root.write("server/in/a.csv", "one");
  (void)bridge.root.write("server/in/b.csv", "two");
  bridge.work();
  bridge.begin();
  bridge.work();
  EXPECT_THAT(bridge.taken_here, SizeIs(2));
  EXPECT_THAT(bridge.ferry->health().faults, ElementsAre(Fault{"server.archive", "not_there"}));
  std::filesystem::create_directory(bridge.there("archive"));
  bridge.work();
  EXPECT_THAT(bridge.taken_here, SizeIs(2));
  EXPECT_THAT(Bridge::names(bridge.there("archive")), SizeIs(2));
  EXPECT_THAT(Bridge::names(bridge.there("in")), IsEmpty());
}

}  // namespace
}  // namespace relais::sftp
