// XML schemas (XSD) by libxml2.
#include <algorithm>
#include <cstring>
#include <limits>

#include <libxml/xmlschemas.h>

#include "adapters/mapping/rule.h"
#include "adapters/mapping/xml_document.h"
#include "adapters/mapping/xml_text.h"

namespace relais::mapping {

namespace {

constexpr std::size_t kFaultsMax = 100'000;
constexpr auto kInstanceUri = "http://www.w3.org/2001/XMLSchema-instance";

struct FreeSchema {
  void operator()(xmlSchema* schema) const { ::xmlSchemaFree(schema); }
};
struct FreeSchemaParser {
  void operator()(xmlSchemaParserCtxt* parser) const { ::xmlSchemaFreeParserCtxt(parser); }
};
struct FreeValidator {
  void operator()(xmlSchemaValidCtxt* validator) const { ::xmlSchemaFreeValidCtxt(validator); }
};

std::unique_ptr<xmlSchema, FreeSchema> compile(const std::string& text) {
  prepare_libxml();
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return nullptr;
  const std::unique_ptr<xmlSchemaParserCtxt, FreeSchemaParser> parser(
      ::xmlSchemaNewMemParserCtxt(text.data(), static_cast<int>(text.size())));
  if (!parser) throw std::bad_alloc();
  ::xmlSchemaSetParserStructuredErrors(parser.get(), say_nothing, nullptr);
  return std::unique_ptr<xmlSchema, FreeSchema>(::xmlSchemaParse(parser.get()));
}

/// The name that the XML Schema recommendation gives to the rule. libxml2's own sentence quotes values.
std::string rule_name(int code) {
  switch (code) {
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1:
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_2:
    case XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_3:
      return "type";
    case XML_SCHEMAV_CVC_PATTERN_VALID:
      return "pattern";
    case XML_SCHEMAV_CVC_ENUMERATION_VALID:
      return "enumeration";
    case XML_SCHEMAV_CVC_LENGTH_VALID:
      return "length";
    case XML_SCHEMAV_CVC_MINLENGTH_VALID:
      return "minLength";
    case XML_SCHEMAV_CVC_MAXLENGTH_VALID:
      return "maxLength";
    case XML_SCHEMAV_CVC_TOTALDIGITS_VALID:
      return "totalDigits";
    case XML_SCHEMAV_CVC_FRACTIONDIGITS_VALID:
      return "fractionDigits";
    case XML_SCHEMAV_ELEMENT_CONTENT:
      return "unexpected or missing element";
    case XML_SCHEMAV_CVC_ELT_1:
      return "unknown element";
    default:
      return "rule " + std::to_string(code);
  }
}

void on_error(void* faults, xmlError* error) {
  auto& list = *static_cast<std::vector<SchemaFault>*>(faults);
  if (list.size() >= kFaultsMax) return;
  const auto* const node = static_cast<const xmlNode*>(error->node);
  // A facet is reported, and then the type that it belongs to at the same element: once is enough.
  if (!list.empty() && node != nullptr && list.back().node == node) return;
  const Spot spot{node == nullptr ? std::string() : qualified_name(*node),
                  node == nullptr ? static_cast<std::size_t>(std::max(error->line, 0)) : line_of(*node), 0};
  list.push_back({node, make_fault("xml.schema", spot, rule_name(error->code))});
}

void drop_schema_locations(xmlNode* node) {
  for (; node != nullptr; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    for (const auto* const name : {"schemaLocation", "noNamespaceSchemaLocation"}) {
      auto* const attribute = ::xmlHasNsProp(node, xml_text(name), xml_text(kInstanceUri));
      if (attribute != nullptr) ::xmlRemoveProp(attribute);
    }
    drop_schema_locations(node->children);
  }
}

}  // namespace

bool is_schema(const std::string& schema) { return compile(schema) != nullptr; }

std::vector<SchemaFault> validate_xml(xmlDoc& document, const std::string& schema) {
  std::vector<SchemaFault> faults;
  const auto compiled = compile(schema);
  drop_schema_locations(::xmlDocGetRootElement(&document));
  const std::unique_ptr<xmlSchemaValidCtxt, FreeValidator> validator(::xmlSchemaNewValidCtxt(compiled.get()));
  if (!validator) throw std::bad_alloc();
  ::xmlSchemaSetValidStructuredErrors(validator.get(), on_error, &faults);
  if (::xmlSchemaValidateDoc(validator.get(), &document) != 0 && faults.empty())
    faults.push_back({nullptr, make_fault("xml.schema", {}, "validation failed")});
  return faults;
}

}  // namespace relais::mapping
