/// What a mutation did. Part of the storage contract (`cariosan/storage.hpp`).
#pragma once

#include <cariosan/mutations.hpp>
#include <cariosan/outbox.hpp>
#include <cariosan/push.hpp>
#include <cariosan/types.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cariosan {

/// A user after an upsert or update, with the channels they are a member of if something changed. Of a deleted one the
/// id and their former name.
struct CommittedUser {
    User user;
    std::vector<ChannelId> channels;
};
/// A channel after it was created or changed; `members` lists all of them only if it was just created.
struct CommittedChannel {
    Channel channel;
    std::vector<Member> members;
};
/// The blocked user (with the time of the block, if still blocked), and the list's revision after the change.
struct CommittedBlock {
    Block block;
    bool blocked = false;
    std::int64_t blocks_rev = 0;
};
/// The members touched, and the channel they belong to, after the change.
struct CommittedMembers {
    Channel channel;
    std::vector<Member> members;
};

/// A member's receipt after a `MoveReceipt`.
struct CommittedReceipt {
    ReceiptState state;
    bool read_moved = false;
    bool delivered_moved = false;
    std::optional<Preferences> preferences{};  ///< if reading ended `marked_unread`: those after it
};

/// A member's receipts after a `MoveDelivered`, in the order of its places.
struct CommittedReceipts {
    struct Place {
        ChannelId channel;
        CommittedReceipt receipt;
    };
    std::vector<Place> places;
};

/// A report after an `UpdateReport`.
struct CommittedReport {
    ReportStatus status = ReportStatus::open;
    std::optional<std::string> moderator_note{};
};

/// What a mutation touched: a `std::variant`, and a class of its own for the same reason as `Command`.
struct CommittedObject : std::variant<Done, Workspace, WorkspaceSettings, CommittedUser, CommittedChannel,
                                      CommittedMembers, Message, CommittedReceipt, CommittedReceipts, Preferences,
                                      Silence, CommittedBlock, Webhook, WebhookCredentials, Delivery, LeasedWebhooks,
                                      LeasedWebhook, Device, LeasedPushJobs, CommittedReport> {
    using variant::variant;
    CommittedObject();
    CommittedObject(const CommittedObject& other);
    CommittedObject(CommittedObject&& other) noexcept;
    CommittedObject& operator=(const CommittedObject& other);
    CommittedObject& operator=(CommittedObject&& other) noexcept;
    ~CommittedObject();
};

/// What one mutation did: the object as it was right after that mutation (`Done` where a workspace is deleted, a
/// deletion finished, a silence lifted, a refusal recorded or a report filed).
struct Committed {
    std::int64_t rev = 0;  ///< the channel's `rev` after it: the new one, or the current one if unchanged
    bool changed = true;   ///< false: nothing was written; no event
    bool created = false;  ///< something new was created
    bool duplicate = false;  ///< a known idempotency key
    std::string emoji{};     ///< of a reaction that was added or removed, in the form the message shows or showed
    /// If an edit changed the mentions: the users who were not mentioned before.
    std::optional<std::vector<UserId>> mentioned{};
    bool settings_changed = false;  ///< settings that clients receive have changed
    bool outbox = false;     ///< outbox rows became due: wake the delivery worker
    CommittedObject object{};
};

/// The outbox events of one committed mutation, in order and without `OutboxEvent::id`; none if nothing changed.
/// Pure; from any thread. For implementers of `Storage`.
std::vector<OutboxEvent> outbox_events(const Mutation& mutation, const Committed& committed);

}  // namespace cariosan
