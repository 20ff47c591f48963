// Which number of the institution's software stands for which id of Relais, both ways.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/sdk/local_store.h"
#include "adapters/sdk/notes.h"

namespace relais::sdk {

enum class LinkKind { referral, parcours, appointment };  // parcours: a case id

/// `institution` keeps the numbers of several institutions of one adapter apart. Ids are 16 bytes. A local reference
/// has one id of a kind, and an id has one reference: the later link replaces the earlier in both directions. A
/// reference is the software's own number; it must not be a name, and never a NIR.
///
/// Threads: any; two that link the same reference at once leave either result.
class Links {
 public:
  explicit Links(LocalStore& store) : store_(store) {}

  [[nodiscard]] std::optional<std::string> id(std::string_view institution, LinkKind kind,
                                              std::string_view reference) const;
  [[nodiscard]] std::optional<std::string> reference(std::string_view institution, LinkKind kind,
                                                     std::string_view id) const;

  /// Notes that make (or remove) a link: add them to a submit() or a Verdict, so that the link and the message are one
  /// fact.
  [[nodiscard]] Notes link(std::string_view institution, LinkKind kind, std::string_view reference,
                           std::string_view id) const;
  [[nodiscard]] Notes unlink(std::string_view institution, LinkKind kind, std::string_view reference) const;

 private:
  LocalStore& store_;
};

}  // namespace relais::sdk
