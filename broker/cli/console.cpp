#include "broker/cli/console.h"

namespace relais::cli {

namespace {

std::string place_text(const std::string& where, const base::Place& place) {
  std::string text = where.empty() ? place.file : (std::filesystem::path(where) / place.file).string();
  if (place.line != 0) text += ":" + std::to_string(place.line);
  return text;
}

}  // namespace

int Console::show(const Report& report) const {
  report.print(out_, json_);
  return kDone;
}

int Console::print(const std::string& report, bool good) const {
  out_ << report;
  return good ? kDone : kRefused;
}

int Console::refuse(const base::Refusal& refusal) const {
  if (json_) {
    const Json said = {{"code", refusal.name()},
                       {"english", refusal.english()},
                       {"french", refusal.french()},
                       {"field", refusal.field},
                       {"retry", base::info(refusal.code).retry}};
    out_ << Json{{"refused", said}}.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  } else {
    err_ << "relaisctl: " << refusal.name() << ": " << refusal.english() << "\n";
  }
  return kRefused;
}

int Console::violations(const std::string& where, const std::vector<base::FileViolation>& violations) const {
  if (json_) {
    Json list = Json::array();
    for (const auto& fault : violations)
      list.push_back({{"file", fault.place.file},
                      {"line", fault.place.line},
                      {"path", fault.path},
                      {"problem", fault.problem},
                      {"allowed", fault.allowed}});
    out_ << Json{{"violations", list}}.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
    return kRefused;
  }
  for (const auto& fault : violations) {
    err_ << place_text(where, fault.place) << ": " << fault.path << (fault.path.empty() ? "" : ": ") << fault.problem;
    if (!fault.allowed.empty()) err_ << "; allowed: " << fault.allowed;
    err_ << "\n";
  }
  err_ << violations.size() << (violations.size() == 1 ? " fault" : " faults") << "\n";
  return kRefused;
}

}  // namespace relais::cli
