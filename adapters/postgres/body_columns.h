// What a message says in codes, ids and times, as columns of relais.inbox and relais.outbox, and back.
//
// The columns are the fields of the body: an enumeration is its value's name in lower case without the prefix
// ("no_capacity"), a time is a timestamptz, an id a uuid. A meeting's fields begin with "meeting_".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/mapping/result.h"
#include "adapters/postgres/connection.h"

#include "relais/v1/envelope.pb.h"

namespace relais::postgres {

struct ColumnValue {
  std::string column;
  Parameter value;
};

/// "referral_requested"; "" when there is no body.
std::string_view kind_name(const v1::Envelope& envelope);

/// Only those with a value.
std::vector<ColumnValue> body_columns(const v1::Envelope& envelope);

/// The columns that any body may fill, each once: what relais.inbox must have.
std::vector<std::string> all_body_columns();

/// Sets the body named `kind` from the row's columns. input.invalid whose field is the column at fault ("kind" when no
/// institution may send such a message): never with the value.
base::Status set_body(std::string_view kind, const mapping::SqlRow& row, v1::Envelope& envelope);

/// The short name of an enumeration's value, "" for the first, which means none; and the value of such a name, as the
/// columns priority and reason hold it.
std::string short_name(const google::protobuf::EnumDescriptor& type, int value);
const google::protobuf::EnumValueDescriptor* value_named(const google::protobuf::EnumDescriptor& type,
                                                         std::string_view name);

}  // namespace relais::postgres
