/// Lists everything stored about one user. A template over the adapter's queries.
#pragma once

#include <algorithm>
#include <cariosan/storage.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {
namespace detail {

/// How many messages of all users are searched for those of one user. Takes a few milliseconds.
inline constexpr std::int64_t kStretch = 20'000;
inline constexpr std::size_t kPageBytes = 128 << 10U;
/// A successor of the last admin is chosen immediately among at most this many members; with more of them the page ends.
inline constexpr std::int64_t kFewMembers = 100;

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
template <class T, class Rows, class Read>
void fill_page(RecordPage<T>& page, Rows& rows, std::int64_t limit, Read read) {
    RecordPosition last;
    std::int64_t count = 0;
    for (; rows.next(); ++count) {
        std::optional<T> record = read(last);
        if (record) page.records.push_back(*std::move(record));
    }
    if (count >= limit) page.next = last;
}

}  // namespace detail

/// Lists everything stored about one user. Messages have no index by author, so they are searched among everyone's, a
/// stretch at a time.
template <class Queries>
class SqlUserData final : public UserDataReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlUserData(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<RecordPage<UserMembership>> memberships(WorkspaceId workspace, UserId user, RecordPosition after,
                                                   std::int64_t limit) override;
    Result<RecordPage<Message>> messages(WorkspaceId workspace, UserId user, RecordPosition after,
                                         std::int64_t limit) override;
    Result<RecordPage<UserReaction>> reactions(WorkspaceId workspace, UserId user, RecordPosition after,
                                               std::int64_t limit) override;
    Result<RecordPage<UserMention>> mentions(WorkspaceId workspace, UserId user, RecordPosition after,
                                             std::int64_t limit) override;
    Result<RecordPage<Silence>> silences(WorkspaceId workspace, UserId user, RecordPosition after,
                                         std::int64_t limit) override;
    Result<RecordPage<ModerationRecord>> moderation(WorkspaceId workspace, UserId user, RecordPosition after,
                                                    std::int64_t limit) override;
    Result<RecordPage<Device>> devices(WorkspaceId workspace, UserId user, RecordPosition after,
                                       std::int64_t limit) override;
    Result<RecordPage<Report>> reports(WorkspaceId workspace, UserId user, RecordPosition after,
                                       std::int64_t limit) override;
    Result<std::vector<PendingDeletion>> deletions(std::int64_t limit) override;
    Result<std::vector<EndingMembership>> ending_memberships(WorkspaceId workspace, UserId user,
                                                             std::int64_t limit) override;
    Result<RecordPage<ErasableMessage>> erasable_messages(WorkspaceId workspace, UserId user, RecordPosition after,
                                                          std::int64_t limit) override;

  private:
    /// A page of what `statement` selects for this user: each row begins with its position, and `read` makes a record of the rest.
    template <class T, class Statement, class Read>
    Result<RecordPage<T>> list(Statement& statement, WorkspaceId workspace, UserId user, RecordPosition after, std::int64_t limit,
                               Read read) {
        RecordPage<T> page;
        if (const auto row = any_user(workspace, user)) {
            auto rows = statement.query(*row, after.major, limit);
            detail::fill_page(page, rows, limit, [&](RecordPosition& last) -> std::optional<T> {
                last.major = rows.integer();
                return read(rows);
            });
        }
        return snapshot_.checked(std::move(page));
    }
    /// Absent unless the user belongs to that workspace. Finds deleted users too.
    std::optional<std::int64_t> any_user(WorkspaceId workspace, UserId user);
    std::int64_t last_message();
    std::optional<UserId> successor(std::int64_t channel, std::int64_t user);

    Snapshot& snapshot_;
    Queries sql_;
};

template <class Queries>
std::optional<std::int64_t> SqlUserData<Queries>::any_user(WorkspaceId workspace, UserId user) {
    const auto row = snapshot_.workspace(workspace);
    if (!row) return std::nullopt;
    auto rows = sql_.any_user.query(user, *row);
    return rows.next() ? std::optional(rows.integer()) : std::nullopt;
}

template <class Queries>
std::int64_t SqlUserData<Queries>::last_message() {
    auto rows = sql_.last_message.query();
    return rows.next() ? rows.integer() : 0;
}

template <class Queries>
Result<RecordPage<UserMembership>> SqlUserData<Queries>::memberships(WorkspaceId workspace, UserId user,
                                                                     RecordPosition after, std::int64_t limit) {
    return list<UserMembership>(sql_.memberships, workspace, user, after, limit, [](auto& rows) -> std::optional<UserMembership> {
        if (!rows.flag()) return std::nullopt;
        UserMembership membership;
        membership.channel_id = read_id<ChannelId>(rows);
        membership.channel_external_id = rows.optional_text();
        membership.left = !rows.flag();
        membership.role = read_code<Role>(rows);
        membership.joined_at = rows.timestamp();
        membership.receipt = read_receipt(rows);
        membership.preferences = read_preferences(rows);
        return membership;
    });
}

template <class Queries>
Result<RecordPage<Message>> SqlUserData<Queries>::messages(WorkspaceId workspace, UserId user, RecordPosition after,
                                                           std::int64_t limit) {
    RecordPage<Message> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    const detail::Stretch stretch(after, last_message());
    std::vector<MessageRow> found;
    std::size_t bytes = 0;
    page.next = stretch.next();
    {
        auto rows = sql_.messages.query(*row, stretch.after, stretch.to, limit);
        while (rows.next()) {
            const auto channel = read_id<ChannelId>(rows);
            const auto external_id = rows.optional_text();
            found.push_back(read_message(rows, channel, external_id));
            bytes += found.back().message.content.size() + found.back().message.metadata.size();
            if (bytes >= detail::kPageBytes || std::cmp_greater_equal(found.size(), limit)) {
                page.next = RecordPosition{.major = found.back().id};
                break;
            }
        }
    }
    page.records = sql_.parts.completed(std::move(found), ViewerRow{.row = *row, .blocked = {}});
    return snapshot_.checked(std::move(page));
}

template <class Queries>
Result<RecordPage<UserReaction>> SqlUserData<Queries>::reactions(WorkspaceId workspace, UserId user,
                                                                 RecordPosition after, std::int64_t limit) {
    return list<UserReaction>(sql_.reactions, workspace, user, after, limit, [](auto& rows) -> std::optional<UserReaction> {
        if (!rows.flag()) return std::nullopt;
        UserReaction reaction;
        reaction.channel_id = read_id<ChannelId>(rows);
        reaction.message_id = read_id<MessageId>(rows);
        reaction.emoji = rows.text();
        return reaction;
    });
}

template <class Queries>
Result<RecordPage<UserMention>> SqlUserData<Queries>::mentions(WorkspaceId workspace, UserId user, RecordPosition after,
                                                               std::int64_t limit) {
    RecordPage<UserMention> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    auto rows = sql_.mentions.query(*row, after.major, after.minor, limit);
    detail::fill_page(page, rows, limit, [&](RecordPosition& last) -> std::optional<UserMention> {
        last.major = rows.integer();
        last.minor = rows.integer();
        if (!rows.flag()) return std::nullopt;
        UserMention mention;
        mention.channel_id = read_id<ChannelId>(rows);
        mention.message_id = read_id<MessageId>(rows);
        return mention;
    });
    return snapshot_.checked(std::move(page));
}

template <class Queries>
Result<RecordPage<Silence>> SqlUserData<Queries>::silences(WorkspaceId workspace, UserId user, RecordPosition after,
                                                           std::int64_t limit) {
    return list<Silence>(sql_.silences, workspace, user, after, limit, [](auto& rows) -> std::optional<Silence> {
        if (!rows.flag()) return std::nullopt;
        Silence silence;
        silence.until = rows.optional_timestamp();
        silence.reason = rows.optional_text();
        silence.created_at = rows.timestamp();
        if (!rows.skip_null()) silence.channel_id = read_id<ChannelId>(rows);
        silence.channel_external_id = rows.optional_text();
        silence.user = read_summary(rows);
        return silence;
    });
}

template <class Queries>
Result<RecordPage<ModerationRecord>> SqlUserData<Queries>::moderation(WorkspaceId workspace, UserId user,
                                                                      RecordPosition after, std::int64_t limit) {
    return list<ModerationRecord>(sql_.moderation, workspace, user, after, limit, [](auto& rows) -> std::optional<ModerationRecord> {
        if (!rows.flag()) return std::nullopt;
        return read_record(rows);
    });
}

template <class Queries>
Result<RecordPage<Report>> SqlUserData<Queries>::reports(WorkspaceId workspace, UserId user, RecordPosition after,
                                                         std::int64_t limit) {
    return list<Report>(sql_.reports_filed, workspace, user, after, limit, [](auto& rows) -> std::optional<Report> {
        return read_report(rows);
    });
}

template <class Queries>
Result<RecordPage<Device>> SqlUserData<Queries>::devices(WorkspaceId workspace, UserId user, RecordPosition after,
                                                         std::int64_t limit) {
    return list<Device>(sql_.devices, workspace, user, after, limit, [](auto& rows) -> std::optional<Device> {
        Device device;
        device.token = rows.text();
        device.platform = read_code<DevicePlatform>(rows);
        device.created_at = rows.timestamp();
        return device;
    });
}

template <class Queries>
Result<std::vector<PendingDeletion>> SqlUserData<Queries>::deletions(std::int64_t limit) {
    std::vector<PendingDeletion> list;
    auto rows = sql_.deletions.query(limit);
    while (rows.next()) {
        PendingDeletion deletion;
        deletion.workspace = read_id<WorkspaceId>(rows);
        deletion.user = read_id<UserId>(rows);
        deletion.erase = read_code<commit::UnfinishedDeletion>(rows) == commit::UnfinishedDeletion::memberships_and_texts;
        list.push_back(deletion);
    }
    return snapshot_.checked(std::move(list));
}

template <class Queries>
std::optional<UserId> SqlUserData<Queries>::successor(std::int64_t channel, std::int64_t user) {
    auto rows = sql_.successor.query(channel, user);
    return rows.next() ? std::optional(read_id<UserId>(rows)) : std::nullopt;
}

template <class Queries>
Result<std::vector<EndingMembership>> SqlUserData<Queries>::ending_memberships(WorkspaceId workspace, UserId user,
                                                                               std::int64_t limit) {
    std::vector<EndingMembership> list;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(list));
    auto rows = sql_.ending.query(*row, limit);
    while (rows.next()) {
        const std::int64_t channel = rows.integer();
        EndingMembership ending;
        ending.channel = read_id<ChannelId>(rows);
        const bool was_last_admin = rows.flag();
        if (was_last_admin) ending.successor = successor(channel, *row);
        list.push_back(ending);
        // All members have been looked at.
        if (was_last_admin && rows.integer() > detail::kFewMembers) break;
    }
    return snapshot_.checked(std::move(list));
}

template <class Queries>
Result<RecordPage<ErasableMessage>> SqlUserData<Queries>::erasable_messages(WorkspaceId workspace, UserId user,
                                                                            RecordPosition after, std::int64_t limit) {
    RecordPage<ErasableMessage> page;
    const auto row = any_user(workspace, user);
    if (!row) return snapshot_.checked(std::move(page));
    const detail::Stretch stretch(after, last_message());
    page.next = stretch.next();
    auto rows = sql_.erasable.query(*row, stretch.after, stretch.to, limit);
    detail::fill_page(page, rows, limit, [&](RecordPosition& last) {
        last.major = rows.integer();
        ErasableMessage message;
        message.channel = read_id<ChannelId>(rows);
        message.message = read_id<MessageId>(rows);
        message.rows = rows.integer();
        return message;
    });
    return snapshot_.checked(std::move(page));
}

}  // namespace cariosan::sql
