#include "adapters/sftp/claim_name.h"

#include <gtest/gtest.h>

#include "adapters/files/claims.h"

namespace relais::sftp {
namespace {

using What = ClaimName::What;

TEST(ClaimName, carries_the_name_whatever_it_is) {
  files::ClaimIds ids;
  const auto id = ids.next(base::from_ms(1'795'470'000'123));
  for (const std::string name : {"export.csv", "-f-", "a b.csv", "l\nine", "caf\xE9.csv", "..", "x"}) {
    const ClaimName claim{What::file, id, name};
    ASSERT_TRUE(claim_name(text(claim)).has_value()) << name;
    EXPECT_EQ(claim, *claim_name(text(claim)));
    const ClaimName marker{What::marker, id, name};
    EXPECT_EQ(marker, *claim_name(text(marker)));
    EXPECT_NE(text(claim), text(marker));
  }
}

TEST(ClaimName, fits_a_file_name) {
  files::ClaimIds ids;
  const ClaimName claim{What::file, ids.next(base::from_ms(0)), std::string(kClaimedNameBytesMax, 'x')};
  EXPECT_EQ(255U, text(claim).size());
}

TEST(ClaimName, is_not_seen_where_there_is_none) {
  for (const auto* name :
       {"", "export.csv", ".relais-", ".relais-20261123-215811-123001", ".relais-20261123-215811-123001-f-",
        ".relais-20261123-215811-123001-x-a", ".relais-2026112x-215811-123001-f-a"})
    EXPECT_FALSE(claim_name(name).has_value()) << name;
  EXPECT_FALSE(claim_name(new_unfinished_name()).has_value());
  EXPECT_NE(new_unfinished_name(), new_unfinished_name());
}

}  // namespace
}  // namespace relais::sftp
