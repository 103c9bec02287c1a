/// Reads the members of channels and their receipts. A template over the adapter's queries.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {

template <class Queries>
class SqlMembers final : public MemberReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlMembers(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<std::optional<Membership>> find(ChannelId channel, UserId user) override;
    Result<std::vector<Member>> list(ChannelId channel, std::optional<UserId> after,
                                     std::int64_t limit) override;
    Result<std::vector<Receipt>> receipts(ChannelId channel, std::optional<UserId> after,
                                          std::int64_t limit) override;

  private:
    Snapshot& snapshot_;
    Queries sql_;
};

template <class Queries>
Result<std::optional<Membership>> SqlMembers<Queries>::find(ChannelId channel, UserId user) {
    std::optional<Membership> found;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        auto rows = sql_.find.query(known->row, user);
        if (rows.next()) {
            found.emplace();
            found->role = read_code<Role>(rows);
            found->muted = rows.flag();
            found->last_read_seq = rows.integer();
            found->rev = rows.integer();
        }
    }
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::vector<Member>> SqlMembers<Queries>::list(ChannelId channel, std::optional<UserId> after,
                                                      std::int64_t limit) {
    std::vector<Member> list;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        auto rows = sql_.list.query(known->row, after.value_or(UserId{}), limit);
        while (rows.next()) list.push_back(read_member(rows));
    }
    return snapshot_.checked(std::move(list));
}

template <class Queries>
Result<std::vector<Receipt>> SqlMembers<Queries>::receipts(ChannelId channel, std::optional<UserId> after,
                                                           std::int64_t limit) {
    std::vector<Receipt> list;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        auto rows = sql_.receipts.query(known->row, after.value_or(UserId{}), limit);
        while (rows.next()) list.push_back(read_receipt(rows));
    }
    return snapshot_.checked(std::move(list));
}

}  // namespace cariosan::sql
