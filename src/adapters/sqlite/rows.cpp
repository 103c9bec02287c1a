#include "adapters/sqlite/rows.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace cariosan::sqlite {

// The numbers are stored in users' files: new values of these types go at the end only.
static_assert(static_cast<int>(ChannelType::direct) == 0 && static_cast<int>(ChannelType::group) == 1);
static_assert(static_cast<int>(commit::UnfinishedDeletion::memberships) == 1 &&
              static_cast<int>(commit::UnfinishedDeletion::memberships_and_texts) == 2);
static_assert(static_cast<int>(Role::member) == 0 && static_cast<int>(Role::admin) == 1);
static_assert(static_cast<int>(MessageType::text) == 0 && static_cast<int>(MessageType::image) == 1 &&
              static_cast<int>(MessageType::file) == 2 && static_cast<int>(MessageType::system) == 3);
static_assert(static_cast<int>(ModerationRule::profanity) == 0 && static_cast<int>(ModerationRule::blocklist) == 1 &&
              static_cast<int>(ModerationRule::phone) == 2 && static_cast<int>(ModerationRule::link) == 3 &&
              static_cast<int>(ModerationRule::flood) == 4 && static_cast<int>(ModerationRule::moderator) == 5);
static_assert(static_cast<int>(ModerationAction::flag) == 0 && static_cast<int>(ModerationAction::mask) == 1 &&
              static_cast<int>(ModerationAction::reject) == 2 && static_cast<int>(ModerationAction::auto_mute) == 3);
static_assert(static_cast<int>(ModerationSeverity::mild) == 0 && static_cast<int>(ModerationSeverity::strong) == 1 &&
              static_cast<int>(ModerationSeverity::extreme) == 2);

Workspace read_workspace(Rows& rows) {
    Workspace workspace;
    workspace.id = rows.id<WorkspaceId>();
    workspace.name = rows.text();
    workspace.test = rows.flag();
    workspace.read_receipts_enabled = rows.flag();
    workspace.edit_window_seconds = rows.optional_integer();
    workspace.created_at = rows.timestamp();
    workspace.moderation_enabled = rows.flag();
    workspace.moderation_rev = rows.integer();
    return workspace;
}

namespace {

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (std::size_t end = 0; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1)) {
        lines.emplace_back(text.substr(0, end));
    }
    return lines;
}

}  // namespace

ModerationSettings read_moderation(Rows& rows) {
    ModerationSettings settings;
    settings.profanity.enabled = rows.flag();
    settings.profanity.action = rows.code<ModerationAction>();
    settings.profanity.min_severity = rows.code<ModerationSeverity>();
    settings.link.enabled = rows.flag();
    settings.link.action = rows.code<ModerationAction>();
    settings.phone.enabled = rows.flag();
    settings.phone.action = rows.code<ModerationAction>();
    settings.flood.enabled = rows.flag();
    settings.flood.action = rows.code<ModerationAction>();
    settings.flood.max_repeats = rows.integer();
    settings.flood.window_seconds = rows.integer();
    settings.auto_mute_seconds = rows.integer();
    settings.blocklist = lines_of(rows.text());
    settings.allowlist = lines_of(rows.text());
    return settings;
}

ModerationRecord read_record(Rows& rows) {
    ModerationRecord record;
    record.id = rows.id<ModerationRecordId>();
    record.at = rows.timestamp();
    record.rule = rows.code<ModerationRule>();
    record.action = rows.code<ModerationAction>();
    if (!rows.skip_null()) record.message_id = rows.id<MessageId>();
    record.excerpt = rows.text();
    record.channel_id = rows.id<ChannelId>();
    record.channel_external_id = rows.optional_text();
    record.user = read_summary(rows);
    return record;
}

User read_user(Rows& rows) {
    User user;
    user.id = rows.id<UserId>();
    user.external_id = rows.text();
    user.name = rows.text();
    user.avatar_url = rows.optional_text();
    user.metadata = rows.text();
    user.created_at = rows.timestamp();
    user.updated_at = rows.timestamp();
    return user;
}

UserSummary read_summary(Rows& rows) {
    UserSummary user;
    user.id = rows.id<UserId>();
    user.external_id = rows.text();
    user.name = rows.text();
    user.avatar_url = rows.optional_text();
    user.updated_at = rows.timestamp();
    user.deleted = user.external_id.empty();
    if (user.deleted) user.updated_at = {};
    return user;
}

Channel read_channel(Rows& rows) {
    Channel channel;
    channel.rev = rows.integer();
    channel.receipt_rev = rows.integer();
    channel.last_seq = rows.integer();
    channel.member_count = rows.integer();
    channel.type = rows.code<ChannelType>();
    channel.settings_rev = rows.integer();
    channel.created_at = rows.timestamp();
    channel.id = rows.id<ChannelId>();
    channel.external_id = rows.optional_text();
    channel.name = rows.text();
    channel.avatar_url = rows.optional_text();
    channel.metadata = rows.text();
    return channel;
}

Member read_member(Rows& rows) {
    Member member;
    member.left = !rows.flag();
    if (member.left) {
        rows.skip(2);
        member.rev = rows.integer();
        member.user.id = rows.id<UserId>();
        return member;
    }
    member.role = rows.code<Role>();
    member.joined_at = rows.timestamp();
    member.rev = rows.integer();
    member.user = read_summary(rows);
    return member;
}

Preferences read_preferences(Rows& rows) {
    Preferences preferences;
    preferences.muted = rows.flag();
    preferences.archived = rows.flag();
    preferences.pinned = rows.flag();
    preferences.marked_unread = rows.flag();
    preferences.preferences_rev = rows.integer();
    return preferences;
}

Receipt read_receipt(Rows& rows) {
    Receipt receipt;
    receipt.user_id = rows.id<UserId>();
    receipt.last_read_seq = rows.integer();
    receipt.last_read_at = rows.optional_timestamp();
    receipt.last_delivered_seq = rows.integer();
    receipt.last_delivered_at = rows.optional_timestamp();
    receipt.receipt_rev = rows.integer();
    return receipt;
}

namespace {

/// The parent's six columns; all are null if there is no parent.
void read_quote(Rows& rows, Message& message) {
    if (rows.skip_null()) {
        rows.skip(5);
        return;
    }
    Quote quote;
    quote.id = rows.id<MessageId>();
    quote.type = rows.code<MessageType>();
    quote.deleted = !rows.skip_null();
    if (quote.deleted) {
        rows.skip(2);
    } else {
        quote.content = rows.text();
    }
    quote.user_id = rows.id<UserId>();
    quote.user_name = rows.text();
    message.parent_id = quote.id;
    message.quoted_message = std::move(quote);
}

void blank(MessageRow& row) {
    row.mention_count = 0;
    row.emoji_count = 0;
    row.message.content.clear();
    row.message.attachment_url.reset();
    row.message.metadata = "{}";
}

}  // namespace

MessageRow read_message(Rows& rows, const ChannelId& channel,
                        const std::optional<std::string>& channel_external) {
    MessageRow row;
    row.id = rows.integer();
    row.mention_count = rows.integer();
    row.emoji_count = rows.integer();
    Message& message = row.message;
    message.channel_id = channel;
    message.channel_external_id = channel_external;
    message.id = rows.id<MessageId>();
    message.seq = rows.integer();
    message.rev = rows.integer();
    message.type = rows.code<MessageType>();
    message.created_at = rows.timestamp();
    message.edited_at = rows.optional_timestamp();
    message.deleted_at = rows.optional_timestamp();
    message.idempotency_key = rows.optional_text();
    message.attachment_url = rows.optional_text();
    message.metadata = rows.text();
    message.content = rows.text();
    message.user = read_summary(rows);
    read_quote(rows, message);
    if (message.deleted_at) blank(row);
    return row;
}

namespace {

/// The messages whose `count` is above 0, ordered by rowid.
std::vector<MessageRow*> having(std::int64_t MessageRow::* count, const std::vector<MessageRow*>& messages) {
    std::vector<MessageRow*> chosen;
    for (MessageRow* row : messages) {
        if (row->*count > 0) chosen.push_back(row);
    }
    std::sort(chosen.begin(), chosen.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
    return chosen;
}

std::string rowids(const std::vector<MessageRow*>& messages) {
    std::string ids = "[";
    for (const MessageRow* row : messages) {
        if (ids.size() > 1) ids += ',';
        ids += std::to_string(row->id);
    }
    ids += ']';
    return ids;
}

}  // namespace

std::optional<std::string> spans_as_text(const std::vector<TextSpan>& spans) {
    if (spans.empty()) return std::nullopt;
    std::string text;
    for (const TextSpan& span : spans) {
        if (!text.empty()) text += ' ';
        text += std::to_string(span.start) + ' ' + std::to_string(span.length);
    }
    return text;
}

std::vector<TextSpan> read_spans(Rows& rows) {
    std::vector<TextSpan> spans;
    if (rows.skip_null()) return spans;
    const std::string text = rows.text();
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto number = [&](std::int64_t& out) {
        const auto [next, fault] = std::from_chars(at, end, out);
        at = next == end ? end : next + 1;
        return fault == std::errc();
    };
    for (TextSpan span; at != end && number(span.start) && number(span.length);) spans.push_back(span);
    return spans;
}

void read_mentions(Statement& mentions_of_messages, const std::vector<MessageRow*>& messages) {
    const std::vector<MessageRow*> mentioning = having(&MessageRow::mention_count, messages);
    if (mentioning.empty()) return;
    auto at = mentioning.begin();
    const std::string ids = rowids(mentioning);
    Rows rows = mentions_of_messages.query(ids);
    while (rows.next()) {
        const std::int64_t message = rows.integer();
        while ((*at)->id != message) ++at;
        Mention mention;
        mention.user_id = rows.id<UserId>();
        mention.external_id = rows.text();
        mention.name = rows.text();
        mention.spans = read_spans(rows);
        (*at)->message.mentions.push_back(std::move(mention));
    }
}

void read_reactions(Statement& reactions_of_messages, const std::vector<MessageRow*>& messages, std::int64_t viewer) {
    const std::vector<MessageRow*> reacted = having(&MessageRow::emoji_count, messages);
    if (reacted.empty()) return;
    auto at = reacted.begin();
    const std::string ids = rowids(reacted);
    Rows rows = reactions_of_messages.query(ids, viewer);
    while (rows.next()) {
        const std::int64_t message = rows.integer();
        while ((*at)->id != message) ++at;
        Reaction reaction;
        reaction.emoji = rows.text();
        reaction.count = rows.integer();
        reaction.reacted_by_me = rows.flag();
        (*at)->message.reactions.push_back(std::move(reaction));
    }
}

void hide_quotes(const std::vector<MessageRow*>& messages, const ViewerRow& viewer) {
    if (viewer.blocked.empty()) return;
    for (MessageRow* row : messages) {
        auto& quote = row->message.quoted_message;
        if (!quote || !viewer.hides(quote->user_id)) continue;
        Quote hidden;
        hidden.id = quote->id;
        hidden.hidden = true;
        quote = std::move(hidden);
    }
}

std::vector<Message> MessageParts::completed(std::vector<MessageRow> rows, const ViewerRow& viewer) {
    std::vector<MessageRow*> pointers;
    pointers.reserve(rows.size());
    for (MessageRow& row : rows) pointers.push_back(&row);
    complete(pointers, viewer);
    std::vector<Message> messages;
    messages.reserve(rows.size());
    for (MessageRow& row : rows) messages.push_back(std::move(row.message));
    return messages;
}

Webhook read_webhook(Rows& rows) {
    Webhook webhook;
    webhook.id = rows.id<WebhookId>();
    webhook.url = rows.text();
    webhook.events = WebhookEvents::of_bits(static_cast<std::uint32_t>(rows.integer()));
    webhook.enabled = rows.flag();
    webhook.disabled_reason = rows.optional_text();
    webhook.disabled_at = rows.optional_timestamp();
    webhook.created_at = rows.timestamp();
    webhook.updated_at = rows.timestamp();
    return webhook;
}

Delivery read_delivery(Rows& rows) {
    Delivery delivery;
    delivery.event_id = rows.id<EventId>();
    delivery.event = rows.code<WebhookEvent>();
    delivery.status = rows.code<DeliveryStatus>();
    delivery.attempts = rows.integer();
    delivery.last_status_code = rows.optional_integer();
    delivery.last_error = rows.optional_text();
    const Timestamp due = rows.timestamp();
    delivery.created_at = rows.timestamp();
    delivery.delivered_at = rows.optional_timestamp();
    if (delivery.status == DeliveryStatus::pending) delivery.next_attempt_at = std::max(due, delivery.created_at);
    return delivery;
}

OutboxEvent read_outbox_event(Rows& rows) {
    OutboxEvent event;
    event.id = rows.id<EventId>();
    event.event = rows.code<WebhookEvent>();
    event.at = rows.timestamp();
    if (!rows.skip_null()) event.channel = rows.id<ChannelId>();
    event.channel_external_id = rows.optional_text();
    if (!rows.skip_null()) event.message = rows.id<MessageId>();
    if (!rows.skip_null()) event.user = rows.id<UserId>();
    event.rev = rows.integer();
    event.external_id = rows.text();
    event.name = rows.text();
    event.detail = rows.text();
    const std::string mentions = rows.blob();
    for (std::size_t at = 0; at + sizeof(Uuid::bytes) <= mentions.size(); at += sizeof(Uuid::bytes)) {
        UserId& user = event.mentions.emplace_back();
        std::copy_n(mentions.begin() + static_cast<std::ptrdiff_t>(at), sizeof(Uuid::bytes), user.uuid.bytes.begin());
    }
    if (!rows.skip_null()) event.record = rows.uuid();
    return event;
}

}  // namespace cariosan::sqlite
