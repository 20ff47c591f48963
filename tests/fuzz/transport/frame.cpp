// What a socket receives, from a key that is known.
#include <cstddef>
#include <cstdint>
#include <string>

#include "broker/base/check.h"
#include "broker/transport/frame_reader.h"

namespace {

constexpr std::uint32_t kFrameBytesMax = 65'536;
constexpr std::uint32_t kMessageBytesMax = 1'024;
const std::string kKey(32, 'a');

relais::transport::AccessList access_of(const std::string& key) {
  relais::v1::NetworkDefinition network;
  auto& institution = *network.add_institutions();
  institution.set_id("caf-25");
  institution.add_transport_keys()->set_key(key);
  return relais::transport::AccessList(network);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace relais;
  static const auto access = access_of(kKey);
  auto frame = transport::read_frame({reinterpret_cast<const char*>(bytes), size}, kFrameBytesMax);
  if (!frame) return 0;
  base::check(size <= kFrameBytesMax, "a frame that is too large is refused");
  if (frame->has_hello()) {
    const auto session = transport::read_hello(frame->hello(), kKey, access, base::from_ms(0));
    base::check(!session || !session->institutions.empty(), "a session serves somebody");
  }
  const auto submits = frame->submits_size();
  const auto refused = transport::take_oversized_submits(*frame, kMessageBytesMax);
  base::check(static_cast<std::size_t>(submits - frame->submits_size()) == refused.size(),
              "a submission is refused or stays");
  return 0;
}
