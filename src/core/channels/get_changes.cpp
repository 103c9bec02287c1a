#include <algorithm>
#include <limits>

#include "core/access.hpp"
#include "core/channels/catch_up.hpp"
#include "core/events/encoded_size.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/receipts/receipts.hpp"
#include "core/refusals.hpp"
#include "core/resolve.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

constexpr std::int64_t kResetMessages = 50;

/// The channel as its viewer sees it; `not_found`, `not_a_member`.
Result<MyChannel> find_viewed(const Actor& actor, ChannelId channel, Context& context) {
    ChannelReader& channels = context.reader.channels();
    CARIOSAN_TRY(auto mine, channels.find_of(actor.workspace.id, actor.user->id, channel, 0));
    if (mine) return std::move(*mine);
    CARIOSAN_TRY(const auto found, channels.find(actor.workspace.id, channel));
    if (!found) return not_found("channel");
    return caller_is_no_member();
}

/// Whether the client's revisions are from another epoch or ahead of the channel, and so mean nothing here.
bool are_foreign(const GetChanges& held, const Channel& channel, const Context& context) {
    if (held.epoch.empty() ? held.since != 0 : held.epoch != context.epoch) return true;
    return held.since > channel.rev || held.receipts_since > channel.receipt_rev;
}

/// Whether so much has changed that the channel should be reset. Only counts what the page does not show.
Result<bool> is_too_much(const ChangePage& page, ChannelId channel, std::int64_t since, Context& context) {
    const std::int64_t limit = context.limits.changed_objects;
    if (!page.has_more) return page.changed > limit;
    CARIOSAN_TRY(const auto count, context.reader.changes().count(channel, since, limit + 1));
    return count > limit;
}

/// Cuts the page when it is full, but never inside a `rev`: changes that share one come together.
void end_where_full(ChangePage& page, std::int64_t receipts_since) {
    std::size_t message = 0;
    std::size_t member = 0;
    std::int64_t reached = 0;
    PageWeight weight;
    bool full = false;
    while (message < page.messages.size() || member < page.members.size()) {
        const bool next_is_message =
            member == page.members.size() ||
            (message < page.messages.size() && page.messages[message].rev <= page.members[member].rev);
        const std::int64_t rev = next_is_message ? page.messages[message].rev : page.members[member].rev;
        full = full || !(next_is_message ? weight.admit(page.messages[message]) : weight.admit(page.members[member]));
        if (full && rev != reached) break;
        reached = rev;
        ++(next_is_message ? message : member);
    }
    if (message == page.messages.size() && member == page.members.size()) return;
    page.messages.resize(message);
    page.members.resize(member);
    page.rev = reached;
    page.has_more = true;
    // Receipts come only after the last message and member.
    page.receipts.clear();
    page.receipt_rev = receipts_since;
}

/// The channel as it is now, for a client that has none of it.
Result<Changes> read_reset(UserId viewer, Channel channel, std::int64_t limit, Changes changes, Context& context) {
    changes.reset = true;
    changes.rev = channel.rev;
    changes.receipt_rev = channel.receipt_rev;

    CARIOSAN_TRY(
        auto messages,
        context.reader.messages().page(
            channel.id,
            {.from = std::max<std::int64_t>(1, channel.last_seq - context.limits.history_stretch + 1),
             .to = channel.last_seq,
             .limit = std::min(limit, kResetMessages)},
            viewer));
    changes.messages = std::move(messages);
    cut_to_page(changes.messages);

    CARIOSAN_TRY(auto member, find_member(channel.id, viewer, context));
    if (member) changes.members.push_back(std::move(*member));

    // Nothing can have changed since the current revision: of this page only the viewer's receipt is left, whatever its
    // `receipt_rev`.
    CARIOSAN_TRY(auto own, context.reader.changes().page(
                                  channel, viewer,
                                  {.since = channel.rev, .receipts_since = -1, .own_receipt_only = true}));
    changes.receipts = std::move(own.receipts);
    changes.channel = std::move(channel);
    return changes;
}

Changes page_of(ChangePage page, Channel channel, const ChangeRange& range, Changes changes) {
    end_where_full(page, range.receipts_since);
    changes.rev = page.rev;
    changes.receipt_rev = page.receipt_rev;
    changes.messages = std::move(page.messages);
    changes.members = std::move(page.members);
    changes.receipts = std::move(page.receipts);
    changes.has_more = page.has_more;
    if (channel.settings_rev > range.since) changes.channel = std::move(channel);
    return changes;
}

/// The changes one by one, or the channel as it is now.
Result<Changes> read_either(const GetChanges& command, UserId viewer, Channel channel, Changes changes, Context& context) {
    const std::int64_t limit = page_limit(command.limit, context.limits, kUsualChanges);
    // A `receipt_rev` of an unknown epoch means nothing.
    const ChangeRange range{.since = command.since,
                            .receipts_since = command.epoch.empty() ? 0 : command.receipts_since,
                            .own_receipt_only = channel.member_count > context.limits.shared_receipts,
                            .max_items = limit};
    if (!are_foreign(command, channel, context)) {
        CARIOSAN_TRY(auto page, context.reader.changes().page(channel, viewer, range));
        CARIOSAN_TRY(const bool too_much, is_too_much(page, channel.id, command.since, context));
        if (!too_much) return page_of(std::move(page), std::move(channel), range, std::move(changes));
    }
    return read_reset(viewer, std::move(channel), limit, std::move(changes), context);
}

}  // namespace

Result<Changes> changes_of(const Actor& actor, const GetChanges& command, Context& context) {
    CARIOSAN_TRY(auto viewed, find_viewed(actor, command.channel, context));
    Changes changes{.channel_id = command.channel,
                    .epoch = std::string(context.epoch),
                    .since = command.since,
                    .member_count = viewed.channel.member_count,
                    .preferences = viewed.preferences,
                    .unread_count = viewed.unread_count,
                    .mention_count = viewed.mention_count};
    CARIOSAN_TRY(auto answer,
                 read_either(command, actor.user->id, std::move(viewed.channel), std::move(changes), context));
    hide_reading(answer.receipts, actor.workspace, actor.user->id);
    return answer;
}

Result<Outcome> read(const GetChanges& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<GetChanges>(caller, context));
    constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
    CARIOSAN_TRY_DONE(Fields(context.limits)
                          .number("since", command.since, 0, kAny)
                          .number("receipts_since", command.receipts_since, 0, kAny)
                          .page(command.limit)
                          .result());
    CARIOSAN_TRY(auto changes, changes_of(actor, command, context));
    return Outcome{.answer = std::move(changes)};
}

}  // namespace cariosan::core
