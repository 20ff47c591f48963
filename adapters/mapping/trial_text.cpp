#include <algorithm>

#include "adapters/mapping/content_types.h"
#include "adapters/mapping/message_json.h"
#include "adapters/mapping/trial_report.h"
#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

constexpr std::size_t kGap = 2;

/// Two columns, the first padded to the longest of its texts (in characters).
std::string table(const std::vector<std::pair<std::string, std::string>>& lines) {
  std::size_t width = 0;
  for (const auto& [left, right] : lines) width = std::max(width, count_characters(left));
  std::string text;
  for (const auto& [left, right] : lines)
    text += "  " + left + std::string(width - count_characters(left) + kGap, ' ') + right + "\n";
  return text;
}

std::string place_text(const Place& place) {
  if (place.line != 0) return "line " + std::to_string(place.line);
  if (!place.element.empty()) return place.element;
  return "record " + std::to_string(place.record);
}

std::string lost_text(const std::vector<LostField>& lost, std::string_view unit) {
  if (lost.empty()) return {};
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& one : lost) {
    const auto reason = one.reason.empty() ? std::string("(no reason given in not_carried)") : one.reason;
    lines.emplace_back(one.field, std::to_string(one.filled) + " " + std::string(unit) + "  " + reason);
  }
  return "\nNot carried\n" + table(lines);
}

std::string unfilled_text(const std::vector<UnfilledFields>& unfilled) {
  std::string text;
  for (const auto& one : unfilled) {
    text += "\nNever filled in " + one.kind + "\n";
    std::string line = " ";
    for (const auto& field : one.fields) {
      if (line.size() + field.size() > 110) {
        text += line + "\n";
        line = " ";
      }
      line += " " + field;
    }
    text += line + "\n";
  }
  return text;
}

std::string faults_of(const Place& place, const std::vector<Fault>& faults) {
  std::string lines;
  for (const auto& fault : faults) lines += "  " + text(place, fault) + "\n";
  return lines;
}

}  // namespace

std::string faults_text(const std::vector<MappingFault>& faults) {
  std::string lines;
  for (const auto& fault : faults) lines += text(fault) + "\n";
  return lines;
}

std::string reading_text(const Mapping& mapping, const std::string& sample, const ReadResult& result) {
  std::string report = "Mapping " + mapping.name() + ", sample " + sample;
  if (!result.encoding.empty()) report += " (" + result.encoding + ")";
  report += "\n";
  if (result.refused()) {
    Place whole;
    whole.file = sample;
    return report + "\nThe whole document is refused\n" + faults_of(whole, result.file_faults);
  }
  report += std::to_string(result.records) + " records: " + std::to_string(result.messages.size()) + " messages, " +
            std::to_string(result.rejects.size()) + " records rejected, " + std::to_string(result.silent) +
            " without message. Nothing was sent.\n";
  std::size_t number = 0;
  for (const auto& message : result.messages) {
    report += "\nMessage " + std::to_string(++number) + ": " + std::string(name_of(message.envelope.body_case())) +
              " (" + place_text(message.place) + ")\n";
    report += table(message_lines({message.envelope, message.contents, message.local}));
  }
  for (const auto& reject : result.rejects)
    report += "\nRejected: " + place_text(reject.place) + "\n" + faults_of(reject.place, reject.faults);
  return report + lost_text(result.loss.lost, "records") + unfilled_text(result.loss.unfilled);
}

std::string writing_text(const Mapping& mapping, const std::string& sample, const WriteResult& result) {
  std::string report = "Mapping " + mapping.name() + ", messages of " + sample + ". Nothing was written.\n";
  for (const auto& document : result.documents)
    report += "\nDocument of " + document.record + ", " + std::to_string(document.messages.size()) + " messages, " +
              std::to_string(document.bytes.size()) + " bytes\n" + document.bytes + "\n";
  for (const auto& row : result.rows) {
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& [column, value] : row.row.columns) lines.emplace_back(column, value.value_or("NULL"));
    report += "\nRow of " + row.record + "\n" + table(lines);
  }
  for (const auto& failed : result.failed) {
    Place place;
    place.file = "message " + std::to_string(failed.message + 1);
    report += "\nNot written\n" + faults_of(place, failed.faults);
  }
  for (const auto index : result.without_record)
    report += "\nMessage " + std::to_string(index + 1) + ": no record is made of this kind\n";
  for (const auto& note : result.notes)
    report += "\nMessage " + std::to_string(note.message + 1) + ", " + note.field + ": " + note.english + "\n";
  return report + lost_text(result.lost, "messages");
}

}  // namespace relais::mapping
