#include <limits>

#include "core/access.hpp"
#include "core/fields.hpp"
#include "core/receipts.hpp"
#include "core/resolve.hpp"

namespace cariosan::core {
namespace {

constexpr std::int64_t kResetMessages = 50;
/// A reset goes out in one frame, like any page of changes, and is bounded like one.
constexpr std::size_t kResetBytes = std::size_t{128} * 1024;

/// Where the viewer stands in the channel; `not_found`, `not_a_member`.
Result<MyChannel> find_viewed(const Actor& actor, ChannelId channel, Context& context) {
    ChannelReader& channels = context.reader.channels();
    auto mine = channels.find_of(actor.workspace.id, actor.user->id, channel, 0);
    if (!mine) return std::move(mine).error();
    if (*mine) return std::move(**mine);
    const auto found = channels.find(actor.workspace.id, channel);
    if (!found) return found.error();
    if (!*found) return not_found("channel");
    return Error(ErrorCode::not_a_member, "not a member of this channel");
}

/// Whether what the client holds cannot be brought up to date step by step.
Result<bool> needs_reset(const GetChanges& command, const Channel& channel, Context& context) {
    if (command.epoch.empty() ? command.since != 0 : command.epoch != context.epoch) return true;
    if (command.since > channel.rev || command.receipts_since > channel.receipt_rev) return true;
    if (command.since == channel.rev) return false;
    const std::int64_t limit = context.limits.changed_objects;
    const auto count = context.reader.changes().count(channel.id, command.since, limit + 1);
    if (!count) return count.error();
    return *count > limit;
}

void cut_to_size(std::vector<Message>& messages) {
    std::size_t bytes = 0;
    std::size_t kept = 0;
    for (const Message& message : messages) {
        bytes += message.content.size() + message.metadata.size();
        if (kept > 0 && bytes > kResetBytes) break;
        ++kept;
    }
    messages.resize(kept);
}

/// The channel as it is now: what a client needs that holds nothing of it.
Result<Changes> read_reset(UserId viewer, Channel channel, Changes changes, Context& context) {
    changes.reset = true;
    changes.rev = channel.rev;
    changes.receipt_rev = channel.receipt_rev;

    auto messages = context.reader.messages().page(
        channel.id, {.from = 1, .to = channel.last_seq, .limit = kResetMessages}, viewer);
    if (!messages) return std::move(messages).error();
    changes.messages = std::move(*messages);
    cut_to_size(changes.messages);

    auto member = find_member(channel.id, viewer, context);
    if (!member) return std::move(member).error();
    if (*member) changes.members.push_back(std::move(**member));

    // Nothing has changed since the present revision: of this page only the viewer's cursor is left, whatever
    // its `receipt_rev`.
    auto cursor =
        context.reader.changes().page(
            channel, viewer, {.since = channel.rev, .receipts_since = -1, .own_receipt_only = true});
    if (!cursor) return std::move(cursor).error();
    changes.receipts = std::move(cursor->receipts);
    changes.channel = std::move(channel);
    return changes;
}

Result<Changes> read_page(UserId viewer, Channel channel, const ChangeRange& range, Changes changes,
                          Context& context) {
    auto page = context.reader.changes().page(channel, viewer, range);
    if (!page) return std::move(page).error();
    changes.rev = page->rev;
    changes.receipt_rev = page->receipt_rev;
    changes.messages = std::move(page->messages);
    changes.members = std::move(page->members);
    changes.receipts = std::move(page->receipts);
    changes.has_more = page->has_more;
    if (channel.settings_rev > range.since) changes.channel = std::move(channel);
    return changes;
}

}  // namespace

Result<Outcome> read(const GetChanges& command, const Caller& caller, Context& context) {
    const auto actor = authorize<GetChanges>(caller, context);
    if (!actor) return actor.error();
    constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
    auto shape = Fields(context.limits)
                     .number("since", command.since, 0, kAny)
                     .number("receipts_since", command.receipts_since, 0, kAny)
                     .result();
    if (!shape) return std::move(shape).error();
    auto viewed = find_viewed(*actor, command.channel, context);
    if (!viewed) return std::move(viewed).error();
    const auto reset = needs_reset(command, viewed->channel, context);
    if (!reset) return reset.error();

    Changes changes{.channel_id = command.channel,
                    .epoch = std::string(context.epoch),
                    .since = command.since,
                    .unread_count = viewed->unread_count,
                    .mention_count = viewed->mention_count};
    // A `receipt_rev` of an unknown epoch means nothing.
    const ChangeRange range{.since = command.since,
                            .receipts_since = command.epoch.empty() ? 0 : command.receipts_since,
                            .own_receipt_only =
                                viewed->channel.member_count > context.limits.shared_receipts};
    auto answer =
        *reset ? read_reset(actor->user->id, std::move(viewed->channel), std::move(changes), context)
               : read_page(actor->user->id, std::move(viewed->channel), range, std::move(changes), context);
    if (!answer) return std::move(answer).error();
    hide_reading(answer->receipts, actor->workspace, actor->user->id);
    return Outcome{.answer = std::move(*answer)};
}

}  // namespace cariosan::core
