#include "broker/core/tables.h"

#include "broker/base/check.h"

namespace relais::core {

std::string_view table_name(TableId table) {
  switch (table) {
    case TableId::messages:
      return "messages";
    case TableId::referrals:
      return "referrals";
    case TableId::appointments:
      return "appointments";
    case TableId::cases:
      return "cases";
    case TableId::queue:
      return "queue";
    case TableId::lines:
      return "lines";
    case TableId::waiting:
      return "waiting";
    case TableId::parked:
      return "parked";
    case TableId::dead_letters:
      return "dead_letters";
    case TableId::timers:
      return "timers";
    case TableId::cells:
      return "cells";
    case TableId::slots:
      return "slots";
    case TableId::free_slots:
      return "free_slots";
  }
  base::fail_check("a table has a name", std::source_location::current());
}

}  // namespace relais::core
