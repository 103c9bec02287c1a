#include "core/commit/outbox/outbox_rows.hpp"

#include <algorithm>

namespace cariosan::commit {
namespace {

/// The workspace of a mutation; nil for those without one.
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

/// Version 7 (RFC 9562, section 5.7): the time, and random bits.
EventId make_event_id(Tables& tables, Timestamp at) {
    constexpr std::size_t kTimeBytes = 6;
    EventId id;
    auto& bytes = id.uuid.bytes;
    tables.randomize(bytes);
    auto time = static_cast<std::uint64_t>(at.milliseconds);
    for (std::size_t i = kTimeBytes; i-- > 0; time >>= 8U) bytes[i] = static_cast<std::uint8_t>(time);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x70U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
    return id;
}

bool is_full(const HeldWebhook& webhook) { return webhook.pending + webhook.added >= kWebhookMaxPending; }

/// Disables webhooks whose pending deliveries have reached the limit.
void disable_full(BatchRows& rows, WorkspaceId workspace, Timestamp at) {
    std::vector<RowId> full;
    for (const HeldWebhook& webhook : rows.listening(workspace)) {
        if (is_full(webhook)) full.push_back(webhook.id);
    }
    for (const RowId id : full) {
        rows.webhooks.disable(id, "more than 100,000 deliveries were pending", at);
        rows.webhooks.give_up_pending(id);
    }
    rows.deleted();
    rows.forget_listening(workspace);
}

}  // namespace

void write_outbox(BatchRows& rows, const Mutation& mutation, Committed& done) {
    const WorkspaceId workspace = std::visit(WorkspaceOf{}, mutation);
    if (workspace.is_nil() || rows.listening(workspace).empty()) return;
    for (OutboxEvent& event : outbox_events(mutation, done)) {
        event.id = make_event_id(rows.tables, event.at);
        bool overflows = false;
        for (HeldWebhook& webhook : rows.listening(workspace)) {
            if (!webhook.events.contains(event.event)) continue;
            if (is_full(webhook)) {
                overflows = true;
                continue;
            }
            rows.deliveries.insert(webhook.id, event);
            ++webhook.added;
            rows.wrote();
            done.outbox = true;
        }
        if (overflows) disable_full(rows, workspace, event.at);
    }
}

bool has_room(BatchRows& rows, WorkspaceId workspace, RowId webhook) {
    const auto& listening = rows.listening(workspace);
    const auto found = std::ranges::find(listening, webhook, &HeldWebhook::id);
    return found == listening.end() || !is_full(*found);
}

Delivery deliver_to(BatchRows& rows, RowId webhook, OutboxEvent event) {
    event.id = make_event_id(rows.tables, event.at);
    rows.deliveries.insert(webhook, event);
    rows.webhooks.add_pending(webhook, 1);
    rows.wrote();
    Delivery delivery;
    delivery.event_id = event.id;
    delivery.event = event.event;
    delivery.next_attempt_at = event.at;
    delivery.created_at = event.at;
    return delivery;
}

}  // namespace cariosan::commit
