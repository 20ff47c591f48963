#include "broker/cli/broker_client.h"

#include <fstream>
#include <httplib.h>

namespace relais::cli {

namespace {

using base::RefusalCode;
using base::Result;
using nlohmann::json;

Result<std::string> line_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  if (std::getline(stream, line)) return line;
  return base::refuse(RefusalCode::io_failed, {},
                      {{"path", file.string()}, {"why", "no broker runs on this data folder, or it may not be read"}});
}

Result<json> read(const httplib::Result& answer, const std::string& address) {
  if (!answer)
    return base::refuse(RefusalCode::io_failed, {}, {{"path", address}, {"why", httplib::to_string(answer.error())}});
  auto body = json::parse(answer->body, nullptr, false);
  if (body.is_discarded())
    return base::refuse(RefusalCode::io_failed, {}, {{"path", address}, {"why", "the answer is not JSON"}});
  if (answer->status >= 400) return refusal_in(body);
  return body;
}

}  // namespace

base::Refusal refusal_in(const json& answer) {
  const auto refused = answer.value("refused", json::object());
  const auto code = base::refusal_code(refused.value("code", std::string()));
  return base::refuse(code.value_or(RefusalCode::io_failed), refused.value("field", std::string()),
                      {{"why", refused.value("english", std::string())}});
}

Result<BrokerClient> BrokerClient::of(const std::filesystem::path& data_dir) {
  auto address = line_of(data_dir / "admin.address");
  if (!address) return address.refusal();
  auto token = line_of(data_dir / "admin.token");
  if (!token) return token.refusal();
  return BrokerClient(std::move(*address), std::move(*token));
}

Result<json> BrokerClient::get(const std::string& path, const Parameters& parameters) const {
  httplib::Client client(address_);
  client.set_read_timeout(kPatience);
  httplib::Params query;
  for (const auto& [name, value] : parameters)
    if (!value.empty()) query.emplace(name, value);
  return read(client.Get(path, query, httplib::Headers{{"Authorization", "Bearer " + token_}}), address_);
}

Result<json> BrokerClient::post(const std::string& path, const json& body, std::chrono::seconds patience) const {
  httplib::Client client(address_);
  client.set_read_timeout(patience);
  return read(client.Post(path, {{"Authorization", "Bearer " + token_}}, body.dump(), "application/json"), address_);
}

Result<std::string> BrokerClient::text(const std::string& path) const {
  httplib::Client client(address_);
  client.set_read_timeout(kPatience);
  const auto answer = client.Get(path);
  if (!answer)
    return base::refuse(RefusalCode::io_failed, {}, {{"path", address_}, {"why", httplib::to_string(answer.error())}});
  return answer->body;
}

}  // namespace relais::cli
