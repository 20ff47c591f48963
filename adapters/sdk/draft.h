// A message as a connector writes it; the SDK makes it a signed and sealed submission.
#pragma once

#include <string>
#include <vector>

#include "adapters/sdk/contents.h"
#include "broker/base/ids.h"

#include "relais/v1/envelope.pb.h"

namespace relais::sdk {

/// One content to be sealed. `recipients` empty: for all recipients of the message.
struct DraftContent {
  v1::Category category = v1::CATEGORY_UNSPECIFIED;
  std::string bytes;  // serialised message of content.proto
  std::vector<std::string> recipients;
};

/// `envelope` with its body set by the caller. What the caller leaves empty, submit() fills in:
///   version, sent_at_ms, signing_key, compartments   always, whatever stands there
///   message_id   random, unless given. A given one makes submit() repeatable: what was submitted with it before, and
///                not refused for good, is not submitted again. Ids for things that may be read twice: named_id().
///   sender       the institution, when the adapter serves only one; else that of the known referral
///   referral_id  random in a ReferralRequested
///   case_id      that of the known referral; random in a ReferralRequested
///   recipients   in a ReferralRequested with a service_need or a commune: the one institution that takes the need at
///                the place (service_id too, when one service does). The broker is asked once there is a connection;
///                the draft waits in the outbox, sealed for its sender. route.none, route.ambiguous, commune.unknown
///                come as the refusal of the message. No content may name recipients then.
///   recipients, purpose, priority, exercise of a message about a known referral: from that referral; a forward goes to
///                the referral's sender and to `to`
/// An announcement without recipients goes to those of the network whom its body describes.
/// Messages about slots have no recipients, referral or case, but a purpose: see slots.h.
///   trace_parent that of trace_parent.h, so that all about one referral is one trace
/// A referral is known when it passed through this adapter (see KnownReferral). The other fields (appointment_id,
/// expires_at_ms) are the caller's.
struct Draft {
  v1::Envelope envelope;
  std::vector<DraftContent> contents;
};

/// Adds `content` for `recipients`; none: for all.
template <class Content>
void add_content(Draft& draft, const Content& content, std::vector<std::string> recipients = {}) {
  static_assert(kCategoryOf<Content> != v1::CATEGORY_UNSPECIFIED, "a message of content.proto with a category");
  draft.contents.push_back({kCategoryOf<Content>, content.SerializeAsString(), std::move(recipients)});
}

/// An id that is the same whenever the same `scope` and `name` are given, e.g. ("files ccas-25056", digest of the file
/// and number of the row). The name itself can not be found from it when it is long or random; do not feed it a person.
std::string named_id(std::string_view scope, std::string_view name);

/// A random id, as bytes.
std::string new_id();

}  // namespace relais::sdk
