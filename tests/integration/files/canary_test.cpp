// No personal value leaves the folders: not in the log, not in the names of our files, not in the store, not in health.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/files_fixture.h"

namespace relais::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kCanary = "KANARIENVOGEL";

TEST(FilesCanary, a_persons_name_is_nowhere_but_in_the_institutions_own_files) {
  testing::internal::CaptureStderr();
  FilesFixture f;
  const std::string header = "Action;Numero;Vers;Nom;RDV;Debut;Relais\r\n";
  f.drop(kCanary + " 1.csv", header + "O;D1;;" + kCanary + ";;;\r\nO;D2;nobody;" + kCanary + ";;;\r\n" + kCanary +
                                 ";D3;;" + kCanary + ";;;\r\nO;D4;;" + kCanary + ";;;;" + kCanary + "\r\n");
  f.work();
  f.drop(kCanary + " 2.csv", kCanary + ";" + kCanary + "\r\n" + kCanary + "\r\n");
  f.drop(kCanary + " 3.csv", header + "O;D1;;" + kCanary + "-X;;;\r\n");
  f.drop(kCanary + " 4.csv", "Action;Numero;Nom;" + kCanary + "\r\nO;D5;" + kCanary + ";" + kCanary + "\r\n");
  f.drop(kCanary + ".pdf", kCanary);
  f.work();
  const auto refused = f.post->submitted().at(0).envelope;
  f.post->refused_messages.push_back({*base::MessageId::from_bytes(refused.message_id()), refused,
                                      base::refuse(base::RefusalCode::agreement_none).to_wire(refused.message_id()),
                                      f.clock.now()});
  (void)f.deliver(referral_for("ccas-25056", kCanary, 1));
  auto invalid = referral_for("ccas-25056", "", 2);
  v1::Note note;
  note.set_text(kCanary);
  invalid.contents.push_back({v1::CATEGORY_NOTE, note.SerializeAsString(), note});
  (void)f.deliver(invalid);
  f.work();
  std::filesystem::rename(f.config.folders.work, f.root.path() / "away");
  f.work();
  std::filesystem::rename(f.root.path() / "away", f.config.folders.work);
  f.restart();
  f.work();

  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("file rejected")) << "the log was captured";
  EXPECT_THAT(log, HasSubstr("fields not carried that the mapping does not name"));
  EXPECT_THAT(log, Not(HasSubstr(kCanary)));
  for (const auto& name : f.names(f.config.folders.out)) EXPECT_THAT(name, Not(HasSubstr(kCanary)));
  EXPECT_THAT(f.only(f.config.folders.out, ".csv"), HasSubstr(kCanary)) << "the software got it";
  const auto health = f.exchange->health();
  EXPECT_THAT(health.fault + health.fault_place + health.institution, Not(HasSubstr(kCanary)));
  f.post->store().scan("", [&](std::string_view key, std::string_view value) {
    if (key.starts_with("fake/")) return true;
    EXPECT_THAT(std::string(key), Not(HasSubstr(kCanary)));
    EXPECT_THAT(std::string(value), Not(HasSubstr(kCanary))) << key;
    return true;
  });
  for (const auto& name : f.names(f.config.folders.rejects)) {
    if (name.find(".reasons.csv") == std::string::npos && name.find("notices-") == std::string::npos) continue;
    const auto table = f.text(f.config.folders.rejects / name);
    auto without_names = table;  // the software's own names of its files, for its own people
    for (const auto* const own : {" 1.csv", " 2.csv", " 3.csv", " 4.csv", ".pdf"})
      for (auto at = without_names.find(kCanary + own); at != std::string::npos; at = without_names.find(kCanary + own))
        without_names.erase(at, kCanary.size());
    EXPECT_THAT(without_names, Not(HasSubstr(kCanary))) << "reasons never repeat a value";
  }
}

}  // namespace
}  // namespace relais::tests
