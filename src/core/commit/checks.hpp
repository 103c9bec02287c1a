/// Checks that several mutations make before they write.
#pragma once

#include <optional>

#include "core/commit/batch_rows.hpp"

namespace cariosan::commit {

/// Sets a field to the value that a mutation wants (absent: it stays); whether that changes it.
template <class T>
bool take_if_new(T& field, const std::optional<T>& wanted) {
    if (!wanted || *wanted == field) return false;
    field = *wanted;
    return true;
}

/// The error for a full channel, a user in too many channels and so on, in one wording:
/// "too many `what`: `holder` may have at most `limit`".
Error too_many(std::string field, std::int64_t limit, std::string_view what, std::string_view holder);
Error too_many_memberships(std::string field, std::int64_t limit);

/// Whether `actor` (absent: the backend) may change a channel's settings or members.
Result<Done> check_actor(BatchRows& rows, const ChannelRow& channel, const std::optional<UserId>& actor);
/// `forbidden` in a direct channel whose other user was deleted.
Result<Done> check_open(BatchRows& rows, const ChannelRow& channel);
/// `suspended` if the user is kept out at `at`.
Result<Done> check_not_suspended(const MemberRow& user, Timestamp at);
/// `muted` if the author may not write in the channel at `at`. For a user who was never silenced it costs one comparison.
Result<Done> check_not_silenced(BatchRows& rows, const ChannelRow& channel, const MemberRow& author, Timestamp at);
/// Whether a member may do what only admins of a group may: nobody in a direct channel.
bool is_admin(const ChannelRow& channel, const MemberRow& member);
/// `frozen` for everyone but the admins of a group.
Result<Done> check_not_frozen(const ChannelRow& channel, const MemberRow& member);
/// `slow_mode` if the author's last message is too recent at `at`.
Result<Done> check_pace(const ChannelRow& channel, const MemberRow& author, Timestamp at);
/// Whether a user may join one more channel (limit 0: no limit).
bool has_room(BatchRows& rows, RowId user, std::int64_t membership_count, std::int64_t limit);

/// Whether the user has blocked `author`. Costs one comparison for users who have blocked nobody.
bool hides(BatchRows& rows, const MemberRow& user, UserId author);
/// Marks a quote hidden from the user (null: no user).
void mark_quote(BatchRows& rows, Message& message, const MemberRow* user);

/// Records what moderation found in a text.
void record_matches(BatchRows& rows, const ChannelRow& channel, RowId user, const std::optional<MessageId>& message,
                    Timestamp at, const std::vector<ModerationMatch>& matches);

}  // namespace cariosan::commit
