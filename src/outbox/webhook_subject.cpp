#include "outbox/webhook_subject.hpp"

#include <utility>
#include "core/propagate.hpp"
#include "core/reports/reported.hpp"

namespace cariosan::outbox {
namespace {

/// The parts of the state that a body shows.
struct Wanted {
    bool message = false;
    bool channel = false;
    bool user = false;
    bool mentions = false;
    bool report = false;
};

Wanted wanted_by(WebhookEvent event) {
    switch (event) {
        case WebhookEvent::message_created:
        case WebhookEvent::message_updated:
        case WebhookEvent::message_deleted: return {.message = true};
        case WebhookEvent::message_mentioned: return {.user = true, .mentions = true};
        case WebhookEvent::channel_created:
        case WebhookEvent::channel_updated: return {.channel = true};
        case WebhookEvent::user_created:
        case WebhookEvent::user_updated:
        case WebhookEvent::user_suspended:
        case WebhookEvent::user_restored: return {.user = true};
        case WebhookEvent::report_created: return {.report = true};
        case WebhookEvent::reaction_added:
        case WebhookEvent::reaction_removed:
        case WebhookEvent::message_moderated:
        case WebhookEvent::channel_deleted:
        case WebhookEvent::member_joined:
        case WebhookEvent::member_left:
        case WebhookEvent::member_updated:
        case WebhookEvent::user_deleted:
        case WebhookEvent::ping: return {};
    }
    return {};
}

Result<Done> read_message(Reader& reader, WebhookSubject& subject) {
    const OutboxEvent& event = subject.event;
    if (!event.channel || !event.message) return Done{};
    // Messages of a deleted channel may still have rows, which must not be shown.
    CARIOSAN_TRY(const auto channel, reader.channels().find(event.workspace, *event.channel));
    if (!channel) return Done{};
    CARIOSAN_TRY(subject.message, reader.messages().find(*event.channel, *event.message));
    return Done{};
}

Result<Done> read_mentions(Reader& reader, WebhookSubject& subject) {
    for (const UserId id : subject.event.mentions) {
        CARIOSAN_TRY(const auto user, reader.users().find(subject.event.workspace, id));
        Mention mention{.user_id = id, .external_id = {}, .name = {}};
        if (user) {
            mention.external_id = user->external_id;
            mention.name = user->name;
        }
        subject.mentions.push_back(std::move(mention));
    }
    return Done{};
}

}  // namespace

Result<WebhookSubject> read_subject(Reader& reader, const OutboxEvent& event, Timestamp now) {
    WebhookSubject subject;
    subject.event = event;
    subject.read_at = now;
    const Wanted wanted = wanted_by(event.event);
    if (wanted.message) {
        CARIOSAN_TRY_DONE(read_message(reader, subject));
    }
    if (wanted.channel && event.channel) {
        CARIOSAN_TRY(subject.channel, reader.channels().find(event.workspace, *event.channel));
    }
    if (wanted.user && event.user) {
        CARIOSAN_TRY(subject.user, reader.users().find(event.workspace, *event.user));
    }
    if (wanted.report && event.record) {
        CARIOSAN_TRY(subject.report, core::find_report(reader, event.workspace, ReportId{*event.record}));
    } else if (event.record) {
        CARIOSAN_TRY(subject.record,
                     reader.moderation().find(event.workspace, ModerationRecordId{*event.record}));
        // The row of a refused message has only the channel's internal id.
        if (subject.record) subject.event.channel_external_id = subject.record->channel_external_id;
    }
    if (wanted.mentions) {
        CARIOSAN_TRY_DONE(read_mentions(reader, subject));
    }
    return subject;
}

}  // namespace cariosan::outbox
