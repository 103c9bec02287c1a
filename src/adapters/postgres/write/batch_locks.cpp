#include "adapters/postgres/write/batch_locks.hpp"

#include <algorithm>
#include <string_view>

namespace cariosan::postgres {
namespace {

/// FNV-1a: the same on every node. A signed number of 32 bits.
class NameHash {
  public:
    void add(const Uuid& id) {
        for (const std::uint8_t byte : id.bytes) add(byte);
    }
    void add(std::string_view text) {
        for (const char byte : text) add(static_cast<std::uint8_t>(byte));
    }
    std::int64_t value() const { return static_cast<std::int32_t>(hash_); }

  private:
    void add(std::uint8_t byte) { hash_ = (hash_ ^ byte) * 16777619U; }

    std::uint32_t hash_ = 2166136261U;
};

/// The ids of rows that change; empty if all are only read.
template <class Id>
std::vector<Uuid> changing(const std::vector<commit::Footprint::Row<Id>>& rows) {
    std::vector<Uuid> ids;
    for (const auto& row : rows) {
        if (row.changes) ids.push_back(row.key.uuid);
    }
    return ids;
}

template <class Id>
void lock(Statement& statement, const std::vector<commit::Footprint::Row<Id>>& rows) {
    const std::vector<Uuid> ids = changing(rows);
    if (!ids.empty()) statement.start(Statement::list(ids));
}

}  // namespace

void BatchLocks::lock_names(Kind kind, std::vector<std::int64_t> hashes) {
    if (hashes.empty()) return;
    std::ranges::sort(hashes);
    names_.start(kind, Statement::list(hashes));
}

void BatchLocks::lock_names(Kind kind, const std::vector<commit::Footprint::Name>& names) {
    std::vector<std::int64_t> hashes;
    hashes.reserve(names.size());
    for (const auto& name : names) {
        NameHash hash;
        hash.add(name.workspace.uuid);
        hash.add(name.text);
        hashes.push_back(hash.value());
    }
    lock_names(kind, std::move(hashes));
}

void BatchLocks::take_before_channels(const commit::Footprint& footprint) {
    lock(workspaces_, footprint.workspaces);
    lock_names(Kind::user_name, footprint.user_names);
    lock(users_, footprint.users);
    lock_names(Kind::channel_name, footprint.channel_names);
    std::vector<std::int64_t> pairs;
    pairs.reserve(footprint.pairs.size());
    for (const auto& [low, high] : footprint.pairs) {
        NameHash hash;
        hash.add(low.uuid);
        hash.add(high.uuid);
        pairs.push_back(hash.value());
    }
    lock_names(Kind::pair, std::move(pairs));
}

void BatchLocks::take_after_channels(const commit::Footprint& footprint) {
    lock(webhooks_, footprint.webhooks);
    lock_names(Kind::webhook_key, footprint.webhook_keys);
    lock_names(Kind::device_token, footprint.device_tokens);
}

}  // namespace cariosan::postgres
