#include "broker/transport/zap.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/crypto.h"
#include "broker/base/ids.h"

namespace relais::transport {

namespace {

constexpr std::string_view kVersion = "1.0";

// Parts of a request: version, request id, domain, address, routing id, mechanism, then the credentials.
enum Part : std::size_t {
  kPartVersion,
  kPartRequest,
  kPartDomain,
  kPartAddress,
  kPartRoutingId,
  kPartMechanism,
  kPartKey
};

struct Verdict {
  std::string_view status;
  std::string_view text;
  std::string user_id;
};

Verdict judge(const std::vector<zmq::Message>& request, const AccessList& access, base::Instant now) {
  if (request.size() != kPartKey + 1 || request[kPartVersion].bytes() != kVersion ||
      request[kPartDomain].bytes() != kZapDomain || request[kPartMechanism].bytes() != "CURVE" ||
      request[kPartKey].bytes().size() != base::kKeyBytes)
    return {"400", "malformed request", {}};
  const auto key = request[kPartKey].bytes();
  if (!access.knows(key, now)) return {"400", "unknown key", {}};
  return {"200", "OK", base::hex(key)};
}

void reply(zmq::Socket& zap, std::string_view request_id, const Verdict& verdict) {
  // A REP socket inside the process always has room for the answer to the request it just gave out.
  for (const auto part : {kVersion, request_id, verdict.status, verdict.text, std::string_view(verdict.user_id)})
    (void)zap.send(zmq::Message(part), true);
  (void)zap.send(zmq::Message(std::string_view()));  // no metadata
}

}  // namespace

ZapFigures answer_zap_requests(zmq::Socket& zap, const AccessList& access, base::Instant now) {
  ZapFigures figures;
  while (true) {
    std::vector<zmq::Message> request;
    for (bool more = true; more;) {
      zmq::Message part;
      if (!zap.receive(part)) break;
      more = part.more();
      request.push_back(std::move(part));
    }
    if (request.empty()) return figures;
    const auto verdict = judge(request, access, now);
    ++(verdict.status == "200" ? figures.admitted : figures.refused);
    reply(zap, request.size() > kPartRequest ? request[kPartRequest].bytes() : std::string_view(), verdict);
  }
}

}  // namespace relais::transport
