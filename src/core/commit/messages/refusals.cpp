// Messages that moderation refused: stores only the records and, for the author, a silence.
#include "core/commit/checks.hpp"
#include "core/commit/decide.hpp"
#include "core/commit/messages/message_target.hpp"
#include "core/commit/silences.hpp"
#include "core/commit/messages/sends.hpp"

namespace cariosan::commit {
namespace {

/// A refused send or edit.
template <class M>
Committed record_refusal(BatchRows& rows, const ChannelRow& channel, const MemberRow& author, const M& refused,
                         const std::optional<Timestamp>& silence_until) {
    Committed done;
    done.rev = channel.channel.rev;
    record_matches(rows, channel, author.user, std::nullopt, refused.at, refused.matches);
    if (silence_until) silence_at_least(rows, channel.workspace, author.summary.id, *silence_until, refused.at);
    return done;
}

}  // namespace

Result<Committed> decide(BatchRows& rows, const mutation::RecordModeration& record) {
    if (const auto* send = std::get_if<mutation::SendMessage>(&record.refused)) {
        SendPlace place;
        if (auto answer = answer_send(rows, *send, place)) return *std::move(answer);
        return record_refusal(rows, *place.channel, *place.author, *send, record.silence_until);
    }
    const auto& edit = std::get<mutation::EditMessage>(record.refused);
    MessageTarget target;
    if (auto answer = answer_edit(rows, edit, target)) return *std::move(answer);
    return record_refusal(rows, *target.channel, *target.actor, edit, record.silence_until);
}

}  // namespace cariosan::commit
