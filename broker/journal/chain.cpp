#include "broker/journal/chain.h"

namespace relais::journal {

base::Hash next_hash(const base::Hash& previous, std::string_view bytes) {
  return base::hash(base::view(previous), bytes);
}

base::Refusal damaged(core::Position position, std::string why) {
  return base::refuse(base::RefusalCode::journal_damaged, {},
                      {{"position", std::to_string(position)}, {"why", std::move(why)}});
}

base::Status ChainCheck::accept(core::Position position, const base::Hash& hash, std::string_view bytes) {
  const core::Position expected = end_.position + 1;
  if (position != expected) return damaged(expected, "the record is missing");
  if (next_hash(end_.hash, bytes) != hash) return damaged(expected, "the hash does not fit the record");
  end_ = {position, hash};
  return base::Done{};
}

base::Result<ChainEnd> verify_chain(const Store& store) {
  const ChainEnd expected = store.durable();
  auto end = store.replay(1, [&](const StoredRecord& record) { return record.position < expected.position; });
  if (!end) return end;
  if (end->position != expected.position) return damaged(end->position + 1, "the record is missing");
  if (end->hash != expected.hash) return damaged(end->position, "the chain ends in another hash");
  return end;
}

}  // namespace relais::journal
