// One record of a file becomes messages for the SDK: which referral it is about, to whom it goes, and what is
// remembered together with it.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "adapters/files/appointment_book.h"
#include "adapters/files/file_rule.h"
#include "adapters/files/packing.h"
#include "adapters/files/post.h"
#include "adapters/mapping/message.h"
#include "adapters/sdk/links.h"

namespace relais::files {

/// event: each row is news. state: each row says how things are (a nightly export of everything); a row that says the
/// same as the last one with its number says nothing.
enum class RowMeaning { event, state };

struct DraftingPolicy {
  std::string institution;
  std::string reader;  // name of the mapping: rows of different mappings are compared apart
  RowMeaning rows = RowMeaning::event;
  std::vector<std::string> recipients;  // of a referral when the mapping gives none
  std::string purpose;                  // the same
};

/// All messages of one record, or none.
struct DraftedRecord {
  std::vector<sdk::Draft> drafts;
  sdk::Notes notes;  // to be written with the drafts
  Texts undo;        // keys to forget, should the broker refuse it: then a corrected row is a new one
  std::string reference;
};

struct Unchanged {};  // nothing new: the same was sent before

using Drafted = std::variant<DraftedRecord, Unchanged, RuleBroken>;

/// Knows what the records before it in the same batch will do. A new one for each batch; `post` outlives it.
class Drafter {
 public:
  Drafter(Post& post, const DraftingPolicy& policy);

  /// `messages` are those of one record, at least one.
  Drafted draft(std::span<const mapping::MappedMessage> messages);

 private:
  struct Work;

  std::optional<RuleBroken> add(const mapping::MappedMessage& message, Work& work);
  std::optional<RuleBroken> add_request(const mapping::MappedMessage& message, Work& work, sdk::Draft& draft);
  std::optional<RuleBroken> add_further(const mapping::MappedMessage& message, Work& work, sdk::Draft& draft);
  std::optional<RuleBroken> name_appointment(const mapping::MappedMessage& message, Work& work, sdk::Draft& draft);
  [[nodiscard]] std::optional<std::string> linked(sdk::LinkKind kind, const std::string& reference) const;
  [[nodiscard]] std::optional<sdk::KnownReferral> known(const std::string& referral_id) const;
  void link(sdk::LinkKind kind, const std::string& reference, const std::string& id, Work& work);
  [[nodiscard]] std::string row_key(const mapping::MappedMessage& message, const std::string& digest) const;
  void keep(Work& work);

  Post& post_;
  const DraftingPolicy& policy_;
  sdk::Links links_;
  std::map<std::pair<sdk::LinkKind, std::string>, std::string> new_links_;
  std::map<std::string, sdk::KnownReferral> new_referrals_;
  std::map<std::string, AppointmentBook> books_;
  std::map<std::string, std::string> new_rows_;  // row key to digest
};

}  // namespace relais::files
