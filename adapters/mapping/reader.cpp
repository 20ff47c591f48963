#include "adapters/mapping/reader.h"

#include <algorithm>
#include <map>
#include <memory>

#include "adapters/mapping/field_check.h"
#include "adapters/mapping/utf8.h"
#include "adapters/mapping/value.h"
#include "broker/base/ids.h"

namespace relais::mapping {

namespace {

constexpr std::size_t kFaultsMax = 100;

/// A message while its fields come in.
class Assembly {
 public:
  Assembly(SourceRecord& record, const InPlan& plan, Body kind, std::vector<Fault>& faults)
      : record_(&record), plan_(&plan), kind_(kind), faults_(&faults) {
    envelope_.GetReflection()->MutableMessage(&envelope_, body_field(kind));
  }

  void add_field(const InField& field) {
    if (!for_this_kind(field.kinds) || (field.to.root == Root::body && field.to.steps_for(kind_) == nullptr)) return;
    if (!holds(*record_, field.intake.when, *plan_)) return;
    const auto* const leaf = field.to.leaf();
    const bool several = leaf != nullptr && leaf->is_repeated();
    const auto values = take_values(*record_, field.intake, *plan_, several, *faults_);
    if (values.texts.empty()) return;
    if (!given_.insert(field.to.text).second && !several) {
      faults_->push_back(make_fault("field.twice", values.spot, field.to.text));
      return;
    }
    filled_.insert(field.to.plain);
    if (field.to.root == Root::local)
      set_local(field.to.local, values);
    else
      set_values(root_of(field.to), *field.to.steps_for(kind_), values);
  }

  void add_list(const ListRule& list) {
    if (!for_this_kind(list.kinds) || !holds(*record_, list.when, *plan_)) return;
    const auto items = record_->items(list.each);
    if (items.size() > list.max) {
      faults_->push_back(
          make_fault("list.too_long", {list.each.text, record_->place.line, 0}, std::to_string(list.max)));
      return;
    }
    for (const auto& item : items) add_item_of(list, *item);
  }

  ReadMessage finish() {
    ReadMessage read;
    for (auto& [category, content] : contents_) {
      drop_empty_items(*content);
      if (content->ByteSizeLong() == 0) continue;
      read.message.contents.push_back({category, content->SerializeAsString()});
    }
    if (const auto missing = check_body(envelope_); !missing.rule.empty() && faults_->empty())
      faults_->push_back(make_fault(missing.rule, {source_of(missing.path), record_->place.line, 0}, missing.detail));
    read.message.envelope = std::move(envelope_);
    read.message.local = std::move(local_);
    read.message.place = record_->place;
    read.filled = std::move(filled_);
    return read;
  }

 private:
  bool for_this_kind(const std::vector<Body>& kinds) const {
    return kinds.empty() || std::ranges::find(kinds, kind_) != kinds.end();
  }

  google::protobuf::Message& root_of(const FieldPath& path) {
    if (path.root == Root::envelope) return envelope_;
    if (path.root == Root::body) return *envelope_.GetReflection()->MutableMessage(&envelope_, body_field(kind_));
    auto& content = contents_[path.category];
    if (!content) content = new_content(path.category);
    return *content;
  }

  void set_values(google::protobuf::Message& root, const Steps& steps, const Values& values) {
    for (const auto& text : values.texts) {
      std::string detail;
      auto rule = check_field(*steps.back().field, text, detail);
      if (rule.empty()) rule = put(root, steps, text, detail);
      if (!rule.empty()) faults_->push_back(make_fault(rule, values.spot, detail));
    }
  }

  void set_local(const std::string& name, const Values& values) {
    const auto& text = values.texts.front();
    if (name == "reference") local_.reference = text;
    if (name == "appointment") local_.appointment = text;
    if (name != "referral") return;
    const auto id = base::id_bytes(text);
    if (!id || id->size() != base::ReferralId::kBytes) {
      faults_->push_back(make_fault("id.format", values.spot));
      return;
    }
    envelope_.set_referral_id(*id);
    local_.referral = base::id_text(*id);
  }

  void add_item_of(const ListRule& list, SourceRecord& item) {
    std::vector<std::pair<const ListField*, Values>> found;
    bool any = false;
    for (const auto& field : list.fields) {
      if (!holds(item, field.intake.when, *plan_)) continue;
      auto values = take_values(item, field.intake, *plan_, field.to.back().field->is_repeated(), *faults_);
      any = any || (!values.texts.empty() && !field.intake.constant);
      found.emplace_back(&field, std::move(values));
    }
    if (!any) return;
    auto& target = add_item(root_of(list.to), list.to.steps);
    for (const auto& [field, values] : found) set_values(target, field->to, values);
    filled_.insert(list.to.plain);
  }

  /// An index chosen by the mapping may leave gaps before it.
  static void drop_empty_items(google::protobuf::Message& message) {
    const auto& type = *message.GetDescriptor();
    const auto& reflect = *message.GetReflection();
    for (int i = 0; i < type.field_count(); ++i) {
      const auto* const field = type.field(i);
      if (!field->is_repeated() || field->message_type() == nullptr) continue;
      int kept = 0;
      for (int j = 0; j < reflect.FieldSize(message, field); ++j)
        if (reflect.GetRepeatedMessage(message, field, j).ByteSizeLong() != 0)
          reflect.SwapElements(&message, field, j, kept++);
      while (reflect.FieldSize(message, field) > kept) reflect.RemoveLast(&message, field);
    }
  }

  /// The source field that should have filled a path; the path itself when the mapping has none.
  std::string source_of(const std::string& path) const {
    for (const auto& field : plan_->fields)
      if (field.to.text == path && for_this_kind(field.kinds) && !field.intake.from.empty())
        return field.intake.from.front().text;
    return path;
  }

  SourceRecord* record_;
  const InPlan* plan_;
  Body kind_;
  std::vector<Fault>* faults_;
  v1::Envelope envelope_;
  LocalReferences local_;
  std::map<v1::Category, std::unique_ptr<google::protobuf::Message>> contents_;
  std::set<std::string> given_;
  std::set<std::string> filled_;
};

std::vector<Body> kinds_for(SourceRecord& record, const InPlan& plan, std::vector<Fault>& faults) {
  if (!plan.kind.from) return plan.kind.constant;
  Spot spot;
  const auto value = plain_value(record, *plan.kind.from, plan, spot);
  auto words = value.empty()                ? plan.kind.empty
               : plan.kind.table == nullptr ? std::nullopt
                                            : plan.kind.table->find(value);
  if (!words) words = plan.kind.default_value;
  if (!words) {
    const bool missing = value.empty();
    faults.push_back(
        make_fault(missing ? "field.required" : "code.unknown", spot, missing ? "" : plan.kind.table->name));
    return {};
  }
  return kinds_of(*words).value_or(std::vector<Body>{});
}

/// Several messages of one record find the same fault several times.
void drop_repeated(std::vector<Fault>& faults) {
  std::set<std::tuple<std::string, std::string, std::size_t, std::size_t>> seen;
  std::erase_if(faults,
                [&](const Fault& one) { return !seen.emplace(one.rule, one.field, one.line, one.column).second; });
  if (faults.size() > kFaultsMax) faults.resize(kFaultsMax);
}

}  // namespace

std::optional<std::vector<Body>> kinds_of(std::string_view words) {
  std::vector<Body> kinds;
  words = trimmed(words);
  if (words == "none") return kinds;
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    const auto kind = body_named(words.substr(0, end));
    if (!kind || is_notice(*kind)) return std::nullopt;
    kinds.push_back(*kind);
    words = trimmed(words.substr(end));
  }
  return kinds.empty() ? std::nullopt : std::optional(kinds);
}

std::vector<ReadMessage> read_record(SourceRecord& record, const InPlan& plan, std::vector<Fault>& faults) {
  std::vector<ReadMessage> messages;
  faults = record.faults;
  if (!faults.empty()) return messages;
  for (const auto kind : kinds_for(record, plan, faults)) {
    Assembly assembly(record, plan, kind, faults);
    for (const auto& field : plan.fields) assembly.add_field(field);
    for (const auto& list : plan.lists) assembly.add_list(list);
    messages.push_back(assembly.finish());
  }
  drop_repeated(faults);
  return messages;
}

}  // namespace relais::mapping
