#include "adapters/sdk/links.h"

#include <string>

namespace relais::sdk {

namespace {

std::string_view kind_name(LinkKind kind) {
  switch (kind) {
    case LinkKind::referral:
      return "referral";
    case LinkKind::parcours:
      return "parcours";
    case LinkKind::appointment:
      return "appointment";
  }
  return "referral";
}

/// Institution ids and kinds hold no '/', so the last part may hold anything.
std::string key(std::string_view direction, std::string_view institution, LinkKind kind, std::string_view last) {
  std::string text = "~";
  for (const auto part : {direction, institution, kind_name(kind)}) text.append(part).append("/");
  return text.append(last);
}

std::string by_reference(std::string_view institution, LinkKind kind, std::string_view reference) {
  return key("id", institution, kind, reference);
}

std::string by_id(std::string_view institution, LinkKind kind, std::string_view id) {
  return key("reference", institution, kind, id);
}

}  // namespace

std::optional<std::string> Links::id(std::string_view institution, LinkKind kind, std::string_view reference) const {
  return store_.get(by_reference(institution, kind, reference));
}

std::optional<std::string> Links::reference(std::string_view institution, LinkKind kind, std::string_view id) const {
  return store_.get(by_id(institution, kind, id));
}

Notes Links::link(std::string_view institution, LinkKind kind, std::string_view reference, std::string_view id) const {
  Notes notes;
  if (const auto old = this->id(institution, kind, reference); old && *old != id)
    notes.push_back({by_id(institution, kind, *old), std::nullopt});
  if (const auto old = this->reference(institution, kind, id); old && *old != reference)
    notes.push_back({by_reference(institution, kind, *old), std::nullopt});
  notes.push_back({by_reference(institution, kind, reference), std::string(id)});
  notes.push_back({by_id(institution, kind, id), std::string(reference)});
  return notes;
}

Notes Links::unlink(std::string_view institution, LinkKind kind, std::string_view reference) const {
  Notes notes{{by_reference(institution, kind, reference), std::nullopt}};
  if (const auto id = this->id(institution, kind, reference))
    notes.push_back({by_id(institution, kind, *id), std::nullopt});
  return notes;
}

}  // namespace relais::sdk
