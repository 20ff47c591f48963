#include "broker/journal/acknowledged_mark.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <unistd.h>
#include <utility>

#include "broker/journal/record_codec.h"

namespace relais::journal {

namespace {

constexpr std::size_t kPositionAt = 1;
constexpr std::size_t kHashAt = kPositionAt + 8;
constexpr std::size_t kSequenceAt = kHashAt + base::kHashBytes;
constexpr std::size_t kSumAt = kSequenceAt + 8;
constexpr std::size_t kSumBytes = 8;
constexpr std::size_t kMarkBytes = kSumAt + kSumBytes;

}  // namespace

std::string encode_mark(const Acknowledged& mark) {
  std::string bytes(1, kValueVersion);
  bytes += journal_key(mark.end.position);
  bytes += base::view(mark.end.hash);
  bytes += journal_key(mark.sequence);
  const base::Hash sum = base::hash(bytes);
  bytes += base::view(sum).substr(0, kSumBytes);
  return bytes;
}

std::optional<Acknowledged> decode_mark(std::string_view bytes) {
  if (bytes.size() != kMarkBytes || bytes[0] != kValueVersion) return std::nullopt;
  const base::Hash sum = base::hash(bytes.substr(0, kSumAt));
  if (bytes.substr(kSumAt) != base::view(sum).substr(0, kSumBytes)) return std::nullopt;
  Acknowledged mark;
  mark.end.position = *parse_journal_key(bytes.substr(kPositionAt, 8));
  std::copy_n(bytes.begin() + kHashAt, base::kHashBytes, mark.end.hash.begin());
  mark.sequence = *parse_journal_key(bytes.substr(kSequenceAt, 8));
  return mark;
}

std::optional<Acknowledged> AcknowledgedMark::read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return decode_mark(bytes);
}

base::Result<AcknowledgedMark> AcknowledgedMark::open(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return base::refuse(base::RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", std::strerror(errno)}});
  return AcknowledgedMark(file);
}

AcknowledgedMark::AcknowledgedMark(AcknowledgedMark&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

AcknowledgedMark::~AcknowledgedMark() {
  if (file_ >= 0) ::close(file_);
}

void AcknowledgedMark::write(const Acknowledged& mark) {
  const std::string bytes = encode_mark(mark);
  [[maybe_unused]] const auto written = ::pwrite(file_, bytes.data(), bytes.size(), 0);
}

}  // namespace relais::journal
