#include <algorithm>
#include <set>

#include "adapters/mapping/encoding.h"
#include "adapters/mapping/json_document.h"
#include "adapters/mapping/loss.h"
#include "adapters/mapping/source.h"
#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

/// Pointers of values that nothing took, with "*" for the items of lists.
void collect(const JsonValue& value, const std::string& path, const JsonValue* without, const InPlan& plan,
             std::set<std::string>& fields) {
  if (value.carried || &value == without) return;
  for (const auto& [name, below] : value.members)
    collect(below, name_below(path, "/", pointer_step(name)), without, plan, fields);
  for (const auto& item : value.items) collect(item, name_below(path, "/", "*"), without, plan, fields);
  if (value.is_scalar() && value.kind != JsonValue::Kind::null && has_value(value.text, plan))
    fields.insert(path.empty() ? "." : path);
}

class JsonRecord final : public SourceRecord {
 public:
  JsonRecord(const InPlan& plan, JsonValue& value) : plan_(&plan), value_(&value) {}

  std::vector<Found> find(const Selector& selector, bool take) override {
    std::vector<Found> found;
    for (auto& [value, pointer] : values_at(*value_, selector.text)) {
      const Spot spot{pointer, place.line, 0};
      if (value->kind == JsonValue::Kind::list && list_of_scalars(*value)) {
        for (auto& item : value->items) found.push_back(found_at(item, spot, take));
      } else {
        found.push_back(found_at(*value, spot, take));
      }
    }
    return found;
  }

  std::vector<std::unique_ptr<SourceRecord>> items(const Selector& each) override {
    std::vector<std::unique_ptr<SourceRecord>> list;
    for (auto& [value, pointer] : values_at(*value_, each.text)) {
      if (value->kind != JsonValue::Kind::list) continue;
      for (auto& item : value->items) {
        list.push_back(std::make_unique<JsonRecord>(*plan_, item));
        list.back()->place = place;
      }
    }
    return list;
  }

  std::string raw() const override { return json_text(*value_); }

  void collect_lost(std::set<std::string>& fields) const override { collect(*value_, {}, nullptr, *plan_, fields); }

 private:
  static bool list_of_scalars(const JsonValue& list) {
    return std::ranges::all_of(list.items, [](const JsonValue& item) { return item.is_scalar(); });
  }

  static Found found_at(JsonValue& value, const Spot& spot, bool take) {
    if (take) value.carried = value.is_scalar();
    return {value.text, value.kind == JsonValue::Kind::null, !value.is_scalar(), spot};
  }

  const InPlan* plan_;
  JsonValue* value_;
};

class JsonSource final : public Source {
 public:
  explicit JsonSource(const SourceInput& input) : plan_(&input.plan), file_(input.file) {
    // JSON is UTF-8 unless a mark or the mapping says otherwise; Windows-1252 is never guessed.
    const bool utf16 = input.bytes.starts_with("\xFF\xFE") || input.bytes.starts_with("\xFE\xFF");
    const auto encoding_name = plan_->encoding == "auto" && !utf16 ? std::string("utf-8") : plan_->encoding;
    auto said = decode(input.bytes, encoding_name);
    if (const auto* const bad = std::get_if<NotDecoded>(&said)) {
      faults.push_back(make_fault("file.encoding", {{}, bad->line, 0}, bad->encoding));
      return;
    }
    encoding = std::get<Decoded>(said).encoding;
    const auto& text = std::get<Decoded>(said).text;
    if (trimmed(text).empty())
      faults.push_back(make_fault("file.empty", {}));
    else if (plan_->json.lines)
      read_lines(text);
    else
      read_whole(text);
  }

  std::unique_ptr<SourceRecord> next() override {
    if (!faults.empty() || next_ == records_.size()) return nullptr;
    auto& [value, line, pointer] = records_[next_++];
    auto made = std::make_unique<JsonRecord>(*plan_, *value);
    made->place = {file_, line, next_, pointer};
    return made;
  }

  std::optional<std::string> expected(const Control& control) override {
    const auto found = values_at(root_, control.expected.text);
    if (found.size() != 1 || !found[0].first->is_scalar()) return std::nullopt;
    found[0].first->carried = true;
    return found[0].first->text;
  }

  void collect_lost(std::set<std::string>& fields) const override { collect(root_, {}, records_at_, *plan_, fields); }

 private:
  struct Entry {
    JsonValue* value;
    std::size_t line;
    std::string pointer;
  };

  void read_whole(std::string_view text) {
    auto parsed = parse_json(text);
    if (auto* const fault = std::get_if<Fault>(&parsed)) {
      faults.push_back(std::move(*fault));
      return;
    }
    root_ = std::move(std::get<JsonValue>(parsed));
    const auto found = values_at(root_, plan_->json.records);
    if (found.size() != 1 || found[0].first->is_scalar()) {
      faults.push_back(make_fault("json.no_records", {}, "\"" + plan_->json.records + "\""));
      return;
    }
    auto* const top = found[0].first;
    records_at_ = top;
    if (top->kind == JsonValue::Kind::object) {
      records_.push_back({top, 0, plan_->json.records});
      return;
    }
    for (std::size_t i = 0; i < top->items.size(); ++i)
      records_.push_back({&top->items[i], 0, plan_->json.records + "/" + std::to_string(i)});
  }

  void read_lines(std::string_view text) {
    std::vector<std::size_t> lines;
    root_.kind = JsonValue::Kind::list;
    std::size_t number = 0;
    while (!text.empty()) {
      ++number;
      const auto end = std::min(text.find('\n'), text.size());
      const auto line = trimmed(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.empty()) continue;
      auto parsed = parse_json(line, number);
      if (auto* const fault = std::get_if<Fault>(&parsed)) {
        faults.push_back(std::move(*fault));
        return;
      }
      root_.items.push_back(std::move(std::get<JsonValue>(parsed)));
      lines.push_back(number);
    }
    records_at_ = &root_;
    for (std::size_t i = 0; i < lines.size(); ++i) records_.push_back({&root_.items[i], lines[i], {}});
  }

  const InPlan* plan_;
  std::string file_;
  JsonValue root_;
  const JsonValue* records_at_ = nullptr;
  std::vector<Entry> records_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Source> open_json(const SourceInput& input) { return std::make_unique<JsonSource>(input); }

}  // namespace relais::mapping
