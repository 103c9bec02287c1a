// Who may not write: silences of one channel and of the whole workspace.
#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {

Result<Done> Batch::check_not_silenced(const ChannelRow& channel, const MemberRow& author, Timestamp at) {
    if (author.silence_count == 0) return Done{};
    bool silenced = false;
    std::optional<Timestamp> until;
    Rows rows = sql_.silences_of_user.query(author.user, channel.id, at);
    while (rows.next()) {
        const auto end = rows.optional_timestamp();
        // Of two the one that ends later; one without an end ends last.
        if (!silenced || (until && (!end || *end > *until))) until = end;
        silenced = true;
    }
    if (!silenced) return Done{};
    Error refused(ErrorCode::muted, "the user is muted");
    if (until) return std::move(refused).with("until", until->to_string());
    return refused;
}

std::optional<Batch::SilencePlace> Batch::find_silence_place(WorkspaceId workspace_id, UserId user_id,
                                                             const std::optional<ChannelId>& channel_id,
                                                             Error& error) {
    SilencePlace place;
    const auto workspace = find_workspace(workspace_id);
    const auto user = workspace ? find_user(workspace->id, user_id) : std::nullopt;
    if (!user) {
        error = not_found(workspace ? "user" : "workspace");
        return std::nullopt;
    }
    place.workspace = workspace->id;
    place.user = user->id;
    place.silence.user = user->summary;
    if (channel_id) {
        const ChannelRow* channel = find_channel(workspace_id, *channel_id);
        if (channel == nullptr) {
            error = not_found("channel");
            return std::nullopt;
        }
        place.channel = channel->id;
        place.silence.channel_id = channel->channel.id;
        place.silence.channel_external_id = channel->channel.external_id;
    }
    Rows rows = sql_.find_silence.query(place.user, place.channel);
    place.there = rows.next();
    if (place.there) {
        place.silence.until = rows.optional_timestamp();
        place.silence.reason = rows.optional_text();
        place.silence.created_at = rows.timestamp();
    }
    return place;
}

void Batch::count_silences(std::int64_t user, std::int64_t change) {
    sql_.add_silences.run(user, change);
    for (auto& [key, member] : state_.members) {
        if (member.user == user) member.silence_count += change;
    }
}

Result<Committed> Batch::apply(const mutation::SilenceUser& request) {
    Error error;
    auto place = find_silence_place(request.workspace, request.user, request.channel, error);
    if (!place) return error;
    Silence& silence = place->silence;
    Committed done;
    done.created = !place->there;
    done.changed = !place->there || silence.until != request.until || silence.reason != request.reason;
    if (done.changed) {
        silence.until = request.until;
        silence.reason = request.reason;
        silence.created_at = request.at;
        sql_.write_silence.run(place->user, place->channel, place->workspace, silence.user.id,
                               silence.channel_id.value_or(ChannelId{}), silence.until, silence.reason,
                               silence.created_at);
        if (!place->there) count_silences(place->user, 1);
        state_.wrote = true;
    }
    done.object = std::move(silence);
    return done;
}

Result<Committed> Batch::apply(const mutation::UnsilenceUser& request) {
    Error error;
    const auto place = find_silence_place(request.workspace, request.user, request.channel, error);
    if (!place) return error;
    Committed done;
    done.changed = place->there;
    if (place->there) {
        sql_.drop_silence.run(place->user, place->channel);
        count_silences(place->user, -1);
        state_.wrote = true;
    }
    return done;
}

}  // namespace cariosan::sqlite
