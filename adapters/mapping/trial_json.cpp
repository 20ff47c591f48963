#include <nlohmann/json.hpp>

#include "adapters/mapping/message_json.h"
#include "adapters/mapping/trial_report.h"

namespace relais::mapping {

namespace {

using Json = nlohmann::ordered_json;

Json place_json(const Place& place) {
  Json json = {{"record", place.record}};
  if (place.line != 0) json["line"] = place.line;
  if (!place.element.empty()) json["element"] = place.element;
  return json;
}

Json fault_json(const Fault& fault) {
  Json json = {{"rule", fault.rule}};
  if (!fault.field.empty()) json["field"] = fault.field;
  if (fault.line != 0) json["line"] = fault.line;
  if (fault.column != 0) json["column"] = fault.column;
  json["english"] = fault.english;
  json["french"] = fault.french;
  return json;
}

Json fault_list(const std::vector<Fault>& faults) {
  auto list = Json::array();
  for (const auto& fault : faults) list.push_back(fault_json(fault));
  return list;
}

Json lost_list(const std::vector<LostField>& lost) {
  auto list = Json::array();
  for (const auto& one : lost) {
    Json json = {{"field", one.field}, {"filled", one.filled}};
    if (!one.reason.empty()) json["reason"] = one.reason;
    list.push_back(std::move(json));
  }
  return list;
}

Json row_json(const SqlRow& row) {
  auto object = Json::object();
  for (const auto& [column, value] : row.columns) object[column] = value ? Json(*value) : Json(nullptr);
  return object;
}

}  // namespace

Json faults_json(const std::vector<MappingFault>& faults) {
  auto list = Json::array();
  for (const auto& fault : faults) {
    Json json = {{"file", fault.file}, {"line", fault.line}, {"key", fault.key}, {"problem", fault.problem}};
    if (!fault.allowed.empty()) json["allowed"] = fault.allowed;
    list.push_back(std::move(json));
  }
  return {{"faults", std::move(list)}};
}

Json reading_json(const Mapping& mapping, const std::string& sample, const ReadResult& result) {
  Json json = {{"mapping", mapping.name()}, {"sample", sample}, {"encoding", result.encoding}};
  json["refused"] = fault_list(result.file_faults);
  json["records"] = result.records;
  json["without_message"] = result.silent;
  json["messages"] = Json::array();
  for (const auto& message : result.messages) {
    auto one = message_json({message.envelope, message.contents, message.local});
    one["place"] = place_json(message.place);
    json["messages"].push_back(std::move(one));
  }
  json["rejects"] = Json::array();
  for (const auto& reject : result.rejects)
    json["rejects"].push_back({{"place", place_json(reject.place)}, {"faults", fault_list(reject.faults)}});
  json["not_carried"] = lost_list(result.loss.lost);
  json["not_filled"] = Json::object();
  for (const auto& one : result.loss.unfilled) json["not_filled"][one.kind] = one.fields;
  return json;
}

Json writing_json(const Mapping& mapping, const std::string& sample, const WriteResult& result) {
  Json json = {{"mapping", mapping.name()}, {"sample", sample}};
  json["documents"] = Json::array();
  for (const auto& document : result.documents) {
    const Json text(document.bytes);
    json["documents"].push_back({{"record", document.record},
                                 {"messages", document.messages},
                                 {"bytes", document.bytes.size()},
                                 {"text", Json::parse(text.dump(-1, ' ', false, Json::error_handler_t::replace))}});
  }
  json["rows"] = Json::array();
  for (const auto& row : result.rows)
    json["rows"].push_back({{"record", row.record}, {"message", row.message}, {"columns", row_json(row.row)}});
  json["failed"] = Json::array();
  for (const auto& failed : result.failed)
    json["failed"].push_back({{"message", failed.message}, {"faults", fault_list(failed.faults)}});
  json["without_record"] = result.without_record;
  json["notes"] = Json::array();
  for (const auto& note : result.notes)
    json["notes"].push_back(
        {{"message", note.message}, {"field", note.field}, {"english", note.english}, {"french", note.french}});
  json["not_carried"] = lost_list(result.lost);
  return json;
}

}  // namespace relais::mapping
