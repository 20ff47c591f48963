#include <chrono>
#include <filesystem>

#include <gmock/gmock.h>

#include "relais_paths.h"
#include "tests/unit/mapping/mapping_fixture.h"

#include "relais/v1/content.pb.h"

namespace relais::mapping {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kXml = head("xml") + R"(kind = "referral_requested"
fields = [
  { from = "@id", to = "local.reference", required = true },
  { from = "Nom", to = "identity.family_name", required = true },
  { from = "Tel", to = "contact.phones" },
  { from = "Ligne", to = "note.text" },
]
[[in.lists]]
each = "Enfants/Enfant"
to = "household.members"
max = 2
fields = [
  { constant = "child", to = "relation" },
  { from = "Prenom", to = "given_names" },
  { from = "Ne", to = "birth_date", date = ["french"] },
]
[[in.controls]]
name = "nombre"
count = "records"
expected = "/Liste/@n"
[in.xml]
records = "/Liste/Dossier"
)";

TEST(ReadXml, reads_elements_attributes_and_lists) {
  const auto result = load_text(kXml).read(R"(<?xml version="1.0" encoding="ISO-8859-1"?>
<Liste n="1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://127.0.0.1:9/x x.xsd">
 <Dossier id="7"><Nom> H)"
                                           "\xC9"
                                           R"(NON </Nom><Tel>06</Tel><Tel>07</Tel><Autre x="1">lost</Autre>
  <Enfants><Enfant><Prenom>Zo)"
                                           "\xE9"
                                           R"(</Prenom><Ne>01/02/2015</Ne></Enfant><Enfant/></Enfants>
 </Dossier><Fin>end</Fin>
</Liste>)",
                                           "a.xml");
  EXPECT_THAT(result.file_faults, IsEmpty());
  ASSERT_EQ(1U, result.messages.size());
  EXPECT_EQ("iso-8859-1", result.encoding);
  const auto& message = result.messages[0];
  EXPECT_EQ("HÉNON", content<v1::Identity>(message, v1::CATEGORY_IDENTITY).family_name());
  EXPECT_THAT(content<v1::Contact>(message, v1::CATEGORY_CONTACT).phones(), ElementsAre("06", "07"));
  const auto household = content<v1::Household>(message, v1::CATEGORY_HOUSEHOLD);
  ASSERT_EQ(1, household.members_size());
  EXPECT_EQ("2015-02-01", household.members(0).birth_date());
  EXPECT_EQ(3U, message.place.line);
  EXPECT_EQ("/Liste/Dossier", message.place.element);
  std::vector<std::string> lost;
  for (const auto& one : result.loss.lost) lost.push_back(one.field);
  EXPECT_THAT(lost, ElementsAre("/Liste/Fin", "Autre", "Autre/@x"));
}

TEST(ReadXml, rejects_bad_records_alone) {
  const auto result = load_text(kXml).read(R"(<Liste n="4">
<Dossier id="1"><Nom>A</Nom></Dossier>
<Dossier><Nom/></Dossier>
<Dossier id="3"><Nom>A</Nom><Ligne>1</Ligne><Ligne>2</Ligne></Dossier>
<Dossier id="4"><Nom>A</Nom><Enfants><Enfant><Ne>x</Ne></Enfant><Enfant/><Enfant/></Enfants></Dossier>
</Liste>)",
                                           "a.xml");
  EXPECT_THAT(rejects_of(result), ElementsAre("3 field.required @id", "3 field.required Nom", "4 field.several Ligne",
                                              "5 list.too_long Enfants/Enfant"));
  EXPECT_EQ(1U, result.messages.size());
  EXPECT_EQ("<Dossier><Nom/></Dossier>", result.rejects[0].raw);
}

TEST(ReadXml, refuses_documents_that_are_not_well_formed_or_not_what_is_expected) {
  const auto mapping = load_text(kXml);
  const auto broken = mapping.read("<Liste n=\"1\">\n<Dossier></Liste>", "a.xml");
  ASSERT_THAT(rules_of(broken.file_faults), ElementsAre("xml.malformed"));
  EXPECT_EQ(2U, broken.file_faults[0].line);
  EXPECT_THAT(rules_of(mapping.read("<Autre/>", "a").file_faults), ElementsAre("xml.no_records"));
  EXPECT_THAT(rules_of(mapping.read("", "a").file_faults), ElementsAre("file.empty"));
  EXPECT_THAT(
      rules_of(mapping.read("<Liste n=\"2\"><Dossier id=\"1\"><Nom>A</Nom></Dossier></Liste>", "a").file_faults),
      ElementsAre("control.differs"));
}

TEST(ReadXml, never_reads_a_dtd) {
  const auto mapping = load_text(kXml);
  for (const auto* const file : {"dtd.xml", "dtd_element.xml", "external.xml", "external_file.xml", "xmlbomb.xml"})
    EXPECT_THAT(rules_of(mapping.read(data("xml/defusedxml/" + std::string(file)), file).file_faults),
                ElementsAre("xml.dtd"))
        << file;
  EXPECT_THAT(rules_of(mapping.read("<!DOCTYPE Liste SYSTEM \"file:///etc/passwd\"><Liste/>", "a").file_faults),
              ElementsAre("xml.dtd"));
}

TEST(ReadXml, ends_quickly_on_every_document_that_others_found_hard) {
  const auto mapping = load_text(kXml);
  std::size_t files = 0;
  const auto start = std::chrono::steady_clock::now();
  for (const auto* const folder : {"libxml2", "libxml2-errors", "defusedxml"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(RELAIS_SOURCE) / "tests/data/xml" / folder)) {
      EXPECT_TRUE(mapping.read(file_text(entry.path()), "a").refused()) << entry.path();
      ++files;
    }
  }
  EXPECT_EQ(53U, files);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(ReadXml, holds_the_real_flow_of_the_cnaf_against_its_schema) {
  const auto loaded = Mapping::load(std::string(RELAIS_SOURCE) + "/config/mappings/cnaf-vrsb0801.toml");
  ASSERT_TRUE(loaded.mapping);
  const auto flow = data("depots/cnaf/RSABEM-ouvert.xml");
  const auto good = loaded.mapping->read(flow, "flow.xml");
  ASSERT_EQ(1U, good.messages.size());
  EXPECT_EQ("2730799404078", content<v1::Nir>(good.messages[0], v1::CATEGORY_NIR).number());
  EXPECT_EQ(9, content<v1::Resources>(good.messages[0], v1::CATEGORY_RESOURCES).incomes_size());
  EXPECT_THAT(good.loss.lost, testing::Each(testing::Field(&LostField::reason, testing::Not(""))));

  const auto with = [&](const std::string& from, const std::string& to) {
    auto changed = flow;
    changed.replace(changed.find(from), from.size(), to);
    return loaded.mapping->read(changed, "flow.xml");
  };
  EXPECT_THAT(rejects_of(with("1973-07-21", "1973-02-31")), ElementsAre("36 xml.schema DTNAI"));
  EXPECT_THAT(rules_of(with("<TYPEFLUX>M<", "<TYPEFLUX>MENSUEL<").file_faults), ElementsAre("xml.schema"));
  EXPECT_THAT(rules_of(with("00000001<", "00000002<").file_faults), ElementsAre("control.differs"));
  EXPECT_THAT(rules_of(with("BULLOCK", "BULL\x81OCK").file_faults), testing::SizeIs(1));
}

}  // namespace

}  // namespace relais::mapping
