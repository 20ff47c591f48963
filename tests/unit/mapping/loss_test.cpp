// What is not carried is reported, with its reason, and a log never has a name that only the document knows.
#include "adapters/mapping/loss.h"

#include <gmock/gmock.h>
#include <toml++/toml.h>

#include "adapters/mapping/loss_log.h"
#include "tests/unit/mapping/mapping_fixture.h"

namespace relais::mapping {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kCanary = "CANARI";

/// "field known_as" of each.
std::vector<std::string> named(const std::vector<LostField>& lost) {
  std::vector<std::string> said;
  for (const auto& one : lost) said.push_back(one.field + " " + one.known_as);
  return said;
}

const std::string kLossyJson = head("json") + R"(kind = { from = "/action", table = "actions" }
fields = [
  { from = "/nom", to = "identity.family_name" },
  { from = "/motif", to = "body.reason", kinds = ["referral_rejected"] },
]
[[in.lists]]
each = "/foyer"
to = "household.members"
fields = [ { from = "/nom", to = "family_name", when = { from = "/vivant", is = ["oui"] } } ]
[in.json]
[in.not_carried]
"/agent" = "stays here"
"/interne/*" = "is ours"
[tables.actions]
values = { "orienter" = "referral_requested", "refuser" = "referral_rejected" }
)";

TEST(Loss, knows_a_field_by_the_mappings_own_words_or_not_at_all) {
  const auto result =
      load_text(kLossyJson)
          .read(
              R"({"action":"orienter","nom":"X","motif":"m","agent":"a","interne":{"CANARI":{"CANARI":"1"}},"CANARI":"2",
          "liste":[{"CANARI":"3"}],"foyer":[{"nom":"Y","vivant":"non"}]})",
              "t");
  EXPECT_THAT(named(result.loss.lost),
              ElementsAre("/CANARI ", "/agent /agent", "/foyer/*/nom /foyer/*/nom", "/interne/CANARI/CANARI /interne/*",
                          "/liste/*/CANARI ", "/motif /motif"));
  EXPECT_EQ("stays here", result.loss.lost[1].reason);
  EXPECT_EQ("is ours", result.loss.lost[3].reason);
  EXPECT_EQ("", result.loss.lost[5].reason);
}

TEST(Loss, a_header_is_the_documents_and_a_place_is_not) {
  const std::string fields = "kind = \"referral_requested\"\nfields = [ { from = ";
  const auto by_name = load_text(head("csv") + fields + "\"nom\", to = \"identity.family_name\" } ]\n");
  EXPECT_THAT(named(by_name.read("nom;CANARI;\r\nX;1;2\r\n", "t").loss.lost), ElementsAre("CANARI ", "column 3 "));
  const auto by_number =
      load_text(head("csv") + fields + "1, to = \"identity.family_name\" } ]\n[in.csv]\nheader = false\n");
  EXPECT_THAT(named(by_number.read("X;1\r\n", "t").loss.lost), ElementsAre("column 2 column 2"));
}

TEST(Loss, names_of_a_document_take_no_more_room_than_their_bound) {
  const std::string deep(64, 'k');
  std::string body;
  for (int i = 0; i < 60; ++i) body += "{\"" + deep + "\":";
  body += "1" + std::string(60, '}');
  const auto lost = load_text(kLossyJson)
                        .read(R"({"action":"orienter","é)" + std::string(5'000, 'e') + R"(":1,"b":)" + body + "}", "t")
                        .loss.lost;
  ASSERT_EQ(2U, lost.size());
  for (const auto& one : lost) {
    EXPECT_LE(one.field.size(), 210U);
    EXPECT_THAT(one.field, testing::EndsWith("…"));
  }
  EXPECT_EQ("é…", name_below({}, {}, "é…"));
  const auto cut_short = name_below(std::string(198, 'x'), "/", "éa");
  EXPECT_EQ(std::string(198, 'x') + "/…", cut_short) << "no half of a character";
  EXPECT_LE(name_below(cut_short, "/", std::string(99, 'x')).size(), 210U);
}

OutgoingMessage referral_with(const Message& content, v1::Category category) {
  OutgoingMessage message;
  message.envelope.mutable_referral_requested();
  message.contents.push_back({category, content.SerializeAsString()});
  return message;
}

std::string out_json(const std::string& field, const std::string& reason) {
  return "[mapping]\nname = \"out\"\nversion = 1\n[out]\nformat = \"json\"\n[[out.records]]\nname = \"a\"\n"
         "kinds = [\"referral_requested\"]\nfields = [ { from = \"" +
         field + "\", to = \"/x\" } ]\n[out.records.not_carried]\n\"" + reason +
         "\" = \"why\"\n[out.json]\nshape = \"object\"\n";
}

TEST(Loss, an_identifiers_system_is_not_ours_and_its_reason_is_found_without_it) {
  v1::Identity identity;
  auto& one = *identity.add_identifiers();
  one.set_system(kCanary);
  one.set_value("1");
  const auto message = referral_with(identity, v1::CATEGORY_IDENTITY);
  const auto lost = load_text(out_json("identity.title", "identity.identifiers")).write(message).lost;
  EXPECT_THAT(named(lost), ElementsAre("identity.identifiers[CANARI] identity.identifiers"));
  EXPECT_EQ("why", lost[0].reason);
  const auto exact = load_text(out_json("identity.title", "identity.identifiers[CANARI]")).write(message).lost;
  EXPECT_THAT(named(exact), ElementsAre("identity.identifiers[CANARI] identity.identifiers[CANARI]"));
}

TEST(Loss, one_of_several_values_is_written_and_the_others_are_lost) {
  v1::Contact contact;
  contact.add_phones("06");
  const auto mapping = load_text(out_json("contact.phones[0]", "contact.phones"));
  auto written = mapping.write(referral_with(contact, v1::CATEGORY_CONTACT));
  EXPECT_EQ(R"({"x":"06"})", written.documents.at(0).bytes.substr(0, 10));
  EXPECT_THAT(written.lost, testing::IsEmpty());
  contact.add_phones("07");
  written = mapping.write(referral_with(contact, v1::CATEGORY_CONTACT));
  EXPECT_EQ(R"({"x":"06"})", written.documents.at(0).bytes.substr(0, 10));
  EXPECT_THAT(written.lost,
              ElementsAre(AllOf(Field(&LostField::field, "contact.phones"), Field(&LostField::reason, "why"))));
  EXPECT_THAT(faults_of(head("json") + "kind = \"referral_requested\"\n[in.json]\n"
                                       "[[in.fields]]\nfrom = \"/x\"\nto = \"contact.phones[0]\"\n"),
              ElementsAre(HasSubstr("in.fields[0].to")))
      << "reading adds to the list";
}

TEST(Loss, a_reason_that_could_never_be_told_is_a_fault_of_the_mapping) {
  for (const auto* const good :
       {"identity.nationality", "identity.*", "identity.identifiers", "body.service_need", "nir.*",
        "identity.identifiers[caf.allocataire]", "household.members.*", "household.members.relation"})
    EXPECT_THAT(faults_of(out_json("identity.title", good)), testing::IsEmpty()) << good;
  for (const auto* const bad : {"identity.name", "body.outcome", "household.members", "identity", "envelope.purpose",
                                "identity.nationality.*", "contact.phones[0]", "identity.identifiers[x", ""})
    EXPECT_THAT(faults_of(out_json("identity.title", bad)), ElementsAre("10 out.records[0].not_carried")) << bad;
}

TEST(Loss, the_log_says_each_field_once_and_of_the_documents_own_names_only_how_many) {
  std::uint64_t counted = 0;
  LossLog log("ccas-25056", [&](std::uint64_t values) { counted += values; });
  const std::vector<LostField> lost = {
      {"/agent", 2, "stays here", "/agent"}, {"/CANARI", 3, "", ""}, {"/CANARI/x", 1, "", ""}};
  testing::internal::CaptureStderr();
  log.tell("orientations", LossLog::Way::in, lost);
  const auto first = testing::internal::GetCapturedStderr();
  EXPECT_THAT(first, AllOf(HasSubstr("field not carried"), HasSubstr("/agent"), HasSubstr("stays here"),
                           HasSubstr("orientations"), HasSubstr("ccas-25056")));
  EXPECT_THAT(first, AllOf(HasSubstr("fields not carried that the mapping does not name"), HasSubstr("fields=2")));
  EXPECT_THAT(first, Not(HasSubstr(kCanary)));
  testing::internal::CaptureStderr();
  log.tell("orientations", LossLog::Way::in, lost);
  log.tell("orientations", LossLog::Way::in, {});
  EXPECT_EQ("", testing::internal::GetCapturedStderr()) << "said before";
  testing::internal::CaptureStderr();
  log.tell("orientations", LossLog::Way::out, lost);
  log.tell("other", LossLog::Way::in, lost);
  const auto others = testing::internal::GetCapturedStderr();
  EXPECT_EQ(4, std::ranges::count(others, '\n')) << "another direction, another mapping";
  EXPECT_THAT(others, Not(HasSubstr(kCanary)));
  EXPECT_EQ(24U, counted);
}

/// Every field of `message` gets a value; lists get two.
void fill(Message& message) {
  const auto& reflect = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const auto* const field = message.GetDescriptor()->field(i);
    for (int n = 0; n < (field->is_repeated() ? 2 : 1); ++n) {
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          fill(field->is_repeated() ? *reflect.AddMessage(&message, field) : *reflect.MutableMessage(&message, field));
          break;
        case FieldDescriptor::CPPTYPE_STRING:
          if (field->is_repeated())
            reflect.AddString(&message, field, "2000-01-02");
          else
            reflect.SetString(&message, field,
                              field->type() == FieldDescriptor::TYPE_BYTES ? std::string(16, 'i') : "2000-01-02");
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          reflect.SetEnumValue(&message, field, 1);
          break;
        case FieldDescriptor::CPPTYPE_BOOL:
          reflect.SetBool(&message, field, true);
          break;
        case FieldDescriptor::CPPTYPE_INT64:
          reflect.SetInt64(&message, field, 1'800'000'000'000);
          break;
        default:
          reflect.SetUInt32(&message, field, 1);
      }
    }
  }
}

OutgoingMessage full_message(Body body) {
  OutgoingMessage message;
  message.local = {"D-1", "00112233-4455-6677-8899-aabbccddeeff", "RDV-1"};
  fill(*message.envelope.GetReflection()->MutableMessage(&message.envelope, body_field(body)));
  for (const auto& type : content_types()) {
    const auto content = new_content(type.category);
    fill(*content);
    message.contents.push_back({type.category, content->SerializeAsString()});
  }
  return message;
}

class ShippedMapping : public testing::TestWithParam<const char*> {};

TEST_P(ShippedMapping, names_a_reason_for_each_field_that_it_has_no_place_for_and_no_reason_in_vain) {
  const auto path = std::string(RELAIS_SOURCE) + "/config/mappings/" + GetParam() + ".toml";
  const auto loaded = Mapping::load(path);
  ASSERT_TRUE(loaded.mapping);
  std::set<std::string> lost;
  for (const auto body : all_bodies()) {
    if (!loaded.mapping->writes(body)) continue;
    const auto written = loaded.mapping->write(full_message(body));
    EXPECT_THAT(written.failed, testing::IsEmpty()) << name_of(body);
    for (const auto& one : written.lost) {
      EXPECT_NE("", one.reason) << name_of(body) << " " << one.field;
      lost.insert(one.known_as);
    }
  }
  EXPECT_FALSE(lost.empty());
  const auto file = toml::parse_file(path);
  for (const auto& record : *file.at_path("out.records").as_array())
    for (const auto& [key, reason] : *record.as_table()->at("not_carried").as_table()) {
      const std::string_view field = key.str();
      const bool told = std::ranges::any_of(lost, [&](const std::string& one) {
        return one == field || (field.ends_with(".*") && one.starts_with(field.substr(0, field.size() - 1)));
      });
      EXPECT_TRUE(told) << field;
    }
}

INSTANTIATE_TEST_SUITE_P(All, ShippedMapping, testing::Values("rdvsp", "http-orientations"));

}  // namespace

}  // namespace relais::mapping
