#include "broker/transport/frame_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "relais/v1/envelope.pb.h"

namespace relais::transport {

using base::RefusalCode;
using base::refuse;

namespace {

constexpr std::size_t kNameCharactersMax = 64;
constexpr int kInstitutionsMax = 256;  // of one session: a shared desk of a département has fewer

base::Refusal malformed(std::string field, std::string why) {
  return refuse(RefusalCode::frame_malformed, std::move(field), {{"why", std::move(why)}});
}

/// The names that adapters give themselves go to the logs and the console.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameCharactersMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == '+';
  });
}

bool stands_alone(const v1::AdapterFrame& frame) {
  return frame.session() == 0 && frame.submits().empty() && frame.settles().empty() && frame.queries().empty() &&
         !frame.has_grant() && !frame.has_ping() && !frame.has_bye();
}

std::size_t message_bytes(const v1::Submit& submit) {
  std::size_t bytes = submit.envelope().size();
  for (const auto& compartment : submit.compartments()) bytes += compartment.size();
  return bytes;
}

std::string message_id_of(const v1::Submit& submit) {
  v1::Envelope envelope;
  if (!envelope.ParseFromString(submit.envelope()) || envelope.message_id().size() != 16) return {};
  return envelope.message_id();
}

}  // namespace

base::Result<v1::AdapterFrame> read_frame(std::string_view bytes, std::uint32_t frame_bytes_max) {
  if (bytes.size() > frame_bytes_max)
    return refuse(RefusalCode::frame_too_large, {}, {{"max", fmt::to_string(frame_bytes_max)}});
  v1::AdapterFrame frame;
  if (!frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return malformed({}, "not a serialised AdapterFrame");
  if (frame.has_hello() && !stands_alone(frame))
    return malformed("hello", "a hello stands alone in its frame, with session 0");
  return frame;
}

std::vector<v1::Refused> take_oversized_submits(v1::AdapterFrame& frame, std::uint32_t message_bytes_max) {
  std::vector<v1::Refused> refusals;
  auto& submits = *frame.mutable_submits();
  int kept = 0;
  for (int i = 0; i < submits.size(); ++i) {
    if (message_bytes(submits[i]) <= message_bytes_max) {
      if (kept != i) submits.SwapElements(kept, i);
      ++kept;
      continue;
    }
    const auto refusal = refuse(RefusalCode::message_too_large, fmt::format("submits[{}]", i),
                                {{"max", fmt::to_string(message_bytes_max)}});
    refusals.push_back(refusal.to_wire(message_id_of(submits[i])));
  }
  submits.DeleteSubrange(kept, submits.size() - kept);
  return refusals;
}

base::Result<SessionInfo> read_hello(const v1::Hello& hello, std::string_view transport_key, const AccessList& access,
                                     base::Instant now) {
  if (std::ranges::find(hello.protocol_versions(), kProtocolVersion) == hello.protocol_versions().end())
    return refuse(RefusalCode::frame_version, "hello.protocol_versions",
                  {{"versions", fmt::to_string(kProtocolVersion)}});
  if (!is_name(hello.adapter())) return malformed("hello.adapter", "1 to 64 letters, digits, '.', '_', '-' or '+'");
  if (!is_name(hello.adapter_version()))
    return malformed("hello.adapter_version", "1 to 64 letters, digits, '.', '_', '-' or '+'");
  if (hello.institutions().empty() || hello.institutions_size() > kInstitutionsMax)
    return malformed("hello.institutions", fmt::format("1 to {} institutions", kInstitutionsMax));
  if (!access.knows(transport_key, now)) return refuse(RefusalCode::identity_unknown);

  SessionInfo session;
  session.adapter = hello.adapter();
  session.adapter_version = hello.adapter_version();
  session.transport_key = transport_key;
  for (int i = 0; i < hello.institutions_size(); ++i) {
    const auto& institution = hello.institutions(i);
    // What the adapter wrote is not repeated unless it is a name of the network: it may be anything.
    if (!access.speaks_for(transport_key, institution, now))
      return refuse(RefusalCode::identity_not_served, fmt::format("hello.institutions[{}]", i));
    if (std::ranges::find(session.institutions, institution) == session.institutions.end())
      session.institutions.push_back(institution);
  }
  return session;
}

}  // namespace relais::transport
