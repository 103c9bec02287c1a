#include "adapters/sqlite/read/channel_readers.hpp"

namespace cariosan::sqlite {

Result<std::optional<Membership>> SqliteMembers::find(ChannelId channel, UserId user) {
    std::optional<Membership> found;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        Rows rows = find_.query(known->row, user);
        if (rows.next()) {
            found.emplace();
            found->role = rows.code<Role>();
            found->muted = rows.flag();
            found->last_read_seq = rows.integer();
            found->rev = rows.integer();
        }
    }
    return snapshot_.checked(std::move(found));
}

Result<std::vector<Member>> SqliteMembers::list(ChannelId channel, std::optional<UserId> after,
                                                std::int64_t limit) {
    std::vector<Member> list;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        Rows rows = list_.query(known->row, after.value_or(UserId{}), limit);
        while (rows.next()) list.push_back(read_member(rows));
    }
    return snapshot_.checked(std::move(list));
}

Result<std::vector<Receipt>> SqliteMembers::receipts(ChannelId channel, std::optional<UserId> after,
                                                     std::int64_t limit) {
    std::vector<Receipt> list;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        Rows rows = receipts_.query(known->row, after.value_or(UserId{}), limit);
        while (rows.next()) list.push_back(read_receipt(rows));
    }
    return snapshot_.checked(std::move(list));
}

}  // namespace cariosan::sqlite
