// The contents of a message in the clear: one message of content.proto per category. They live in memory only.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "relais/v1/common.pb.h"
#include "relais/v1/content.pb.h"

namespace relais::sdk {

/// The category that a type of content.proto belongs to. Defined for those types only.
template <class Message>
inline constexpr v1::Category kCategoryOf = v1::CATEGORY_UNSPECIFIED;
template <>
inline constexpr v1::Category kCategoryOf<v1::Identity> = v1::CATEGORY_IDENTITY;
template <>
inline constexpr v1::Category kCategoryOf<v1::Contact> = v1::CATEGORY_CONTACT;
template <>
inline constexpr v1::Category kCategoryOf<v1::Household> = v1::CATEGORY_HOUSEHOLD;
template <>
inline constexpr v1::Category kCategoryOf<v1::Resources> = v1::CATEGORY_RESOURCES;
template <>
inline constexpr v1::Category kCategoryOf<v1::Benefits> = v1::CATEGORY_BENEFITS;
template <>
inline constexpr v1::Category kCategoryOf<v1::Housing> = v1::CATEGORY_HOUSING;
template <>
inline constexpr v1::Category kCategoryOf<v1::Health> = v1::CATEGORY_HEALTH;
template <>
inline constexpr v1::Category kCategoryOf<v1::Employment> = v1::CATEGORY_EMPLOYMENT;
template <>
inline constexpr v1::Category kCategoryOf<v1::SocialSituation> = v1::CATEGORY_SOCIAL_SITUATION;
template <>
inline constexpr v1::Category kCategoryOf<v1::Note> = v1::CATEGORY_NOTE;
template <>
inline constexpr v1::Category kCategoryOf<v1::Nir> = v1::CATEGORY_NIR;

using AnyContent = std::variant<std::monostate, v1::Identity, v1::Contact, v1::Household, v1::Resources, v1::Benefits,
                                v1::Housing, v1::Health, v1::Employment, v1::SocialSituation, v1::Note, v1::Nir>;

/// Parses `bytes` as the content of `category`. Holds monostate when they are not one, or when this version of the SDK
/// does not know the category: is_known() tells which.
AnyContent parse_content(v1::Category category, const std::string& bytes);
bool is_known(v1::Category category);

/// A compartment of a received message, opened.
struct OpenedContent {
  v1::Category category = v1::CATEGORY_UNSPECIFIED;
  std::string bytes;   // serialised, as the sender sealed it
  AnyContent content;  // parsed; monostate only for a category that this version does not know
};

}  // namespace relais::sdk
