// XML (by libxml2) and JSON (by nlohmann).
#include <new>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <nlohmann/json.hpp>

#include "adapters/mapping/encoding.h"
#include "adapters/mapping/utf8.h"
#include "adapters/mapping/writer.h"
#include "adapters/mapping/xml_document.h"
#include "adapters/mapping/xml_text.h"

namespace relais::mapping {

namespace {

using Json = nlohmann::ordered_json;

xmlNode* add_element(xmlNode* parent, const std::string& name) {
  auto* const made = ::xmlNewChild(parent, nullptr, xml_text(name), nullptr);
  if (made == nullptr) throw std::bad_alloc();
  return made;
}

/// The last element below `parent` when it bears the name and holds elements, otherwise a new one.
xmlNode* shared_element(xmlNode* parent, const std::string& name) {
  auto* const last = ::xmlGetLastChild(parent);
  const bool same = last != nullptr && text_of(last->name) == name;
  const bool holds_text = same && last->children != nullptr && last->children->type == XML_TEXT_NODE;
  return same && !holds_text ? last : add_element(parent, name);
}

void add_text(xmlNode* node, const std::string& text) {
  ::xmlNodeAddContentLen(node, xml_text(text), static_cast<int>(text.size()));
}

void add_cell(xmlNode* record, const Cell& cell) {
  if (cell.texts.empty()) return;
  const auto& steps = cell.field->to_steps;
  auto* parent = record;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) parent = shared_element(parent, steps[i]);
  for (const auto& text : cell.texts) {
    if (steps.back().starts_with('@'))
      ::xmlNewProp(parent, xml_text(steps.back().substr(1)), xml_text(text));
    else
      add_text(add_element(parent, steps.back()), text);
  }
}

Json cell_value(const Cell& cell) {
  if (cell.texts.size() == 1 || cell.field->join) return cell.texts.front();
  auto list = Json::array();
  for (const auto& text : cell.texts) list.push_back(text);
  return list;
}

Json record_value(const RecordCells& row) {
  auto object = Json::object();
  for (const auto& cell : row.cells) {
    if (cell.texts.empty()) continue;
    Json* place = &object;
    for (const auto& step : cell.field->to_steps) place = &(*place)[step];
    *place = cell_value(cell);
  }
  return object;
}

}  // namespace

std::string xml_document(const OutPlan& plan, const OutRecord& record, const std::vector<RecordCells>& rows) {
  prepare_libxml();
  const XmlDocument document(::xmlNewDoc(xml_text("1.0")));
  if (!document) throw std::bad_alloc();
  auto* const root = ::xmlNewDocNode(document.get(), nullptr, xml_text(plan.root), nullptr);
  if (root == nullptr) throw std::bad_alloc();
  ::xmlDocSetRootElement(document.get(), root);
  if (!plan.root_namespace.empty()) ::xmlNewProp(root, xml_text("xmlns"), xml_text(plan.root_namespace));
  for (const auto& row : rows) {
    auto* const element = add_element(root, record.element);
    for (const auto& cell : row.cells) add_cell(element, cell);
  }
  xmlChar* bytes = nullptr;
  int size = 0;
  ::xmlDocDumpFormatMemoryEnc(document.get(), &bytes, &size, plan.encoding.c_str(), plan.indent ? 1 : 0);
  const auto held = owned(bytes);
  if (!held) throw std::bad_alloc();
  const std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  return plan.mark && plan.encoding == "utf-8" ? std::string(kUtf8Mark) + text : text;
}

std::string json_document(const OutPlan& plan, const OutRecord&, const std::vector<RecordCells>& rows) {
  const int indent = plan.indent ? 2 : -1;
  const auto dump = [&](const Json& value) { return value.dump(indent, ' ', false, Json::error_handler_t::replace); };
  std::string text;
  if (plan.shape == JsonShape::array) {
    auto list = Json::array();
    for (const auto& row : rows) list.push_back(record_value(row));
    text = dump(list) + "\n";
  } else {
    for (const auto& row : rows) text += dump(record_value(row)) + "\n";
  }
  return encode(text, plan.encoding, plan.mark);
}

}  // namespace relais::mapping
