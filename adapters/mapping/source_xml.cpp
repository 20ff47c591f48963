#include <map>
#include <set>

#include "adapters/mapping/loss.h"
#include "adapters/mapping/source.h"
#include "adapters/mapping/utf8.h"
#include "adapters/mapping/xml_document.h"

namespace relais::mapping {

namespace {

constexpr std::size_t kSchemaFaultsMax = 20;  // for one record, or for the rest of the document

/// Marks nodes that somebody took: libxml2 leaves `_private` to its user.
char carried_mark;
/// Marks the elements of records, so that what is outside of them can be told apart.
char record_mark;

bool is_carried(const xmlNode& node) { return node._private == &carried_mark; }

bool is_instance_attribute(const xmlNode& node) {
  return node.ns != nullptr && node.ns->href != nullptr &&
         std::string_view(reinterpret_cast<const char*>(node.ns->href)) == "http://www.w3.org/2001/XMLSchema-instance";
}

/// Names of elements and attributes below `node` that have a text of their own which nothing took.
void collect(const xmlNode& node, const std::string& path, const InPlan& plan, std::set<std::string>& fields) {
  if (is_carried(node)) return;
  for (const auto* attribute = node.properties; attribute != nullptr; attribute = attribute->next) {
    const auto& one = *reinterpret_cast<const xmlNode*>(attribute);  // libxml2's own view: the structures begin alike
    if (!is_carried(one) && !is_instance_attribute(one) && has_value(content_of(one), plan))
      fields.insert(name_below(path, path.empty() ? "@" : "/@", qualified_name(one)));
  }
  for (const auto* child = node.children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE) {
      if (child->_private == &record_mark) continue;
      collect(*child, name_below(path, path.empty() || path == "/" ? "" : "/", qualified_name(*child)), plan, fields);
    } else if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
      if (!is_carried(*child) && has_value(content_of(*child), plan)) fields.insert(path.empty() ? "." : path);
    }
  }
}

class XmlRecord final : public SourceRecord {
 public:
  XmlRecord(const InPlan& plan, xmlDoc& document, XPaths& paths, xmlNode& node)
      : plan_(&plan), document_(&document), paths_(&paths), node_(&node) {}

  std::vector<Found> find(const Selector& selector, bool take) override {
    auto result = paths_->find(selector.text, node_);
    if (result.scalar) return {{std::move(*result.scalar), false, false, {selector.text, line_of(*node_), 0}}};
    std::vector<Found> found;
    for (auto* const node : result.nodes) {
      if (take && node->_private == nullptr) node->_private = &carried_mark;
      found.push_back({content_of(*node), false, false, {selector.text, line_of(*node), 0}});
    }
    return found;
  }

  std::vector<std::unique_ptr<SourceRecord>> items(const Selector& each) override {
    std::vector<std::unique_ptr<SourceRecord>> list;
    for (auto* const node : paths_->find(each.text, node_).nodes) {
      list.push_back(std::make_unique<XmlRecord>(*plan_, *document_, *paths_, *node));
      list.back()->place = place;
      list.back()->place.line = line_of(*node);
    }
    return list;
  }

  std::string raw() const override { return markup_of(*document_, *node_); }

  void collect_lost(std::set<std::string>& fields) const override { collect(*node_, {}, *plan_, fields); }

 private:
  const InPlan* plan_;
  xmlDoc* document_;
  XPaths* paths_;
  xmlNode* node_;
};

class XmlSource final : public Source {
 public:
  explicit XmlSource(const SourceInput& input) : plan_(&input.plan), file_(input.file) {
    auto parsed = parse_xml(input.bytes, input.plan.encoding, encoding);
    if (auto* const fault = std::get_if<Fault>(&parsed)) {
      faults.push_back(std::move(*fault));
      return;
    }
    document_ = std::move(std::get<XmlDocument>(parsed));
    paths_ = std::make_unique<XPaths>(*document_, plan_->xml.namespaces);
    for (auto* const node : paths_->find(plan_->xml.records, nullptr).nodes) {
      if (node->type != XML_ELEMENT_NODE) continue;
      node->_private = &record_mark;
      records_.push_back(node);
    }
    if (!plan_->xml.schema.empty()) validate();
    if (records_.empty() && faults.empty()) faults.push_back(make_fault("xml.no_records", {}, plan_->xml.records));
  }

  std::unique_ptr<SourceRecord> next() override {
    if (!faults.empty() || next_ == records_.size()) return nullptr;
    auto& node = *records_[next_++];
    auto made = std::make_unique<XmlRecord>(*plan_, *document_, *paths_, node);
    made->place = {file_, line_of(node), next_, path_of(node)};
    if (const auto found = invalid_.find(&node); found != invalid_.end()) made->faults = std::move(found->second);
    return made;
  }

  std::optional<std::string> expected(const Control& control) override {
    auto result = paths_->find(control.expected.text, nullptr);
    if (result.scalar) return result.scalar;
    if (result.nodes.size() != 1) return std::nullopt;
    result.nodes[0]->_private = &carried_mark;
    return content_of(*result.nodes[0]);
  }

  void collect_lost(std::set<std::string>& fields) const override {
    const auto& root = *::xmlDocGetRootElement(document_.get());
    if (root._private != &record_mark) collect(root, "/" + qualified_name(root), *plan_, fields);
  }

 private:
  /// What does not fit the schema inside a record is that record's fault; elsewhere it is the document's.
  void validate() {
    for (auto& [node, fault] : validate_xml(*document_, plan_->xml.schema)) {
      const auto* record = node;
      while (record != nullptr && record->_private != &record_mark) record = record->parent;
      auto& list = record == nullptr ? faults : invalid_[record];
      if (list.size() < kSchemaFaultsMax) list.push_back(std::move(fault));
    }
  }

  const InPlan* plan_;
  std::string file_;
  std::map<const xmlNode*, std::vector<Fault>> invalid_;
  XmlDocument document_;
  std::unique_ptr<XPaths> paths_;
  std::vector<xmlNode*> records_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Source> open_xml(const SourceInput& input) { return std::make_unique<XmlSource>(input); }

}  // namespace relais::mapping
