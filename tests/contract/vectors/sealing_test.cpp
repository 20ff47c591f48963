#include <cstring>
#include <deque>
#include <sodium.h>

#include "tests/contract/vectors/vectors.h"

namespace relais::vectors {
namespace {

/// What libsodium draws next, instead of at random; when it is used up, it is the system's generator again.
std::deque<std::string>& draws() {
  static std::deque<std::string> queue;
  return queue;
}

void draw(void* into, std::size_t count) {
  if (draws().empty()) return randombytes_sysrandom_implementation.buf(into, count);
  base::check(draws().front().size() == count, "a draw of that size");
  std::memcpy(into, draws().front().data(), count);
  draws().pop_front();
}

class VectorsOfSealing : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    static randombytes_implementation scripted = randombytes_sysrandom_implementation;
    scripted.buf = draw;
    ASSERT_EQ(0, randombytes_set_implementation(&scripted));
    base::crypto_init();
  }
  static void TearDownTestSuite() { randombytes_set_implementation(&randombytes_sysrandom_implementation); }
};

TEST_F(VectorsOfSealing, seals_to_the_byte) {
  each(load("sealing.json").at("seal"), [](const Json& vector) {
    const auto category = static_cast<v1::Category>(vector.at("category").get<int>());
    const auto secret = secret_key(bytes(vector, "secret"));
    for (const auto& one : vector.at("draws")) draws().push_back(from_hex(one));
    auto sealed = base::seal(bytes(vector, "message_id"), category, bytes(vector, "content"));
    for (const auto& recipient : vector.at("recipients")) {
      const auto shared = base::SharedKey::agree(secret, public_key(bytes(recipient, "public")));
      ASSERT_TRUE(shared.ok());
      base::add_wrap(sealed, recipient.at("recipient").get<std::string>(),
                     recipient.at("recipient_key").get<std::string>(), vector.at("sender_key").get<std::string>(),
                     *shared);
    }
    EXPECT_TRUE(draws().empty());
    const auto data = sealed.compartment.SerializeAsString();
    EXPECT_EQ(data, bytes(vector, "compartment"));
    EXPECT_EQ(base::view(base::hash(data)), bytes(vector, "digest"));
  });
}

TEST_F(VectorsOfSealing, opens_what_opens_and_nothing_else) {
  each(load("sealing.json").at("open"), [](const Json& vector) {
    v1::Compartment compartment;
    ASSERT_TRUE(compartment.ParseFromString(bytes(vector, "compartment")));
    const auto shared =
        base::SharedKey::agree(secret_key(bytes(vector, "secret")), public_key(bytes(vector, "public")));
    ASSERT_TRUE(shared.ok());
    const auto content =
        base::open(compartment, bytes(vector, "message_id"), compartment.wraps(vector.at("wrap").get<int>()), *shared);
    if (good(vector, content)) {
      EXPECT_EQ(*content, bytes(vector.at("expect"), "content"));
    }
  });
}

TEST_F(VectorsOfSealing, agrees_with_no_weak_key) {
  const auto secret = secret_key(std::string(32, 'x'));
  const auto weak_keys = load("sealing.json").at("weak_public_keys");
  for (const auto& weak : weak_keys) {
    const auto shared = base::SharedKey::agree(secret, public_key(from_hex(weak)));
    ASSERT_FALSE(shared.ok());
    EXPECT_EQ(shared.refusal().code, base::RefusalCode::key_invalid);
  }
}

}  // namespace
}  // namespace relais::vectors
