#include "broker/base/key_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <optional>
#include <unistd.h>

#include <fmt/format.h>
#include <sys/stat.h>

#include "broker/base/ids.h"
#include "broker/base/synced_file.h"

namespace relais::base {

namespace {

constexpr std::size_t kKeyFileBytesMax = 4096;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

/// Closes what it opened.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool opened() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

Refusal io_failed(const std::filesystem::path& path, int error) {
  return refuse(RefusalCode::io_failed, {}, {{"path", path.string()}, {"why", std::strerror(error)}});
}

Refusal not_a_key(const std::filesystem::path& path, std::string field, std::string why) {
  return refuse(RefusalCode::key_invalid, std::move(field), {{"path", path.string()}, {"why", std::move(why)}});
}

std::optional<KeyUse> key_use(std::string_view name) {
  for (const KeyUse use : {KeyUse::transport, KeyUse::signing, KeyUse::sealing})
    if (key_use_name(use) == name) return use;
  return std::nullopt;
}

PublicKeyBytes public_half(KeyUse use, const SecretKey& secret) {
  switch (use) {
    case KeyUse::transport:
      return transport_public(secret);
    case KeyUse::signing:
      return signing_public(secret);
    case KeyUse::sealing:
      return sealing_public(secret);
  }
  fail_check("a key has one of three uses", std::source_location::current());
}

Result<std::string> read_private(const std::filesystem::path& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.opened()) return io_failed(path, errno);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return io_failed(path, errno);
  if (!S_ISREG(facts.st_mode)) return not_a_key(path, {}, "not a regular file");
  if ((facts.st_mode & kOthers) != 0)
    return refuse(RefusalCode::key_file_mode, {},
                  {{"path", path.string()}, {"mode", fmt::format("{:04o}", facts.st_mode & 07777U)}});
  std::string text(kKeyFileBytesMax + 1, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got < 0) return io_failed(path, errno);
  if (static_cast<std::size_t>(got) > kKeyFileBytesMax) {
    wipe(text);
    return not_a_key(path, {}, "longer than a key file");
  }
  text.resize(static_cast<std::size_t>(got));
  return text;
}

/// `name = "value"`; empty when the line is not of that form.
std::optional<std::pair<std::string_view, std::string_view>> split(std::string_view line) {
  const auto equals = line.find(" = \"");
  if (equals == std::string_view::npos || line.size() < equals + 5 || line.back() != '"') return std::nullopt;
  const auto value = line.substr(equals + 4, line.size() - equals - 5);
  if (value.find('"') != std::string_view::npos) return std::nullopt;
  return std::pair(line.substr(0, equals), value);
}

struct Value {
  std::string_view text;
  std::string line;  // "line 3"
};
using Values = std::map<std::string_view, Value>;

/// Views into `text`.
Result<Values> parse(const std::filesystem::path& path, std::string_view text) {
  Values values;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const std::string place = fmt::format("line {}", number);
    const auto pair = split(line);
    if (!pair) return not_a_key(path, place, "expected: name = \"value\"");
    if (!values.emplace(pair->first, Value{pair->second, place}).second) return not_a_key(path, place, "given twice");
  }
  for (const std::string_view name : {"relais-key", "use", "id", "public", "secret"})
    if (!values.contains(name)) return not_a_key(path, {}, std::string(name) + " is missing");
  if (values.size() != 5) return not_a_key(path, {}, "allowed: relais-key, use, id, public, secret");
  return values;
}

Result<std::string> key_bytes(const std::filesystem::path& path, const Value& value) {
  auto bytes = from_base64(value.text);
  if (!bytes || bytes->size() != kKeyBytes) return not_a_key(path, value.line, "expected: 32 bytes as base64");
  return bytes;
}

std::span<const unsigned char, kKeyBytes> key_span(const std::string& bytes) {
  return std::span<const unsigned char, kKeyBytes>(reinterpret_cast<const unsigned char*>(bytes.data()), kKeyBytes);
}

Result<KeyFile> interpret(const std::filesystem::path& path, const Values& values) {
  const auto& version = values.at("relais-key");
  if (version.text != "1") return not_a_key(path, version.line, "expected: version 1");
  const auto use = key_use(values.at("use").text);
  if (!use) return not_a_key(path, values.at("use").line, "allowed: transport, signing, sealing");
  if (values.at("id").text.empty()) return not_a_key(path, values.at("id").line, "empty");
  const auto written_public = key_bytes(path, values.at("public"));
  if (!written_public) return written_public.refusal();
  auto secret_bytes = key_bytes(path, values.at("secret"));
  if (!secret_bytes) return secret_bytes.refusal();

  KeyFile key{*use, std::string(values.at("id").text), {{}, SecretKey(key_span(*secret_bytes))}};
  wipe(*secret_bytes);
  key.pair.public_key = public_half(*use, key.pair.secret);
  if (view(key.pair.public_key) != *written_public)
    return not_a_key(path, values.at("public").line, "does not belong to the secret");
  return key;
}

std::string text_of(const KeyFile& key) {
  std::string secret = base64(view(key.pair.secret.bytes()));
  std::string text = fmt::format(
      "# Secret key of Relais. Keep it readable by its owner only.\n"
      "relais-key = \"1\"\nuse = \"{}\"\nid = \"{}\"\npublic = \"{}\"\nsecret = \"{}\"\n",
      key_use_name(key.use), key.id, base64(view(key.pair.public_key)), secret);
  wipe(secret);
  return text;
}

int write_new_file(const std::filesystem::path& path, std::string_view text) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.opened()) return errno;
  return write_synced(file.get(), text);
}

}  // namespace

std::string_view key_use_name(KeyUse use) {
  switch (use) {
    case KeyUse::transport:
      return "transport";
    case KeyUse::signing:
      return "signing";
    case KeyUse::sealing:
      return "sealing";
  }
  fail_check("a key has one of three uses", std::source_location::current());
}

Result<KeyFile> read_key_file(const std::filesystem::path& path) {
  auto text = read_private(path);
  if (!text) return text.refusal();
  const auto values = parse(path, *text);
  auto key = values ? interpret(path, *values) : Result<KeyFile>(values.refusal());
  wipe(*text);
  return key;
}

Status write_key_file(const std::filesystem::path& path, const KeyFile& key) {
  if (key.id.empty() || key.id.find_first_of("\"\n\r") != std::string::npos)
    return not_a_key(path, "id", "an id has neither quotes nor line ends, and is not empty");
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const auto temporary = folder / (".relais-key-" + hex(random_bytes(8)));
  std::string text = text_of(key);
  int error = write_new_file(temporary, text);
  wipe(text);
  // A hard link refuses an existing name, which a rename would silently replace.
  if (error == 0 && ::link(temporary.c_str(), path.c_str()) != 0) error = errno;
  ::unlink(temporary.c_str());
  if (error == 0) error = sync_folder(folder);
  if (error != 0) return io_failed(path, error);
  return Done{};
}

}  // namespace relais::base
