// XPath by libxml2.
#include <new>

#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "adapters/mapping/xml_document.h"
#include "adapters/mapping/xml_text.h"

namespace relais::mapping {

namespace {

constexpr unsigned long kOperationsMax = 20'000'000;  // per evaluation: a second or two

struct FreeContext {
  void operator()(xmlXPathContext* context) const { ::xmlXPathFreeContext(context); }
};
struct FreeExpression {
  void operator()(xmlXPathCompExpr* expression) const { ::xmlXPathFreeCompExpr(expression); }
};
struct FreeObject {
  void operator()(xmlXPathObject* object) const { ::xmlXPathFreeObject(object); }
};
using Expression = std::unique_ptr<xmlXPathCompExpr, FreeExpression>;

std::unique_ptr<xmlXPathContext, FreeContext> make_context(xmlDoc* document,
                                                           const std::map<std::string, std::string>& namespaces) {
  prepare_libxml();
  std::unique_ptr<xmlXPathContext, FreeContext> context(::xmlXPathNewContext(document));
  if (!context) throw std::bad_alloc();
  context->error = say_nothing;
  context->opLimit = kOperationsMax;
  for (const auto& [prefix, uri] : namespaces) ::xmlXPathRegisterNs(context.get(), xml_text(prefix), xml_text(uri));
  return context;
}

}  // namespace

struct XPaths::Impl {
  std::unique_ptr<xmlXPathContext, FreeContext> context;
  std::map<std::string, Expression, std::less<>> compiled;

  xmlXPathCompExpr* compile(const std::string& expression) {
    const auto found = compiled.find(expression);
    if (found != compiled.end()) return found->second.get();
    Expression made(::xmlXPathCtxtCompile(context.get(), xml_text(expression)));
    return compiled.emplace(expression, std::move(made)).first->second.get();
  }
};

bool is_xpath(const std::string& expression, const std::map<std::string, std::string>& namespaces) {
  if (expression.empty()) return false;
  // Prefixes and functions are only looked up when an expression runs: it runs once, on an empty document.
  const XmlDocument empty(::xmlNewDoc(nullptr));
  if (!empty) throw std::bad_alloc();
  ::xmlDocSetRootElement(empty.get(), ::xmlNewDocNode(empty.get(), nullptr, xml_text("empty"), nullptr));
  const auto context = make_context(empty.get(), namespaces);
  const Expression made(::xmlXPathCtxtCompile(context.get(), xml_text(expression)));
  if (!made) return false;
  context->node = ::xmlDocGetRootElement(empty.get());
  const std::unique_ptr<xmlXPathObject, FreeObject> said(::xmlXPathCompiledEval(made.get(), context.get()));
  return said != nullptr;
}

XPaths::XPaths(xmlDoc& document, const std::map<std::string, std::string>& namespaces)
    : impl_(std::make_unique<Impl>()) {
  impl_->context = make_context(&document, namespaces);
}

XPaths::~XPaths() = default;

XPaths::Result XPaths::find(const std::string& expression, xmlNode* node) {
  Result result;
  auto* const compiled = impl_->compile(expression);
  if (compiled == nullptr) return result;
  auto& context = *impl_->context;
  context.node = node != nullptr ? node : ::xmlDocGetRootElement(context.doc);
  context.opCount = 0;
  const std::unique_ptr<xmlXPathObject, FreeObject> said(::xmlXPathCompiledEval(compiled, &context));
  if (!said) return result;
  if (said->type != XPATH_NODESET) {
    const auto text = owned(::xmlXPathCastToString(said.get()));
    result.scalar = text ? text_of(text.get()) : std::string();
    return result;
  }
  if (said->nodesetval == nullptr) return result;
  ::xmlXPathNodeSetSort(said->nodesetval);
  for (int i = 0; i < said->nodesetval->nodeNr; ++i) {
    auto* const one = said->nodesetval->nodeTab[i];
    if (one->type != XML_NAMESPACE_DECL) result.nodes.push_back(one);
  }
  return result;
}

}  // namespace relais::mapping
