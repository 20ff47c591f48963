// A submission: as it came, and with digests that fit its compartments, so that the checks behind the digests are
// reached.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "broker/base/check.h"
#include "broker/base/crypto.h"
#include "broker/core/envelope_check.h"

namespace {

using namespace relais;

void check(v1::Submit submit) {
  std::string message_id;
  const auto checked = core::check_submission(std::move(submit), base::from_ms(1'800'000'000'000), message_id);
  if (checked) base::check(message_id.size() == 16, "what is accepted has an id");
}

v1::Submit with_true_digests(v1::Submit submit) {
  v1::Envelope envelope;
  if (!envelope.ParseFromString(submit.envelope())) return submit;
  for (int i = 0; i < std::min(envelope.compartments_size(), submit.compartments_size()); ++i)
    envelope.mutable_compartments(i)->set_digest(std::string(base::view(base::hash(submit.compartments(i)))));
  envelope.SerializeToString(submit.mutable_envelope());
  return submit;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  v1::Submit submit;
  if (!submit.ParseFromArray(bytes, static_cast<int>(size))) return 0;
  check(submit);
  check(with_true_digests(std::move(submit)));
  return 0;
}
