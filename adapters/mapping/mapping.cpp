#include "adapters/mapping/mapping.h"

#include "adapters/mapping/reader.h"
#include "adapters/mapping/writer.h"
#include "broker/base/check.h"

namespace relais::mapping {

namespace {

std::unique_ptr<Source> open(const SourceInput& input) {
  switch (input.plan.format) {
    case Format::csv:
      return open_csv(input);
    case Format::fixed:
      return open_fixed(input);
    case Format::xml:
      return open_xml(input);
    case Format::json:
      return open_json(input);
    case Format::sql:
      break;
  }
  base::check(false, "rows of a database are read by read_rows");
  return nullptr;
}

}  // namespace

std::string_view name(Format format) {
  switch (format) {
    case Format::csv:
      return "csv";
    case Format::fixed:
      return "fixed";
    case Format::xml:
      return "xml";
    case Format::json:
      return "json";
    case Format::sql:
      break;
  }
  return "sql";
}

const std::string& Mapping::name() const { return plan_->name; }

std::optional<Format> Mapping::in_format() const { return plan_->in ? std::optional(plan_->in->format) : std::nullopt; }

std::optional<Format> Mapping::out_format() const {
  return plan_->out ? std::optional(plan_->out->format) : std::nullopt;
}

std::vector<std::string> Mapping::records() const {
  std::vector<std::string> names;
  if (plan_->out)
    for (const auto& record : plan_->out->records) names.push_back(record.name);
  return names;
}

ReadResult Mapping::read(std::string_view bytes, std::string_view file_name) const {
  base::check(plan_->in.has_value(), "the mapping has a direction in");
  const auto& plan = *plan_->in;
  if (bytes.size() > plan.max_file_bytes) {
    ReadResult refused;
    refused.file_faults.push_back(make_fault("file.too_large", {}, std::to_string(plan.max_file_bytes)));
    return refused;
  }
  const auto source = open({plan, bytes, std::string(file_name)});
  return read_document(*source, plan);
}

std::vector<std::string> Mapping::raw_records(std::string_view bytes, const std::set<std::size_t>& ordinals) const {
  base::check(plan_->in.has_value(), "the mapping has a direction in");
  const auto source = open({*plan_->in, bytes, {}});
  std::vector<std::string> texts;
  for (std::size_t ordinal = 1; texts.size() < ordinals.size(); ++ordinal) {
    const auto record = source->next();
    if (!record) break;
    if (ordinals.contains(ordinal)) texts.push_back(record->raw());
  }
  return texts;
}

ReadResult Mapping::read_rows(std::span<const SqlRow> rows, std::string_view table) const {
  base::check(plan_->in && plan_->in->format == Format::sql, "the mapping reads rows");
  const auto source = open_rows(*plan_->in, rows, std::string(table));
  return read_document(*source, *plan_->in);
}

bool Mapping::writes(v1::Envelope::BodyCase body) const {
  return plan_->out && record_for(*plan_->out, body) != nullptr;
}

WriteResult Mapping::write(std::span<const OutgoingMessage> messages) const {
  base::check(plan_->out.has_value(), "the mapping has a direction out");
  return write_messages(*plan_->out, messages);
}

}  // namespace relais::mapping
