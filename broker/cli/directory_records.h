// What a directory published by others says of one service, whatever its format; and what was wrong with a record.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/result.h"

namespace relais::cli {

/// Where a record stands. `number` counts the records of its list in the file, from 1.
struct RecordPlace {
  std::string file;
  std::size_t number = 0;
  std::string id;  // its own, as published; may be empty
};

/// A record, or a value in one, that can not be taken. `field` is its path in the file's own words.
struct RecordFault {
  RecordPlace place;
  std::string field;
  std::string why;
};

/// What a format calls the fields that a fault may name.
struct FieldNames {
  std::string_view name, thematics, date, commune;
};

/// Only what the network needs: no person, telephone number or address of electronic mail is ever read.
struct PublishedService {
  RecordPlace place;
  std::string structure;  // id of the structure that offers it
  std::string name;
  std::vector<std::string> thematics;
  std::vector<std::string> area;  // communes, EPCI, départements, "france"; empty: not said
  std::string area_field;
  std::string date;     // last confirmed or changed, YYYY-MM-DD...
  std::string commune;  // where people are received; empty: not said
  std::string address;
  std::string location_name;
  bool full = false;   // takes nobody at present
  bool ended = false;  // still listed, but not offered any more
  FieldNames fields;
};

struct PublishedStructure {
  std::string id;
  std::string siret;
  std::string name;
};

struct Published {
  std::vector<PublishedService> services;
  std::map<std::string, PublishedStructure> structures;  // by id
  std::vector<RecordFault> faults;
};

enum class DirectoryFormat { datainclusion, hsds };

/// Reads files that belong together. A file that is no such file at all is a refusal (input.invalid, naming it); a bad
/// record is a fault, and the others go on.
///   datainclusion  the API's answers (JSON), or tables (CSV) of structures and services, schemas v0 and v1
///   hsds           version 3: JSON of services or organizations, whole or in pages; tabular JSON; the CSV tables
base::Result<Published> read_directory(DirectoryFormat format, const std::vector<std::filesystem::path>& files);

}  // namespace relais::cli
