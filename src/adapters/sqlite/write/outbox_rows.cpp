// What is to be told about a change, written with it.
#include <algorithm>

#include "adapters/sqlite/write/batch.hpp"

namespace cariosan::sqlite {
namespace {

/// The workspace a mutation belongs to; nil for those of none.
struct WorkspaceOf {
    template <class M>
    WorkspaceId operator()(const M& mutation) const {
        if constexpr (requires { WorkspaceId(mutation.workspace); }) {
            return mutation.workspace;
        } else {
            return {};
        }
    }
    WorkspaceId operator()(const mutation::RecordModeration& record) const {
        return std::visit([](const auto& refused) { return refused.workspace; }, record.refused);
    }
};

/// Version 7 (RFC 9562, section 5.7): the time, and the random bits of SQLite's own generator.
EventId make_event_id(Timestamp at) {
    constexpr std::size_t kTimeBytes = 6;
    EventId id;
    auto& bytes = id.uuid.bytes;
    sqlite3_randomness(static_cast<int>(bytes.size()), bytes.data());
    auto time = static_cast<std::uint64_t>(at.milliseconds);
    for (std::size_t i = kTimeBytes; i-- > 0; time >>= 8U) bytes[i] = static_cast<std::uint8_t>(time);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x70U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
    return id;
}

std::optional<std::vector<std::uint8_t>> joined(const std::vector<UserId>& users) {
    if (users.empty()) return std::nullopt;
    std::vector<std::uint8_t> bytes;
    bytes.reserve(users.size() * sizeof(Uuid::bytes));
    for (const UserId& user : users) bytes.insert(bytes.end(), user.uuid.bytes.begin(), user.uuid.bytes.end());
    return bytes;
}

}  // namespace

std::vector<ListeningWebhook>& Batch::listening(WorkspaceId workspace) {
    const auto known = state_.listening.find(workspace);
    if (known != state_.listening.end()) return known->second;
    std::vector<ListeningWebhook> webhooks;
    Rows rows = sql_.outbox.listening.query(workspace);
    while (rows.next()) {
        ListeningWebhook webhook;
        webhook.id = rows.integer();
        webhook.events = WebhookEvents::of_bits(static_cast<std::uint32_t>(rows.integer()));
        webhook.pending = rows.integer();
        webhooks.push_back(webhook);
    }
    return state_.listening.emplace(workspace, std::move(webhooks)).first->second;
}

void Batch::forget_listening(WorkspaceId workspace) {
    flush_pending();
    state_.listening.erase(workspace);
}

void Batch::flush_pending() {
    for (auto& [workspace, webhooks] : state_.listening) {
        for (ListeningWebhook& webhook : webhooks) {
            if (webhook.added == 0) continue;
            sql_.outbox.add_pending.run(webhook.id, webhook.added);
            webhook.pending += std::exchange(webhook.added, 0);
        }
    }
}

void Batch::insert_delivery(ListeningWebhook& webhook, const OutboxEvent& event) {
    sql_.outbox.insert_delivery.run(webhook.id, event.id, event.event, event.at, event.channel,
                                    event.channel_external_id, event.message, event.user, event.rev, event.external_id,
                                    event.name, event.detail, joined(event.mentions), event.record);
    ++webhook.added;
    state_.wrote = true;
}

void Batch::write_outbox(const Mutation& mutation, Committed& done) {
    const WorkspaceId workspace = std::visit(WorkspaceOf{}, mutation);
    if (workspace.is_nil() || listening(workspace).empty()) return;
    for (OutboxEvent& event : outbox_events(mutation, done)) {
        event.id = make_event_id(event.at);
        std::vector<ListeningWebhook>& webhooks = listening(workspace);
        bool overflowed = false;
        for (ListeningWebhook& webhook : webhooks) {
            if (!webhook.events.contains(event.event)) continue;
            if (webhook.pending + webhook.added >= kWebhookMaxPending) {
                overflowed = true;
                continue;
            }
            insert_delivery(webhook, event);
            done.outbox = true;
        }
        if (overflowed) disable_overflowed(workspace, event.at);
    }
}

void Batch::disable_overflowed(WorkspaceId workspace, Timestamp at) {
    std::vector<std::int64_t> full;
    for (const ListeningWebhook& webhook : listening(workspace)) {
        if (webhook.pending + webhook.added >= kWebhookMaxPending) full.push_back(webhook.id);
    }
    for (const std::int64_t id : full) {
        sql_.outbox.disable.run(id, std::string("more than 100,000 deliveries were pending"), at);
        sql_.outbox.give_up_pending.run(id);
    }
    state_.wrote = true;
    state_.deleted = true;
    forget_listening(workspace);
}

Result<Delivery> Batch::tell_one(std::int64_t webhook, OutboxEvent event) {
    event.id = make_event_id(event.at);
    ListeningWebhook target{.id = webhook};
    insert_delivery(target, event);
    sql_.outbox.add_pending.run(webhook, target.added);
    Delivery delivery;
    delivery.event_id = event.id;
    delivery.event = event.event;
    delivery.next_attempt_at = event.at;
    delivery.created_at = event.at;
    return delivery;
}

}  // namespace cariosan::sqlite
