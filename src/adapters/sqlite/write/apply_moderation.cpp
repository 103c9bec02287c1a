// What moderation is to do in a workspace, and what it has found.
#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {
namespace {

std::string joined(const std::vector<std::string>& terms) {
    std::string text;
    for (const std::string& term : terms) {
        text += term;
        text += '\n';
    }
    return text;
}

}  // namespace

ModerationSettings Batch::find_moderation(const WorkspaceRow& workspace) {
    Rows rows = sql_.find_moderation.query(workspace.id);
    ModerationSettings settings = rows.next() ? read_moderation(rows) : ModerationSettings{};
    settings.enabled = workspace.workspace.moderation_enabled;
    return settings;
}

void Batch::write_moderation(std::int64_t workspace, const ModerationSettings& settings) {
    const auto& [enabled, profanity, link, phone, flood, blocklist, allowlist, auto_mute_seconds] = settings;
    sql_.write_moderation.run(workspace, profanity.enabled, profanity.action, profanity.min_severity, link.enabled,
                              link.action, phone.enabled, phone.action, flood.enabled, flood.action,
                              flood.max_repeats, flood.window_seconds, auto_mute_seconds, joined(blocklist),
                              joined(allowlist));
}

void Batch::record_matches(const ChannelRow& channel, std::int64_t user, const std::optional<MessageId>& message,
                           Timestamp at, const std::vector<ModerationMatch>& matches) {
    for (const ModerationMatch& match : matches) {
        sql_.insert_record.run(match.id, channel.workspace_row, channel.id, user, message, at, match.rule, match.action,
                               match.excerpt);
        state_.wrote = true;
    }
}

/// A silence that ends later stays as it is.
void Batch::silence_at_least(WorkspaceId workspace, UserId user, Timestamp until, Timestamp at) {
    mutation::SilenceUser silence{.workspace = workspace, .user = user, .until = until, .at = at};
    silence.reason = "moderation";
    Error error;
    const auto place = find_silence_place(workspace, user, std::nullopt, error);
    if (!place || (place->there && (!place->silence.until || *place->silence.until >= until))) return;
    static_cast<void>(apply(silence));  // the user was found: there is nothing that could refuse it
}

Committed Batch::record_refusal(const ChannelRow& channel, const MemberRow& author, Timestamp at,
                                const std::vector<ModerationMatch>& matches,
                                const std::optional<Timestamp>& silence_until) {
    Committed done;
    done.rev = channel.channel.rev;
    record_matches(channel, author.user, std::nullopt, at, matches);
    if (silence_until) silence_at_least(channel.workspace, author.summary.id, *silence_until, at);
    return done;
}

Result<Committed> Batch::apply(const mutation::RecordModeration& record) {
    if (const auto* send = std::get_if<mutation::SendMessage>(&record.refused)) {
        SendPlace place;
        if (auto answer = answer_send(*send, place)) return *std::move(answer);
        return record_refusal(*place.channel, *place.author, send->at, send->matches, record.silence_until);
    }
    const auto& edit = std::get<mutation::EditMessage>(record.refused);
    Target target;
    if (auto answer = answer_edit(edit, target)) return *std::move(answer);
    return record_refusal(*target.channel, *target.actor, edit.at, edit.matches, record.silence_until);
}

}  // namespace cariosan::sqlite
