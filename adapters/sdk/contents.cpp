#include "adapters/sdk/contents.h"

namespace relais::sdk {

namespace {

template <class Content>
bool parse_as(v1::Category category, const std::string& bytes, AnyContent& parsed) {
  if (category != kCategoryOf<Content>) return false;
  Content content;
  if (content.ParseFromString(bytes)) parsed = std::move(content);
  return true;
}

/// Tries the alternatives of AnyContent after the first; true when one of them is of this category.
template <std::size_t... At>
bool parse_any(v1::Category category, const std::string& bytes, AnyContent& parsed, std::index_sequence<At...>) {
  return (parse_as<std::variant_alternative_t<At + 1, AnyContent>>(category, bytes, parsed) || ...);
}

constexpr auto kContents = std::make_index_sequence<std::variant_size_v<AnyContent> - 1>();

template <std::size_t... At>
bool is_any(v1::Category category, std::index_sequence<At...>) {
  return ((category == kCategoryOf<std::variant_alternative_t<At + 1, AnyContent>>) || ...);
}

}  // namespace

AnyContent parse_content(v1::Category category, const std::string& bytes) {
  AnyContent parsed;
  parse_any(category, bytes, parsed, kContents);
  return parsed;
}

bool is_known(v1::Category category) { return is_any(category, kContents); }

}  // namespace relais::sdk
