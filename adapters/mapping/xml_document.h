// XML read safely: no DTD, no entity but the five, nothing fetched; and its XPaths. The only file that parses XML.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <libxml/tree.h>

#include "adapters/mapping/fault.h"

namespace relais::mapping {

struct FreeDocument {
  void operator()(xmlDoc* document) const;
};
using XmlDocument = std::unique_ptr<xmlDoc, FreeDocument>;

/// `encoding` "auto": what the document says of itself. `name` of the encoding found goes to `found`.
std::variant<XmlDocument, Fault> parse_xml(std::string_view bytes, const std::string& encoding, std::string& found);

/// A fault against the schema, at a node; nullptr when libxml2 names none.
struct SchemaFault {
  const xmlNode* node;
  Fault fault;
};

/// All faults of the document against the schema, up to 100,000. Removes xsi:schemaLocation attributes from the
/// document first: libxml2 would follow them.
std::vector<SchemaFault> validate_xml(xmlDoc& document, const std::string& schema);

/// Is a schema that stands alone.
bool is_schema(const std::string& schema);

bool is_xpath(const std::string& expression, const std::map<std::string, std::string>& namespaces);

/// Letters, digits, - _ . and no digit first; one prefix.
bool is_element_name(std::string_view name);

/// XPath on one document. One thread. Expressions are compiled once.
class XPaths {
 public:
  /// `document` outlives this object.
  XPaths(xmlDoc& document, const std::map<std::string, std::string>& namespaces);
  ~XPaths();
  XPaths(const XPaths&) = delete;
  XPaths& operator=(const XPaths&) = delete;

  struct Result {
    std::vector<xmlNode*> nodes;        // in document order; attributes and texts too
    std::optional<std::string> scalar;  // of an expression that computes a text, number or truth
  };

  /// From `node`; the document's root when nullptr. An expression that costs too much finds nothing.
  Result find(const std::string& expression, xmlNode* node);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Text of a node with everything below it.
std::string content_of(const xmlNode& node);

std::string markup_of(xmlDoc& document, xmlNode& node);

std::string path_of(const xmlNode& node);

std::size_t line_of(const xmlNode& node);

/// "prefix:name" as written.
std::string qualified_name(const xmlNode& node);

}  // namespace relais::mapping
