#include "core/commit/checks.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/refusals.hpp"

namespace cariosan::commit {

Error too_many(std::string field, std::int64_t limit, std::string_view what, std::string_view holder) {
    return invalid_field(std::move(field), fmt::format("too many {}: {} may have at most {}", what, holder, limit))
        .with("limit", limit);
}

Error too_many_memberships(std::string field, std::int64_t limit) {
    return too_many(std::move(field), limit, "memberships", "a user");
}

Result<Done> check_actor(BatchRows& rows, const ChannelRow& channel, const std::optional<UserId>& actor) {
    if (!actor) return Done{};
    const MemberRow* member = rows.find_present(channel, *actor);
    if (member == nullptr) return core::caller_is_no_member();
    if (channel.channel.type == ChannelType::group && member->role != Role::admin) {
        return core::caller_is_no_admin();
    }
    return Done{};
}

Result<Done> check_open(BatchRows& rows, const ChannelRow& channel) {
    if (channel.channel.type != ChannelType::direct || !rows.channels.has_deleted_user(channel.id)) return Done{};
    return Error(ErrorCode::forbidden, "the other user of this channel was deleted: it can only be read");
}

Result<Done> check_not_suspended(const MemberRow& user, Timestamp at) {
    if (!user.suspension || !user.suspension->holds_at(at)) return Done{};
    return core::user_is_suspended(*user.suspension);
}

Result<Done> check_not_silenced(BatchRows& rows, const ChannelRow& channel, const MemberRow& author, Timestamp at) {
    if (author.silence_count == 0) return Done{};
    const auto ends = rows.moderation.silences_of(author.user, channel.id, at);
    if (ends.empty()) return Done{};
    // Of two silences, the one that ends later; one without an end ends last.
    std::optional<Timestamp> until = ends.front();
    for (const auto& end : ends) {
        if (until && (!end || *end > *until)) until = end;
    }
    return core::author_is_silenced(until);
}

bool is_admin(const ChannelRow& channel, const MemberRow& member) {
    return channel.channel.type == ChannelType::group && member.role == Role::admin;
}

Result<Done> check_not_frozen(const ChannelRow& channel, const MemberRow& member) {
    if (!channel.channel.frozen || is_admin(channel, member)) return Done{};
    return core::channel_is_frozen();
}

Result<Done> check_pace(const ChannelRow& channel, const MemberRow& author, Timestamp at) {
    const std::int64_t pause = channel.channel.slow_mode_seconds * 1000;
    if (pause == 0 || !author.last_sent_at || is_admin(channel, author)) return Done{};
    const std::int64_t left = author.last_sent_at->milliseconds + pause - at.milliseconds;
    if (left <= 0) return Done{};
    // More than the pause is left if a clock was set back.
    return core::author_is_too_fast(std::min(left, pause));
}

bool has_room(BatchRows& rows, RowId user, std::int64_t membership_count, std::int64_t limit) {
    // The stored number may be too high, since it may still include purged channels: at the limit, count them.
    return limit <= 0 || membership_count < limit || rows.members.count_memberships(user) < limit;
}

bool hides(BatchRows& rows, const MemberRow& user, UserId author) {
    return user.block_count > 0 && rows.blocks.find(user.user, author).has_value();
}

void mark_quote(BatchRows& rows, Message& message, const MemberRow* user) {
    if (user == nullptr || !message.quoted_message) return;
    message.quoted_message->hidden = hides(rows, *user, message.quoted_message->user_id);
}

void record_matches(BatchRows& rows, const ChannelRow& channel, RowId user, const std::optional<MessageId>& message,
                    Timestamp at, const std::vector<ModerationMatch>& matches) {
    for (const ModerationMatch& match : matches) rows.moderation.insert_record(channel, user, message, at, match);
    if (!matches.empty()) rows.wrote();
}

}  // namespace cariosan::commit
