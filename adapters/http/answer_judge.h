// Whether what the software answered to a webhook means that it holds the message.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relais::http {

struct StatusRange {
  int least = 0;
  int most = 0;
};

/// "204", or "2xx" for 200 to 299. Empty for anything else.
std::optional<StatusRange> status_range(std::string_view text);

/// A value that the answer's JSON must have.
struct AnswerCondition {
  std::string pointer;
  std::vector<std::string> is;
};

struct JudgeRule {
  std::vector<StatusRange> success{{200, 299}};
  std::vector<StatusRange> refuse;            // never: the sender is told
  std::vector<StatusRange> gone{{410, 410}};  // the webhook is switched off
  /// With a status of success: a failure all the same. A proxy's page of apology comes with 200.
  std::vector<std::string> failure_types{"text/html", "application/xhtml+xml"};
  std::optional<AnswerCondition> success_if;
};

struct SoftwareAnswer {
  int status = 0;
  std::string content_type;
  std::string body;
  std::string retry_after;
};

enum class Judgement { success, failure, refused, gone };

struct Judged {
  Judgement judgement = Judgement::failure;
  std::string reason;            // code for operators; empty on success
  bool of_the_software = false;  // a failure that any other message would meet now
};

Judged judge(const JudgeRule& rule, const SoftwareAnswer& answer);

/// The text, number or boolean at `pointer` in a JSON document; empty when there is none.
std::optional<std::string> value_at(std::string_view json, const std::string& pointer);

}  // namespace relais::http
