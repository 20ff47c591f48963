#include "broker/journal/anchor.h"

#include <algorithm>

#include "broker/base/check.h"
#include "broker/base/clock.h"
#include "broker/journal/record_codec.h"

namespace relais::journal {

namespace {

/// A bundle about one record carries the hashes of its stretch: 8 KiB at this length.
constexpr std::size_t kStretchRecords = 256;
constexpr std::chrono::seconds kUnsignedMost{1};
constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kKeyIdAt = 1 + 2 * kNumberBytes + base::kSignatureBytes;

}  // namespace

std::string anchor_text(std::string_view store_id, const Anchor& anchor, const std::vector<base::Hash>& links) {
  std::string all;
  all.reserve(links.size() * base::kHashBytes);
  for (const auto& link : links) all += base::view(link);
  const auto digest = base::hash(all);
  std::string text(store_id);
  text += journal_key(anchor.first) + journal_key(anchor.last) + journal_key(static_cast<std::uint64_t>(anchor.at_ms));
  text += base::view(digest);
  return text + anchor.key_id;
}

bool verify_anchor(const base::PublicKeyBytes& key, std::string_view store_id, const Anchor& anchor,
                   const std::vector<base::Hash>& links) {
  if (anchor.first == 0 || anchor.last < anchor.first || links.size() != anchor.last - anchor.first + 2) return false;
  return base::verify(key, base::kChainDomain, anchor_text(store_id, anchor, links), anchor.signature);
}

std::string anchor_key(core::Position last) { return std::string(kAnchorPrefix) + journal_key(last); }

std::string encode_anchor(const Anchor& anchor) {
  std::string value(1, kValueVersion);
  value += journal_key(anchor.first) + journal_key(static_cast<std::uint64_t>(anchor.at_ms)) + anchor.signature;
  return value + anchor.key_id;
}

std::optional<Anchor> decode_anchor(std::string_view key, std::string_view value) {
  if (!key.starts_with(kAnchorPrefix) || value.size() < kKeyIdAt || value[0] != kValueVersion) return std::nullopt;
  const auto last = parse_journal_key(key.substr(kAnchorPrefix.size()));
  const auto first = parse_journal_key(value.substr(1, kNumberBytes));
  const auto at_ms = parse_journal_key(value.substr(1 + kNumberBytes, kNumberBytes));
  if (!last || !first || !at_ms || *first == 0 || *first > *last) return std::nullopt;
  return Anchor{*first, *last, static_cast<std::int64_t>(*at_ms), std::string(value.substr(kKeyIdAt)),
                std::string(value.substr(1 + 2 * kNumberBytes, base::kSignatureBytes))};
}

ChainSigner::ChainSigner(const base::Signer& signer, std::string key_id, std::string store_id, const ChainEnd& start)
    : signer_(signer),
      key_id_(std::move(key_id)),
      store_id_(std::move(store_id)),
      first_(start.position + 1),
      links_{start.hash} {}

void ChainSigner::add(const ChainEnd& link) {
  base::check(link.position == first_ + unsigned_records(), "what is signed follows what was signed");
  links_.push_back(link.hash);
}

std::vector<Anchor> ChainSigner::sign(bool all) const {
  const bool rest = all || std::chrono::steady_clock::now() - last_signed_ >= kUnsignedMost;
  std::vector<Anchor> anchors;
  // A batch may hold many stretches: none is longer for it, nor is a bundle about one of its records.
  for (std::size_t from = 0; from < unsigned_records();) {
    const auto records = std::min(kStretchRecords, unsigned_records() - from);
    if (records < kStretchRecords && !rest) break;
    const auto link = links_.begin() + static_cast<std::ptrdiff_t>(from);
    auto& anchor = anchors.emplace_back(
        Anchor{first_ + from, first_ + from + records - 1, base::to_ms(base::SystemClock().now()), key_id_, {}});
    const auto text = anchor_text(store_id_, anchor, {link, link + static_cast<std::ptrdiff_t>(records) + 1});
    anchor.signature = base::view(signer_.sign(base::kChainDomain, text));
    from += records;
  }
  return anchors;
}

void ChainSigner::signed_up_to(core::Position last) {
  links_.erase(links_.begin(), links_.begin() + static_cast<std::ptrdiff_t>(last + 1 - first_));
  first_ = last + 1;
  last_signed_ = std::chrono::steady_clock::now();
}

}  // namespace relais::journal
