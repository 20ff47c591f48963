#include "adapters/mapping/xml_document.h"

#include <algorithm>
#include <limits>
#include <mutex>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "adapters/mapping/rule.h"
#include "adapters/mapping/utf8.h"
#include "adapters/mapping/xml_text.h"

namespace relais::mapping {

namespace {

constexpr std::size_t kPartsMax = 5'000'000;  // elements and attributes together
constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES;

/// What our handlers tell about a parse.
struct Watch {
  bool dtd = false;
  bool too_many = false;
  std::size_t parts = 0;
};

Watch& watch_of(void* context) { return *static_cast<Watch*>(static_cast<xmlParserCtxt*>(context)->_private); }

/// Called at "<!DOCTYPE", before anything that it declares.
void on_dtd(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  watch_of(context).dtd = true;
  ::xmlStopParser(static_cast<xmlParserCtxt*>(context));
}

void on_element(void* context, const xmlChar* local, const xmlChar* prefix, const xmlChar* uri, int namespaces,
                const xmlChar** declared, int attributes, int defaulted, const xmlChar** values) {
  auto& watch = watch_of(context);
  watch.parts += 1U + static_cast<std::size_t>(attributes);
  if (watch.parts > kPartsMax) {
    watch.too_many = true;
    ::xmlStopParser(static_cast<xmlParserCtxt*>(context));
    return;
  }
  ::xmlSAX2StartElementNs(context, local, prefix, uri, namespaces, declared, attributes, defaulted, values);
}

xmlParserInput* fetch_nothing(const char*, const char*, xmlParserCtxt*) { return nullptr; }

struct FreeParser {
  void operator()(xmlParserCtxt* parser) const {
    if (parser->myDoc != nullptr) ::xmlFreeDoc(parser->myDoc);
    ::xmlFreeParserCtxt(parser);
  }
};

std::string encoding_of(const xmlDoc& document) {
  return document.encoding == nullptr ? "utf-8" : folded(text_of(document.encoding));
}

Fault malformed(const xmlParserCtxt& parser, std::string_view bytes) {
  const auto& error = parser.lastError;
  const auto line = error.line > 0 ? static_cast<std::size_t>(error.line) : 0;
  const auto column = error.int2 > 0 ? static_cast<std::size_t>(error.int2) : 0;
  if (trimmed(bytes).empty()) return make_fault("file.empty", {});
  const bool encoding = error.code == XML_ERR_INVALID_ENCODING || error.code == XML_ERR_UNSUPPORTED_ENCODING ||
                        error.code == XML_ERR_UNKNOWN_ENCODING || error.code == XML_I18N_CONV_FAILED;
  if (encoding) return make_fault("file.encoding", {{}, line, 0}, "that it declares");
  return make_fault("xml.malformed", {{}, line, column}, std::to_string(error.code));
}

}  // namespace

void prepare_libxml() {
  static std::once_flag once;
  std::call_once(once, [] {
    ::xmlInitParser();
    // Whatever a document or a schema names stays unread, in the whole process.
    ::xmlSetExternalEntityLoader(fetch_nothing);
  });
  // libxml2 keeps this per thread. Without it, some errors go to the standard error with bytes of the document.
  ::xmlSetStructuredErrorFunc(nullptr, say_nothing);
}

void FreeDocument::operator()(xmlDoc* document) const { ::xmlFreeDoc(document); }

std::variant<XmlDocument, Fault> parse_xml(std::string_view bytes, const std::string& encoding, std::string& found) {
  prepare_libxml();
  const std::unique_ptr<xmlParserCtxt, FreeParser> parser(::xmlNewParserCtxt());
  if (!parser) throw std::bad_alloc();
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return make_fault("file.too_large", {}, std::to_string(std::numeric_limits<int>::max()));
  Watch watch;
  parser->_private = &watch;
  parser->sax->internalSubset = on_dtd;
  parser->sax->startElementNs = on_element;
  XmlDocument document(::xmlCtxtReadMemory(parser.get(), bytes.data(), static_cast<int>(bytes.size()), nullptr,
                                           encoding == "auto" ? nullptr : encoding.c_str(), kOptions));
  if (watch.dtd) return make_fault("xml.dtd", {});
  if (watch.too_many) return make_fault("file.too_many_values", {}, std::to_string(kPartsMax));
  if (!document || ::xmlDocGetRootElement(document.get()) == nullptr) return malformed(*parser, bytes);
  found = encoding == "auto" ? encoding_of(*document) : encoding;
  return document;
}

bool is_element_name(std::string_view name) {
  const auto colon = name.find(':');
  if (colon != std::string_view::npos)
    return name.find(':', colon + 1) == std::string_view::npos && is_element_name(name.substr(0, colon)) &&
           is_element_name(name.substr(colon + 1));
  const std::string text(name);
  return !text.empty() && ::xmlValidateNCName(xml_text(text), 0) == 0;
}

std::string content_of(const xmlNode& node) {
  const auto text = owned(::xmlNodeGetContent(&node));
  return text ? text_of(text.get()) : std::string();
}

std::string markup_of(xmlDoc& document, xmlNode& node) {
  auto* const buffer = ::xmlBufferCreate();
  if (buffer == nullptr) throw std::bad_alloc();
  ::xmlNodeDump(buffer, &document, &node, 0, 0);
  const auto text = text_of(::xmlBufferContent(buffer));
  ::xmlBufferFree(buffer);
  return text;
}

std::string path_of(const xmlNode& node) {
  const auto path = owned(::xmlGetNodePath(&node));
  return path ? text_of(path.get()) : std::string();
}

std::size_t line_of(const xmlNode& node) {
  const auto* const element = node.type == XML_ATTRIBUTE_NODE ? node.parent : &node;
  const auto line = ::xmlGetLineNo(element);
  return line > 0 ? static_cast<std::size_t>(line) : 0;
}

std::string qualified_name(const xmlNode& node) {
  const auto name = text_of(node.name);
  const bool prefixed = node.ns != nullptr && node.ns->prefix != nullptr;
  return prefixed ? text_of(node.ns->prefix) + ":" + name : name;
}

}  // namespace relais::mapping
