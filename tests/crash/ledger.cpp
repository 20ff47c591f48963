#include "tests/crash/ledger.h"

#include <array>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "broker/base/check.h"
#include "broker/base/ids.h"

namespace relais::crash {

namespace {

constexpr std::array<const char*, 5> kEvents = {"handed", "receipt", "refused", "handled", "sum"};

std::string id_or_dash(const std::string& id) { return id.empty() ? "-" : base::hex(id); }

std::string id_of(const std::string& text) { return text == "-" ? "" : base::unhex(text).value_or(""); }

// event message case referral kind others number via
std::string line_of(const Entry& entry) {
  std::ostringstream line;
  line << kEvents[static_cast<std::size_t>(entry.event)] << ' ' << id_or_dash(entry.message_id) << ' '
       << id_or_dash(entry.case_id) << ' ' << id_or_dash(entry.referral_id) << ' '
       << (entry.body == v1::Envelope::BODY_NOT_SET ? "-" : body_name(entry.body)) << ' '
       << (entry.others.empty() ? "-" : entry.others) << ' ' << entry.number << ' '
       << (entry.reply ? "reply" : "submit") << '\n';
  return line.str();
}

Entry entry_of(const std::string& line) {
  std::istringstream words(line);
  std::string event, message, parcours, referral, body, others, via;
  Entry entry;
  words >> event >> message >> parcours >> referral >> body >> others >> entry.number >> via;
  base::check(!words.fail(), "a whole line of the ledger");
  std::size_t number = 0;
  while (number < kEvents.size() && event != kEvents[number]) ++number;
  base::check(number < kEvents.size(), "a known word in the ledger");
  entry.event = static_cast<Event>(number);
  entry.message_id = id_of(message);
  entry.case_id = id_of(parcours);
  entry.referral_id = id_of(referral);
  if (body != "-") entry.body = body_named(body);
  if (others != "-") entry.others = others;
  entry.reply = via == "reply";
  return entry;
}

}  // namespace

const std::string& body_name(Body body) { return v1::Envelope::descriptor()->FindFieldByNumber(body)->name(); }

Body body_named(const std::string& name) {
  const auto* field = v1::Envelope::descriptor()->FindFieldByName(name);
  base::check(field != nullptr, "a known kind in the ledger");
  return static_cast<Body>(field->number());
}

Ledger::Ledger(const std::filesystem::path& path) {
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  base::check(file_ >= 0, "the ledger opens");
  std::ifstream past(path, std::ios::binary);
  std::string line;
  off_t whole = 0;
  while (std::getline(past, line) && !past.eof()) {
    past_.push_back(entry_of(line));
    whole += static_cast<off_t>(line.size()) + 1;
  }
  base::check(::ftruncate(file_, whole) == 0, "the ledger can be cut");
}

Ledger::~Ledger() { ::close(file_); }

void Ledger::append(const std::vector<Entry>& entries) {
  if (entries.empty()) return;
  std::string lines;
  for (const auto& entry : entries) lines += line_of(entry);
  base::check(::write(file_, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()),
              "the ledger takes a line");
  base::check(::fdatasync(file_) == 0, "the ledger reaches the disk");
}

}  // namespace relais::crash
