#include "adapters/mapping/content_types.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "broker/base/check.h"

#include "relais/v1/content.pb.h"

namespace relais::mapping {

namespace {

template <class Content>
ContentType type(v1::Category category, std::string_view word) {
  return {category, word, &Content::default_instance()};
}

const std::vector<ContentType>& types() {
  static const std::vector<ContentType> list = {
      type<v1::Identity>(v1::CATEGORY_IDENTITY, "identity"),
      type<v1::Contact>(v1::CATEGORY_CONTACT, "contact"),
      type<v1::Household>(v1::CATEGORY_HOUSEHOLD, "household"),
      type<v1::Resources>(v1::CATEGORY_RESOURCES, "resources"),
      type<v1::Benefits>(v1::CATEGORY_BENEFITS, "benefits"),
      type<v1::Housing>(v1::CATEGORY_HOUSING, "housing"),
      type<v1::Health>(v1::CATEGORY_HEALTH, "health"),
      type<v1::Employment>(v1::CATEGORY_EMPLOYMENT, "employment"),
      type<v1::SocialSituation>(v1::CATEGORY_SOCIAL_SITUATION, "social_situation"),
      type<v1::Note>(v1::CATEGORY_NOTE, "note"),
      type<v1::Nir>(v1::CATEGORY_NIR, "nir"),
  };
  return list;
}

const google::protobuf::OneofDescriptor& body_oneof() { return *v1::Envelope::descriptor()->FindOneofByName("body"); }

}  // namespace

std::span<const ContentType> content_types() { return types(); }

const ContentType* content_type(v1::Category category) {
  const auto found = std::ranges::find(types(), category, &ContentType::category);
  return found == types().end() ? nullptr : &*found;
}

const ContentType* content_type(std::string_view word) {
  const auto found = std::ranges::find(types(), word, &ContentType::word);
  return found == types().end() ? nullptr : &*found;
}

std::unique_ptr<google::protobuf::Message> new_content(v1::Category category) {
  const auto* const found = content_type(category);
  base::check(found != nullptr, "every category has a content type");
  return std::unique_ptr<google::protobuf::Message>(found->prototype->New());
}

std::optional<Body> body_named(std::string_view name) {
  for (const auto body : all_bodies())
    if (name_of(body) == name) return body;
  return std::nullopt;
}

const google::protobuf::FieldDescriptor* body_field(Body body) {
  return v1::Envelope::descriptor()->FindFieldByNumber(static_cast<int>(body));
}

std::string_view name_of(Body body) { return body_field(body)->name(); }

bool is_notice(Body body) {
  return body == Body::kReferralExpired || body == Body::kDeadlineMissed || body == Body::kDeliveryFailed ||
         body == Body::kReferralReassigned || body == Body::kRightsOverdue || body == Body::kConnectionTested;
}

std::span<const Body> all_bodies() {
  static const std::vector<Body> bodies = [] {
    std::vector<Body> list;
    for (int i = 0; i < body_oneof().field_count(); ++i)
      list.push_back(static_cast<Body>(body_oneof().field(i)->number()));
    return list;
  }();
  return bodies;
}

}  // namespace relais::mapping
