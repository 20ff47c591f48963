// Messages to the cells of records, and cells to documents.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "adapters/mapping/plan.h"
#include "adapters/mapping/result.h"

namespace relais::mapping {

/// What one field of a record holds for one message. No text: empty.
struct Cell {
  const OutField* field = nullptr;
  std::vector<std::string> texts;
};

struct RecordCells {
  std::size_t message = 0;
  std::vector<Cell> cells;  // in the order of the record's fields, those of other kinds left out
};

/// nullptr when messages of this kind have no record.
const OutRecord* record_for(const OutPlan& plan, Body kind);

WriteResult write_messages(const OutPlan& plan, std::span<const OutgoingMessage> messages);

/// Names of the places of a record, each once, in order.
std::vector<std::string> places_of(const OutRecord& record);

/// The cell at a place; nullptr when the message's kind has none there.
const Cell* cell_at(const RecordCells& cells, const std::string& place);

/// Complete documents in the encoding of the plan.
std::string csv_document(const OutPlan& plan, const OutRecord& record, const std::vector<RecordCells>& rows);
std::string fixed_document(const OutPlan& plan, const OutRecord& record, const std::vector<RecordCells>& rows);
std::string xml_document(const OutPlan& plan, const OutRecord& record, const std::vector<RecordCells>& rows);
std::string json_document(const OutPlan& plan, const OutRecord& record, const std::vector<RecordCells>& rows);

}  // namespace relais::mapping
