// CSV (by libcsv) and fixed width.
#include <csv.h>

#include "adapters/mapping/encoding.h"
#include "adapters/mapping/utf8.h"
#include "adapters/mapping/writer.h"

namespace relais::mapping {

namespace {

void add_cell(const OutPlan& plan, const std::string& text, std::string& line) {
  const std::string special = std::string("\r\n") + plan.separator + plan.quote;
  const bool blank_edge = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!plan.quote_all && !blank_edge && text.find_first_of(special) == std::string::npos) {
    line += text;
    return;
  }
  std::string quoted(text.size() * 2 + 2, '\0');
  const auto size =
      csv_write2(quoted.data(), quoted.size(), text.data(), text.size(), static_cast<unsigned char>(plan.quote));
  line.append(quoted, 0, size);
}

}  // namespace

std::string csv_document(const OutPlan& plan, const OutRecord& record, const std::vector<RecordCells>& rows) {
  const auto places = places_of(record);
  std::string text;
  const auto add_line = [&](auto&& cell_of) {
    std::string line;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (i > 0) line += plan.separator;
      add_cell(plan, cell_of(places[i]), line);
    }
    text += line + plan.line_end;
  };
  std::size_t replaced = 0;
  if (plan.header)
    add_line([&](const std::string& place) { return representable(place, plan.encoding, plan.replacement, replaced); });
  for (const auto& row : rows) {
    add_line([&](const std::string& place) {
      const auto* const cell = cell_at(row, place);
      return cell == nullptr || cell->texts.empty() ? std::string() : cell->texts.front();
    });
  }
  return encode(text, plan.encoding, plan.mark);
}

std::string fixed_document(const OutPlan& plan, const OutRecord& record, const std::vector<RecordCells>& rows) {
  std::string text;
  for (const auto& row : rows) {
    std::vector<std::string> characters_of_line(record.line_characters, " ");
    for (const auto& cell : row.cells) {
      const auto& field = *cell.field;
      const std::string value = cell.texts.empty() ? std::string() : cell.texts.front();
      const auto length = count_characters(value);
      const auto padding = field.range.length - length;
      for (std::size_t i = 0; i < field.range.length; ++i) {
        const bool pad = field.align_right ? i < padding : i >= length;
        const auto at = field.align_right ? i - padding : i;
        characters_of_line[field.range.start - 1 + i] =
            pad ? std::string(1, field.pad) : std::string(characters(value, at, 1));
      }
    }
    for (const auto& one : characters_of_line) text += one;
    text += plan.line_end;
  }
  return encode(text, plan.encoding, plan.mark);
}

}  // namespace relais::mapping
