#include "broker/admin/message_list.h"

#include "broker/admin/json.h"
#include "broker/engine/views.h"

namespace relais::admin {

MessagesAsked messages_asked(Parameters& given) {
  MessagesAsked asked;
  asked.filter.institution = given.text("institution");
  asked.filter.kind = given.word("kind", engine::views::message_kind_names());
  asked.filter.state = given.word("state", engine::views::delivery_state_names());
  asked.filter.from = given.time("from");
  asked.filter.until = given.time("until");
  asked.next = given.number("next", 0, 1, ~std::uint64_t{0});
  asked.most = given.limit();
  return asked;
}

void add_page_end(const engine::MessagePage& page, nlohmann::json& answer) {
  answer["examined"] = page.examined;
  answer["first"] = page.first;
  answer["last"] = page.last;
  answer["next"] = page.next == 0 ? nlohmann::json(nullptr) : nlohmann::json(page.next);
  answer["reached"] = page.reached ? nlohmann::json(iso_time(*page.reached)) : nlohmann::json(nullptr);
}

}  // namespace relais::admin
