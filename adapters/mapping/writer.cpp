#include "adapters/mapping/writer.h"

#include <algorithm>
#include <map>
#include <optional>

#include "adapters/mapping/encoding.h"
#include "adapters/mapping/loss.h"
#include "adapters/mapping/outgoing.h"
#include "adapters/mapping/rule.h"
#include "adapters/mapping/utf8.h"

namespace relais::mapping {

namespace {

bool for_kind(const OutField& field, Body kind) {
  return field.kinds.empty() || std::ranges::find(field.kinds, kind) != field.kinds.end();
}

/// Fills the cells of one message.
class CellWriter {
 public:
  CellWriter(const OutPlan& plan, const OpenedMessage& message, std::size_t index, std::vector<Fault>& faults,
             std::vector<WriteNote>& notes)
      : plan_(&plan), message_(&message), index_(index), faults_(&faults), notes_(&notes) {}

  Cell fill(const OutField& field) {
    Cell cell{&field, gather(field)};
    if (field.join && cell.texts.size() > 1) join(cell.texts, *field.join);
    if (cell.texts.empty() && field.default_value && !field.default_value->empty())
      cell.texts.push_back(*field.default_value);
    if (cell.texts.empty() && field.required) fail("field.required", field);
    const bool flat = plan_->format != Format::xml && plan_->format != Format::json;
    if (flat && cell.texts.size() > 1) fail("field.several", field);
    for (auto& text : cell.texts) {
      make_writable(text, field);
      fit(text, field);
    }
    return cell;
  }

 private:
  std::vector<std::string> gather(const OutField& field) {
    if (field.constant) return {*field.constant};
    std::vector<std::string> texts;
    for (const auto& path : field.from)
      for (auto& text : message_->values(path))
        if (form(text, path, field) && !text.empty()) texts.push_back(std::move(text));
    return texts;
  }

  /// Table, decimal sign, date or time.
  bool form(std::string& text, const FieldPath& path, const OutField& field) {
    const auto* const table = field.table != nullptr ? field.table : field.reverse_table;
    if (table != nullptr) {
      const auto meaning = field.table != nullptr ? table->find(text) : table->find_reverse(text);
      if (!meaning && !field.default_value) {
        fail("code.unknown", field, table->name);
        return false;
      }
      text = meaning ? *meaning : *field.default_value;
    }
    if (field.decimal != 0) std::ranges::replace(text, '.', field.decimal);
    if (!field.pattern) return true;
    if (const auto* const leaf = path.leaf(); leaf != nullptr && is_moment(*leaf)) {
      text = format_moment(std::stoll(text), *field.pattern, plan_->zone);
      return true;
    }
    if (auto date = format_date(text, *field.pattern))
      text = std::move(*date);
    else
      note(field, "the date is less precise than the pattern and stays as it is",
           "la date est moins précise que le modèle et reste telle quelle");
    return true;
  }

  static void join(std::vector<std::string>& texts, const std::string& between) {
    std::string whole;
    for (const auto& text : texts) whole += (whole.empty() ? "" : between) + text;
    texts = {std::move(whole)};
  }

  /// Control characters, line ends, characters that the encoding lacks, formulas.
  void make_writable(std::string& text, const OutField& field) {
    if (has_control_characters(text)) {
      replace_controls(text);
      note(field, "control characters are replaced", "des caractères de contrôle sont remplacés");
    }
    if (plan_->flatten_lines && text.find_first_of("\r\n") != std::string::npos) {
      flatten(text);
      note(field, "line ends became spaces", "des fins de ligne sont devenues des espaces");
    }
    // XML writes such characters as references: nothing is lost there.
    if (plan_->format != Format::xml && plan_->format != Format::sql) {
      std::size_t replaced = 0;
      text = representable(text, plan_->encoding, plan_->replacement, replaced);
      if (replaced != 0)
        note(field, std::to_string(replaced) + " characters that " + plan_->encoding + " lacks are replaced",
             std::to_string(replaced) + " caractères absents de " + plan_->encoding + " sont remplacés");
    }
    if (plan_->quote_formulas && !text.empty() &&
        std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) {
      text.insert(0, "'");
      note(field, "an apostrophe was put before it", "une apostrophe a été placée devant");
    }
  }

  void replace_controls(std::string& text) const {
    std::string kept;
    for (std::size_t i = 0; i < text.size();) {
      const auto bytes = character_bytes(text, i);
      const auto one = std::string_view(text).substr(i, bytes);
      kept += has_control_characters(one) ? std::string_view(plan_->replacement) : one;
      i += bytes;
    }
    text = std::move(kept);
  }

  static void flatten(std::string& text) {
    std::string kept;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
      kept += text[i] == '\r' || text[i] == '\n' ? ' ' : text[i];
    }
    text = std::move(kept);
  }

  void fit(std::string& text, const OutField& field) {
    auto most = field.max_chars == 0 ? text.size() : field.max_chars;
    if (plan_->format == Format::fixed) most = std::min(most, field.range.length);
    if (count_characters(text) <= most) return;
    if (!field.cut) {
      fail("field.too_long", field, std::to_string(most));
      return;
    }
    text = std::string(characters(text, 0, most));
    note(field, "cut to " + std::to_string(most) + " characters", "coupé à " + std::to_string(most) + " caractères");
  }

  void fail(std::string_view rule, const OutField& field, std::string_view detail = {}) {
    faults_->push_back(make_fault(rule, {field.to, 0, 0}, detail));
  }

  void note(const OutField& field, std::string english, std::string french) {
    notes_->push_back({index_, field.to, std::move(english), std::move(french)});
  }

  const OutPlan* plan_;
  const OpenedMessage* message_;
  std::size_t index_;
  std::vector<Fault>* faults_;
  std::vector<WriteNote>* notes_;
};

/// Everything about the records of one kind.
struct Pile {
  const OutRecord* record;
  std::vector<RecordCells> rows;
  LossTally tally;
};

Pile& pile_of(std::vector<Pile>& piles, const OutRecord& record) {
  const auto found = std::ranges::find(piles, &record, &Pile::record);
  if (found != piles.end()) return *found;
  return piles.emplace_back(Pile{&record, {}, {}});
}

void write_one(const OutPlan& plan, const OutgoingMessage& message, std::size_t index, std::vector<Pile>& piles,
               WriteResult& result) {
  const auto* const record = record_for(plan, message.envelope.body_case());
  if (record == nullptr) {
    result.without_record.push_back(index);
    return;
  }
  std::vector<Fault> faults;
  std::vector<WriteNote> notes;
  const OpenedMessage opened(message, faults);
  CellWriter writer(plan, opened, index, faults, notes);
  RecordCells row{index, {}};
  std::vector<const FieldPath*> taken;
  for (const auto& field : record->fields) {
    if (!for_kind(field, opened.kind())) continue;
    row.cells.push_back(writer.fill(field));
    for (const auto& path : field.from) taken.push_back(&path);
  }
  if (!faults.empty()) {
    result.failed.push_back({index, std::move(faults)});
    return;
  }
  auto& pile = pile_of(piles, *record);
  pile.tally.add_lost(opened.lost(taken));
  pile.rows.push_back(std::move(row));
  result.notes.insert(result.notes.end(), std::make_move_iterator(notes.begin()), std::make_move_iterator(notes.end()));
}

std::string compose(const OutPlan& plan, const Pile& pile, std::span<const RecordCells> rows) {
  const std::vector<RecordCells> some(rows.begin(), rows.end());
  switch (plan.format) {
    case Format::csv:
      return csv_document(plan, *pile.record, some);
    case Format::fixed:
      return fixed_document(plan, *pile.record, some);
    case Format::xml:
      return xml_document(plan, *pile.record, some);
    default:
      return json_document(plan, *pile.record, some);
  }
}

SqlRow sql_row(const OutRecord& record, const RecordCells& cells) {
  SqlRow row;
  for (const auto& place : places_of(record)) {
    const auto* const cell = cell_at(cells, place);
    const bool filled = cell != nullptr && !cell->texts.empty();
    row.columns.emplace_back(place, filled ? std::optional(cell->texts.front()) : std::nullopt);
  }
  return row;
}

void add_pile(const OutPlan& plan, const Pile& pile, WriteResult& result) {
  for (auto& lost : pile.tally.report(*pile.record)) result.lost.push_back(std::move(lost));
  if (plan.format == Format::sql) {
    for (const auto& cells : pile.rows)
      result.rows.push_back({pile.record->name, sql_row(*pile.record, cells), cells.message});
    return;
  }
  // A JSON object holds one message; every other document all of the pile.
  const bool single = plan.format == Format::json && plan.shape == JsonShape::object;
  const std::size_t step = single ? 1 : pile.rows.size();
  for (std::size_t from = 0; from < pile.rows.size(); from += step) {
    const std::span rows(pile.rows.data() + from, step);
    Document document{pile.record->name, compose(plan, pile, rows), {}};
    for (const auto& cells : rows) document.messages.push_back(cells.message);
    result.documents.push_back(std::move(document));
  }
}

}  // namespace

const OutRecord* record_for(const OutPlan& plan, Body kind) {
  const auto found = std::ranges::find_if(plan.records, [&](const OutRecord& record) {
    return std::ranges::find(record.kinds, kind) != record.kinds.end();
  });
  return found == plan.records.end() ? nullptr : &*found;
}

std::vector<std::string> places_of(const OutRecord& record) {
  std::vector<std::string> places;
  for (const auto& field : record.fields)
    if (std::ranges::find(places, field.to) == places.end()) places.push_back(field.to);
  return places;
}

const Cell* cell_at(const RecordCells& cells, const std::string& place) {
  const auto found = std::ranges::find_if(cells.cells, [&](const Cell& cell) { return cell.field->to == place; });
  return found == cells.cells.end() ? nullptr : &*found;
}

WriteResult write_messages(const OutPlan& plan, std::span<const OutgoingMessage> messages) {
  WriteResult result;
  std::vector<Pile> piles;
  for (std::size_t i = 0; i < messages.size(); ++i) write_one(plan, messages[i], i, piles, result);
  for (const auto& pile : piles) add_pile(plan, pile, result);
  return result;
}

}  // namespace relais::mapping
