// The running broker's operators' API, found through its data folder: admin.address and admin.token.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "broker/base/result.h"

namespace relais::cli {

/// The refusal that the broker put into its answer; facts are already in its sentences.
base::Refusal refusal_in(const nlohmann::json& answer);

/// Of a query; those that are empty are left out.
using Parameters = std::vector<std::pair<std::string, std::string>>;

/// One thread. Nothing of what it asks or answers holds a content.
class BrokerClient {
 public:
  static constexpr std::chrono::seconds kPatience{40};  // longer than the broker takes to say that it is overloaded

  /// io.failed when the folder is not that of a running broker, or may not be read by this user.
  static base::Result<BrokerClient> of(const std::filesystem::path& data_dir);

  /// Where a browser finds the console, signed in: the token stands behind the #, which a browser sends to nobody.
  [[nodiscard]] std::string console_address() const { return address_ + "/console/#token=" + token_; }

  /// io.failed without an answer; the broker's own refusal when it refuses.
  base::Result<nlohmann::json> get(const std::string& path, const Parameters& parameters = {}) const;
  base::Result<nlohmann::json> post(const std::string& path, const nlohmann::json& body,
                                    std::chrono::seconds patience = kPatience) const;
  /// As it is: of what is no JSON.
  base::Result<std::string> text(const std::string& path) const;

 private:
  BrokerClient(std::string address, std::string token) : address_(std::move(address)), token_(std::move(token)) {}

  std::string address_;
  std::string token_;
};

}  // namespace relais::cli
