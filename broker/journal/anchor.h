// Signatures over the chain of records, so that whoever has the broker's public key can tell that nothing was changed.
//
// An anchor signs one stretch of records through their hashes, the one before the first included. To prove one record
// to a third party it takes that record, the hashes of its stretch and the anchor: what other records say is not shown.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/base/crypto.h"
#include "broker/journal/store.h"

namespace relais::journal {

struct Anchor {
  core::Position first = 0;
  core::Position last = 0;
  std::int64_t at_ms = 0;  // when it was signed
  std::string key_id;      // of the broker's signing key
  std::string signature;   // Ed25519
};

/// What is signed: identity of the store, stretch, time, key id, and the hash of all `links`, which are the hashes of
/// the records first - 1 .. last.
std::string anchor_text(std::string_view store_id, const Anchor& anchor, const std::vector<base::Hash>& links);

/// The links are as many as the stretch is long and one more, and the signature over them is made with this key.
bool verify_anchor(const base::PublicKeyBytes& key, std::string_view store_id, const Anchor& anchor,
                   const std::vector<base::Hash>& links);

/// In the meta family: key and value as in docs/formats/store.md.
inline constexpr std::string_view kAnchorPrefix = "anchor";
std::string anchor_key(core::Position last);
std::string encode_anchor(const Anchor& anchor);
/// Empty when it is not such a row.
std::optional<Anchor> decode_anchor(std::string_view key, std::string_view value);

/// Gathers the hashes of what is appended and signs them now and then. One thread; `signer` outlives it.
class ChainSigner {
 public:
  ChainSigner(const base::Signer& signer, std::string key_id, std::string store_id, const ChainEnd& start);

  void add(const ChainEnd& link);
  [[nodiscard]] std::size_t unsigned_records() const { return links_.size() - 1; }
  /// Gives up all but the first `records` of those that are not signed: their append failed.
  void back_to(std::size_t records) { links_.resize(records + 1); }

  /// One over each stretch that is long enough; and one over what remains when the last signature is old enough, or
  /// `all` is to be signed.
  [[nodiscard]] std::vector<Anchor> sign(bool all) const;
  /// What sign() answered is on the disk: the next stretch begins after `last`.
  void signed_up_to(core::Position last);

 private:
  const base::Signer& signer_;
  const std::string key_id_;
  const std::string store_id_;
  core::Position first_;
  std::vector<base::Hash> links_;
  std::chrono::steady_clock::time_point last_signed_;
};

}  // namespace relais::journal
