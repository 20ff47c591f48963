#include "adapters/files/spool.h"

#include "adapters/files/packing.h"
#include "broker/base/crypto.h"
#include "broker/base/ids.h"

namespace relais::files {

namespace {

constexpr std::uint64_t kSpooledBytesMax = std::uint64_t{64} << 20;
constexpr std::size_t kFixedTexts = 5;  // version, envelope, three local references; then category and bytes in turn
constexpr std::string_view kVersion = "1";

std::string written(const mapping::OutgoingMessage& message) {
  Texts texts{std::string(kVersion), message.envelope.SerializeAsString(), message.local.reference,
              message.local.referral, message.local.appointment};
  for (const auto& content : message.contents) {
    texts.push_back(std::to_string(static_cast<int>(content.category)));
    texts.push_back(content.bytes);
  }
  return pack(texts);
}

}  // namespace

std::string spool_name(std::string_view message_id, std::string_view run) {
  return base::hex(message_id) + "-" + std::string(run) + ".message";
}

base::Status put_into_spool(const Folders& folders, const std::string& name, const mapping::OutgoingMessage& message) {
  if (is_there(folders.spool() / name)) return sync_folder(folders.spool());
  const auto temporary = folders.spool() / ("." + name);
  (void)remove_file(temporary).ok();
  if (auto status = write_new_file(temporary, written(message)); !status) return status;
  if (auto moved = move_file(temporary, folders.spool() / name); !moved) {
    (void)remove_file(temporary).ok();
    if (why(moved.refusal()) != kExists) return moved;
  }
  return sync_folder(folders.spool());
}

base::Result<mapping::OutgoingMessage> read_from_spool(const Folders& folders, const std::string& name) {
  const auto bytes = read_file(folders.spool() / name, kSpooledBytesMax);
  if (!bytes) return bytes.refusal();
  const auto texts = unpack(*bytes);
  const auto damaged = base::refuse(base::RefusalCode::input_invalid, "spool", {{"why", "damaged"}});
  if (!texts || texts->size() < kFixedTexts || texts->front() != kVersion) return damaged;
  mapping::OutgoingMessage message;
  if (!message.envelope.ParseFromString((*texts)[1])) return damaged;
  message.local = {(*texts)[2], (*texts)[3], (*texts)[4]};
  for (std::size_t i = kFixedTexts; i + 2 <= texts->size(); i += 2) {
    const auto category = number_of((*texts)[i]);
    if (!category || !v1::Category_IsValid(static_cast<int>(*category))) return damaged;
    message.contents.push_back({static_cast<v1::Category>(*category), (*texts)[i + 1]});
  }
  return message;
}

base::Status remove_from_spool(const Folders& folders, const std::string& name) {
  return remove_file(folders.spool() / name);
}

mapping::OutgoingMessage outgoing(const sdk::Incoming& message) {
  mapping::OutgoingMessage made;
  made.envelope = message.envelope;
  for (const auto& content : message.contents) made.contents.push_back({content.category, content.bytes});
  return made;
}

}  // namespace relais::files
