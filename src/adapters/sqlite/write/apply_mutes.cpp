// Who may not write: mutes of one channel and of the whole workspace.
#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {

Result<Done> Batch::check_not_muted(const ChannelRow& channel, const MemberRow& author, Timestamp at) {
    if (author.mute_count == 0) return Done{};
    bool muted = false;
    std::optional<Timestamp> until;
    Rows rows = sql_.mutes_of_user.query(author.user, channel.id, at);
    while (rows.next()) {
        const auto end = rows.optional_timestamp();
        // Of two the one that ends later; one without an end ends last.
        if (!muted || (until && (!end || *end > *until))) until = end;
        muted = true;
    }
    if (!muted) return Done{};
    Error refused(ErrorCode::muted, "the user is muted");
    if (until) return std::move(refused).with("until", until->to_string());
    return refused;
}

std::optional<Batch::MutePlace> Batch::find_mute_place(WorkspaceId workspace_id, UserId user_id,
                                                       const std::optional<ChannelId>& channel_id, Error& error) {
    MutePlace place;
    const auto workspace = find_workspace(workspace_id);
    const auto user = workspace ? find_user(workspace->id, user_id) : std::nullopt;
    if (!user) {
        error = not_found(workspace ? "user" : "workspace");
        return std::nullopt;
    }
    place.workspace = workspace->id;
    place.user = user->id;
    place.mute.user = user->summary;
    if (channel_id) {
        const ChannelRow* channel = find_channel(workspace_id, *channel_id);
        if (channel == nullptr) {
            error = not_found("channel");
            return std::nullopt;
        }
        place.channel = channel->id;
        place.mute.channel_id = channel->channel.id;
        place.mute.channel_external_id = channel->channel.external_id;
    }
    Rows rows = sql_.find_mute.query(place.user, place.channel);
    place.there = rows.next();
    if (place.there) {
        place.mute.until = rows.optional_timestamp();
        place.mute.reason = rows.optional_text();
        place.mute.created_at = rows.timestamp();
    }
    return place;
}

void Batch::count_mutes(std::int64_t user, std::int64_t change) {
    sql_.add_mutes.run(user, change);
    for (auto& [key, member] : state_.members) {
        if (member.user == user) member.mute_count += change;
    }
}

Result<Committed> Batch::apply(const mutation::MuteUser& request) {
    Error error;
    auto place = find_mute_place(request.workspace, request.user, request.channel, error);
    if (!place) return error;
    Mute& mute = place->mute;
    Committed done;
    done.created = !place->there;
    done.changed = !place->there || mute.until != request.until || mute.reason != request.reason;
    if (done.changed) {
        mute.until = request.until;
        mute.reason = request.reason;
        mute.created_at = request.at;
        sql_.write_mute.run(place->user, place->channel, place->workspace, mute.user.id,
                            mute.channel_id.value_or(ChannelId{}), mute.until, mute.reason, mute.created_at);
        if (!place->there) count_mutes(place->user, 1);
        state_.wrote = true;
    }
    done.object = std::move(mute);
    return done;
}

Result<Committed> Batch::apply(const mutation::UnmuteUser& request) {
    Error error;
    const auto place = find_mute_place(request.workspace, request.user, request.channel, error);
    if (!place) return error;
    Committed done;
    done.changed = place->there;
    if (place->there) {
        sql_.drop_mute.run(place->user, place->channel);
        count_mutes(place->user, -1);
        state_.wrote = true;
    }
    return done;
}

}  // namespace cariosan::sqlite
