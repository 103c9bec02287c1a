#include "core/commit/silences.hpp"

#include "core/commit/decide.hpp"

namespace cariosan::commit {
namespace {

/// A silence, stored or to be stored.
struct SilencePlace {
    RowId workspace = 0;
    RowId user = 0;
    RowId channel = 0;  ///< 0: the whole workspace
    bool there = false;
    Silence silence;
};

Result<SilencePlace> find_place(BatchRows& rows, WorkspaceId workspace_id, UserId user_id,
                             const std::optional<ChannelId>& channel_id) {
    const auto workspace = rows.workspaces.find(workspace_id);
    if (!workspace) return not_found("workspace");
    const auto user = rows.users.find(workspace->id, user_id);
    if (!user) return not_found("user");
    SilencePlace place;
    place.workspace = workspace->id;
    place.user = user->id;
    place.silence.user = user->summary;
    if (channel_id) {
        const ChannelRow* channel = rows.find_channel(workspace_id, *channel_id);
        if (channel == nullptr) return not_found("channel");
        place.channel = channel->id;
        place.silence.channel_id = channel->channel.id;
        place.silence.channel_external_id = channel->channel.external_id;
    }
    if (auto stored = rows.moderation.find_silence(place.user, place.channel)) {
        place.there = true;
        place.silence.until = stored->until;
        place.silence.reason = std::move(stored->reason);
        place.silence.created_at = stored->created_at;
    }
    return place;
}

void count_silences(BatchRows& rows, RowId user, std::int64_t change) {
    rows.moderation.add_silences(user, change);
    rows.change_user(user, [change](HeldMember& member) { member.silence_count += change; });
}

}  // namespace

void silence_at_least(BatchRows& rows, WorkspaceId workspace, UserId user, Timestamp until, Timestamp at) {
    const auto place = find_place(rows, workspace, user, std::nullopt);
    if (!place || (place->there && (!place->silence.until || *place->silence.until >= until))) return;
    mutation::SilenceUser silence{.workspace = workspace, .user = user, .until = until, .at = at};
    silence.reason = "moderation";
    static_cast<void>(decide(rows, silence));  // the user was found: nothing can refuse it
}

Result<Committed> decide(BatchRows& rows, const mutation::SilenceUser& request) {
    auto place = find_place(rows, request.workspace, request.user, request.channel);
    if (!place) return std::move(place).error();
    Silence& silence = place->silence;
    Committed done;
    done.created = !place->there;
    done.changed = !place->there || silence.until != request.until || silence.reason != request.reason;
    if (done.changed) {
        silence.until = request.until;
        silence.reason = request.reason;
        silence.created_at = request.at;
        rows.moderation.write_silence(place->workspace, place->user, place->channel, silence);
        if (!place->there) count_silences(rows, place->user, 1);
        rows.wrote();
    }
    done.object = std::move(silence);
    return done;
}

Result<Committed> decide(BatchRows& rows, const mutation::UnsilenceUser& request) {
    const auto place = find_place(rows, request.workspace, request.user, request.channel);
    if (!place) return place.error();
    Committed done;
    done.changed = place->there;
    if (place->there) {
        rows.moderation.remove_silence(place->user, place->channel);
        count_silences(rows, place->user, -1);
        rows.wrote();
    }
    return done;
}

}  // namespace cariosan::commit
