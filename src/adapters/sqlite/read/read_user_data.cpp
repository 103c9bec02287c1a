#include <algorithm>
#include <utility>

#include "adapters/sqlite/read/workspace_readers.hpp"

namespace cariosan::sqlite {
namespace {

/// How many messages of all users are searched for those of one user. Takes a few milliseconds.
constexpr std::int64_t kStretch = 20'000;
constexpr std::size_t kPageBytes = 128 << 10U;
/// A successor of the last admin is chosen immediately among at most this many members; with more of them the page ends.
constexpr std::int64_t kFewMembers = 100;

/// The rows ?2 < id <= ?3 that a page looks at.
struct Stretch {
    std::int64_t after = 0;
    std::int64_t to = 0;
    std::int64_t last = 0;

    Stretch(RecordPosition position, std::int64_t last_row)
        : after(position.major), to(std::min(position.major + kStretch, last_row)), last(last_row) {}
    /// Where to continue after a page that was not filled.
    std::optional<RecordPosition> next() const {
        return to < last ? std::optional(RecordPosition{.major = to}) : std::nullopt;
    }
};

/// Reads the rows of a page, `limit` at most. `read` puts a row's position into the given place and makes a record of the row,
/// or nothing if its channel is hidden from readers; after `limit` rows the page ends and continues after the last one.
template <class T, class Read>
void fill_page(RecordPage<T>& page, Rows& rows, std::int64_t limit, Read read) {
    RecordPosition last;
    std::int64_t count = 0;
    for (; rows.next(); ++count) {
        std::optional<T> record = read(last);
        if (record) page.records.push_back(*std::move(record));
    }
    if (count >= limit) page.next = last;
}

}  // namespace

std::optional<std::int64_t> SqliteUserData::any_user(WorkspaceId workspace, UserId user) {
    const auto row = snapshot_.workspace(workspace);
    if (!row) return std::nullopt;
    Rows rows = any_user_.query(user, *row);
    return rows.next() ? std::optional(rows.integer()) : std::nullopt;
}

std::int64_t SqliteUserData::last_message() {
    Rows rows = last_message_.query();
    return rows.next() ? rows.integer() : 0;
}

Result<RecordPage<UserMembership>> SqliteUserData::memberships(WorkspaceId workspace, UserId user,
                                                               RecordPosition after, std::int64_t limit) {
    RecordPage<UserMembership> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    Rows rows = memberships_.query(*row, after.major, limit);
    fill_page(page, rows, limit, [&](RecordPosition& last) -> std::optional<UserMembership> {
        last.major = rows.integer();
        if (!rows.flag()) return std::nullopt;
        UserMembership membership;
        membership.channel_id = rows.id<ChannelId>();
        membership.channel_external_id = rows.optional_text();
        membership.left = !rows.flag();
        membership.role = rows.code<Role>();
        membership.joined_at = rows.timestamp();
        membership.receipt = read_receipt(rows);
        membership.preferences = read_preferences(rows);
        return membership;
    });
    return snapshot_.checked(std::move(page));
}

Result<RecordPage<Message>> SqliteUserData::messages(WorkspaceId workspace, UserId user, RecordPosition after,
                                                     std::int64_t limit) {
    RecordPage<Message> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    const Stretch stretch(after, last_message());
    std::vector<MessageRow> found;
    std::size_t bytes = 0;
    page.next = stretch.next();
    {
        Rows rows = messages_.query(*row, stretch.after, stretch.to, limit);
        while (rows.next()) {
            const auto channel = rows.id<ChannelId>();
            const auto external_id = rows.optional_text();
            found.push_back(read_message(rows, channel, external_id));
            bytes += found.back().message.content.size() + found.back().message.metadata.size();
            if (bytes >= kPageBytes || std::cmp_greater_equal(found.size(), limit)) {
                page.next = RecordPosition{.major = found.back().id};
                break;
            }
        }
    }
    page.records = parts_.completed(std::move(found), ViewerRow{.row = *row, .blocked = {}});
    return snapshot_.checked(std::move(page));
}

Result<RecordPage<UserReaction>> SqliteUserData::reactions(WorkspaceId workspace, UserId user,
                                                           RecordPosition after, std::int64_t limit) {
    RecordPage<UserReaction> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    Rows rows = reactions_.query(*row, after.major, limit);
    fill_page(page, rows, limit, [&](RecordPosition& last) -> std::optional<UserReaction> {
        last.major = rows.integer();
        if (!rows.flag()) return std::nullopt;
        UserReaction reaction;
        reaction.channel_id = rows.id<ChannelId>();
        reaction.message_id = rows.id<MessageId>();
        reaction.emoji = rows.text();
        return reaction;
    });
    return snapshot_.checked(std::move(page));
}

Result<RecordPage<UserMention>> SqliteUserData::mentions(WorkspaceId workspace, UserId user, RecordPosition after,
                                                         std::int64_t limit) {
    RecordPage<UserMention> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    Rows rows = mentions_.query(*row, after.major, after.minor, limit);
    fill_page(page, rows, limit, [&](RecordPosition& last) -> std::optional<UserMention> {
        last.major = rows.integer();
        last.minor = rows.integer();
        if (!rows.flag()) return std::nullopt;
        UserMention mention;
        mention.channel_id = rows.id<ChannelId>();
        mention.message_id = rows.id<MessageId>();
        return mention;
    });
    return snapshot_.checked(std::move(page));
}

Result<RecordPage<Silence>> SqliteUserData::silences(WorkspaceId workspace, UserId user, RecordPosition after,
                                                     std::int64_t limit) {
    RecordPage<Silence> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    Rows rows = silences_.query(*row, after.major, limit);
    fill_page(page, rows, limit, [&](RecordPosition& last) -> std::optional<Silence> {
        last.major = rows.integer();
        if (!rows.flag()) return std::nullopt;
        Silence silence;
        silence.until = rows.optional_timestamp();
        silence.reason = rows.optional_text();
        silence.created_at = rows.timestamp();
        if (!rows.skip_null()) silence.channel_id = rows.id<ChannelId>();
        silence.channel_external_id = rows.optional_text();
        silence.user = read_summary(rows);
        return silence;
    });
    return snapshot_.checked(std::move(page));
}

Result<RecordPage<ModerationRecord>> SqliteUserData::moderation(WorkspaceId workspace, UserId user,
                                                                RecordPosition after, std::int64_t limit) {
    RecordPage<ModerationRecord> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    Rows rows = moderation_.query(*row, after.major, limit);
    fill_page(page, rows, limit, [&](RecordPosition& last) -> std::optional<ModerationRecord> {
        last.major = rows.integer();
        if (!rows.flag()) return std::nullopt;
        return read_record(rows);
    });
    return snapshot_.checked(std::move(page));
}

Result<RecordPage<Device>> SqliteUserData::devices(WorkspaceId workspace, UserId user, RecordPosition after,
                                                   std::int64_t limit) {
    RecordPage<Device> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    Rows rows = devices_.query(*row, after.major, limit);
    fill_page(page, rows, limit, [&](RecordPosition& last) {
        last.major = rows.integer();
        Device device;
        device.token = rows.text();
        device.platform = rows.code<DevicePlatform>();
        device.created_at = rows.timestamp();
        return device;
    });
    return snapshot_.checked(std::move(page));
}

Result<std::vector<PendingDeletion>> SqliteUserData::deletions(std::int64_t limit) {
    std::vector<PendingDeletion> list;
    Rows rows = deletions_.query(limit);
    while (rows.next()) {
        PendingDeletion deletion;
        deletion.workspace = rows.id<WorkspaceId>();
        deletion.user = rows.id<UserId>();
        deletion.erase = rows.code<commit::UnfinishedDeletion>() == commit::UnfinishedDeletion::memberships_and_texts;
        list.push_back(deletion);
    }
    return snapshot_.checked(std::move(list));
}

std::optional<UserId> SqliteUserData::successor(std::int64_t channel, std::int64_t user) {
    Rows rows = successor_.query(channel, user);
    return rows.next() ? std::optional(rows.id<UserId>()) : std::nullopt;
}

Result<std::vector<EndingMembership>> SqliteUserData::ending_memberships(WorkspaceId workspace, UserId user,
                                                                         std::int64_t limit) {
    std::vector<EndingMembership> list;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(list));
    Rows rows = ending_.query(*row, limit);
    while (rows.next()) {
        const std::int64_t channel = rows.integer();
        EndingMembership ending;
        ending.channel = rows.id<ChannelId>();
        const bool was_last_admin = rows.flag();
        if (was_last_admin) ending.successor = successor(channel, *row);
        list.push_back(ending);
        // All members have been looked at.
        if (was_last_admin && rows.integer() > kFewMembers) break;
    }
    return snapshot_.checked(std::move(list));
}

Result<RecordPage<ErasableMessage>> SqliteUserData::erasable_messages(WorkspaceId workspace, UserId user,
                                                                      RecordPosition after, std::int64_t limit) {
    RecordPage<ErasableMessage> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    const Stretch stretch(after, last_message());
    page.next = stretch.next();
    Rows rows = erasable_.query(*row, stretch.after, stretch.to, limit);
    fill_page(page, rows, limit, [&](RecordPosition& last) {
        last.major = rows.integer();
        ErasableMessage message;
        message.channel = rows.id<ChannelId>();
        message.message = rows.id<MessageId>();
        message.rows = rows.integer();
        return message;
    });
    return snapshot_.checked(std::move(page));
}

}  // namespace cariosan::sqlite
