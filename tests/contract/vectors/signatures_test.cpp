#include <sys/stat.h>

#include "adapters/sdk/draft.h"
#include "adapters/sdk/network.h"
#include "broker/base/key_file.h"
#include "tests/contract/vectors/vectors.h"
#include "tests/support/temporary_folder.h"

namespace relais::vectors {
namespace {

std::string text(const Json& vector, const char* key) { return vector.at(key).get<std::string>(); }

TEST(VectorsOfSignatures, signs_to_the_byte) {
  each(load("signatures.json").at("sign"), [](const Json& vector) {
    const auto made =
        base::Signer(secret_key(bytes(vector, "seed"))).sign(text(vector, "domain"), bytes(vector, "bytes"));
    EXPECT_EQ(base::view(made), bytes(vector, "signature"));
    EXPECT_EQ(base::view(base::signing_public(secret_key(bytes(vector, "seed")))), bytes(vector, "public"));
  });
}

TEST(VectorsOfSignatures, verifies_what_is_signed_and_nothing_else) {
  each(load("signatures.json").at("verify"), [](const Json& vector) {
    EXPECT_EQ(base::verify(public_key(bytes(vector, "public")), text(vector, "domain"), bytes(vector, "bytes"),
                           bytes(vector, "signature")),
              vector.at("verifies").get<bool>());
  });
}

base::Result<std::shared_ptr<const sdk::Network>> read_network(const Json& all, const Json& vector) {
  v1::SignedNetwork signed_network;
  base::check(signed_network.ParseFromString(bytes(vector, "signed_network")), "a signed network");
  const auto& pins = all.at("pins");
  return sdk::Network::verify(signed_network, {text(pins, "network"), public_key(bytes(pins, "authority_public_key")),
                                               public_key(bytes(pins, "broker_public_key"))});
}

TEST(VectorsOfNetworks, are_believed_or_not) {
  const auto all = load("signatures.json");
  each(all.at("networks"), [&](const Json& vector) {
    const auto network = read_network(all, vector);
    if (good(vector, network)) {
      EXPECT_EQ((*network)->version(), vector.at("expect").at("version").get<std::uint64_t>());
    }
  });
}

TEST(VectorsOfNetworks, tell_which_keys_count) {
  const auto all = load("signatures.json");
  const auto network = read_network(all, all.at("networks").at(0));
  ASSERT_TRUE(network.ok());
  each(all.at("keys_that_count").at("signing"), [&](const Json& vector) {
    const auto key = (*network)->signing_key(text(vector, "institution"), text(vector, "signing_key"),
                                             base::from_ms(vector.at("at_ms").get<std::int64_t>()));
    EXPECT_EQ(key ? base::view(*key) : "", bytes(vector, "key"));
  });
  each(all.at("keys_that_count").at("sealing"), [&](const Json& vector) {
    const auto* key = (*network)->current_sealing_key(text(vector, "institution"),
                                                      base::from_ms(vector.at("at_ms").get<std::int64_t>()));
    EXPECT_EQ(key == nullptr ? "" : key->id(), text(vector, "key_id"));
  });
}

TEST(VectorsOfKeyFiles, are_read_or_refused) {
  const tests::TemporaryFolder folder;
  each(load("signatures.json").at("key_files"), [&](const Json& vector) {
    const auto path = folder.write("a.key", text(vector, "text"));
    ASSERT_EQ(0, ::chmod(path.c_str(), 0600));
    const auto key = base::read_key_file(path);
    if (!good(vector, key)) return;
    EXPECT_EQ(base::key_use_name(key->use), text(vector.at("expect"), "use"));
    EXPECT_EQ(key->id, text(vector.at("expect"), "id"));
    EXPECT_EQ(base::view(key->pair.public_key), bytes(vector.at("expect"), "public"));
  });
}

TEST(VectorsOfIds, follow_from_a_name) {
  each(load("signatures.json").at("named_ids"), [](const Json& vector) {
    EXPECT_EQ(sdk::named_id(text(vector, "scope"), text(vector, "name")), bytes(vector, "id"));
  });
}

}  // namespace
}  // namespace relais::vectors
