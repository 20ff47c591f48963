// JSON in and out of the HTTP library's requests and responses.
#pragma once

#include <httplib.h>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "broker/base/result.h"

namespace relais::admin {

inline constexpr std::string_view kJson = "application/json; charset=utf-8";

/// One line. What was asked may be no UTF-8, and stands in the answer all the same.
std::string text_of(const nlohmann::json& body);

void answer(httplib::Response& response, int status, const nlohmann::json& body);

/// With the status that the catalogue names for it.
void answer(httplib::Response& response, const base::Refusal& refusal);

base::Refusal invalid(std::string field, std::string why);

/// The object in the body. input.invalid (Content-Type, body).
base::Result<nlohmann::json> object_in(const httplib::Request& request);

}  // namespace relais::admin
