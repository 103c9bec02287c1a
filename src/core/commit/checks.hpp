/// Checks that several mutations make before they write.
#pragma once

#include "core/commit/batch_rows.hpp"

namespace cariosan::commit {

/// The error for a full channel, a user in too many channels and so on, in one wording:
/// "too many `what`: `holder` may have at most `limit`".
Error too_many(std::string field, std::int64_t limit, std::string_view what, std::string_view holder);
Error too_many_memberships(std::string field, std::int64_t limit);

/// Whether `actor` (absent: the backend) may change a channel's settings or members.
Result<Done> check_actor(BatchRows& rows, const ChannelRow& channel, const std::optional<UserId>& actor);
/// `forbidden` in a direct channel whose other user was deleted.
Result<Done> check_open(BatchRows& rows, const ChannelRow& channel);
/// `muted` if the author may not write in the channel at `at`. For a user who was never silenced it costs one comparison.
Result<Done> check_not_silenced(BatchRows& rows, const ChannelRow& channel, const MemberRow& author, Timestamp at);
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
