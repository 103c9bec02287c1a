/// The footprint of a batch of mutations: the rows that the rules of writing (`cariosan/commit.hpp`) may read or change, by
/// the names that the mutations give them. A storage that pays for every round trip loads and locks them in `Tables::prepare`,
/// before the first decision; only the implementer of such a `Storage` needs this.
///
/// **What is to be loaded of each entry** stands beside it. An entry may name what is not there, or belongs to another
/// workspace: then nothing is loaded, and the rules find that out.
///
/// **What is to be locked.** Each list is sorted and names a row once, so that two batches that lock in the order of this
/// struct, and in each list from the front, cannot wait for each other in a circle. A channel that `changes` is to be locked;
/// the lock covers its members, its messages, their reactions, and the idempotency keys used in it, which nobody changes
/// without it. Users, workspaces and webhooks that `changes` are to be locked for themselves. Names, pairs, device tokens and
/// keys of webhooks are to be locked too, taken or not: two batches that would both take one must meet. What does not change needs no lock.
/// Counters to which the rules only add (`WebhookTable::add_pending`, `PushTable::add_pending`) should be written last, so that
/// no lock on them is held for long; a webhook that is found full is disabled there, too, and the bound on what is pending is
/// kept but for what other transactions add at the same time.
///
/// **A send** decides on nothing else: 256 sends to 64 channels are one footprint of 64
/// channels, their authors and mentioned users as members, the parents and the keys, so one statement per list that is not
/// empty, all of which can travel in one round trip.
///
/// **What a footprint cannot name** is read while deciding, each by a call of its own. None of it is needed by a send that
/// is stored, or refused, under a key not used before:
/// - what was just made or found: a row that the transaction has inserted; the channel that a known name or pair leads to, and
///   the webhook that a known key leads to; the message of a known key (`MessageTable::read`), and whether the author of its
///   quote, or of a parent found by its key, is blocked (`BlockTable::find`);
/// - sets whose members no mutation knows: `ChannelTable::list_of`; `MessageTable::count_pins`; `ModerationTable::has_report` and
///   `find_report`; `MemberTable::has_admin`, `has_other_admin`,
///   `has_other_member` and `count_memberships`; `WebhookTable::count` and `ready`; `PushTable::due`; `UserTable::drop_some`;
/// - `MemberTable::unread`, for the answer to a `MoveReceipt` or `MoveDelivered` that does not reach the newest message;
/// - the webhooks of a workspace once more, after one of them has changed in the same batch.
#pragma once

#include <cariosan/mutations.hpp>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cariosan::commit {

struct Footprint {
    template <class Key>
    struct Row {
        Key key{};
        bool changes = false;  ///< false: it is only read
        auto operator<=>(const Row&) const = default;
    };
    /// A user and their place in a channel.
    struct Place {
        ChannelId channel{};
        UserId user{};
        auto operator<=>(const Place&) const = default;
    };
    /// An external id, a device token or a key of a request for a secret, in its workspace.
    struct Name {
        WorkspaceId workspace{};
        std::string text{};
        auto operator<=>(const Name&) const = default;
    };
    struct Key {
        ChannelId channel{};
        std::optional<UserId> author{};  ///< absent: the first message with the key, whoever wrote it
        std::string text{};
        auto operator<=>(const Key&) const = default;
    };
    /// A message as a user sees it.
    struct View {
        MessageId message{};
        UserId viewer{};
        auto operator<=>(const View&) const = default;
    };
    /// A place in which a user may be silenced.
    struct Silenced {
        UserId user{};
        std::optional<ChannelId> channel{};  ///< absent: the whole workspace
        auto operator<=>(const Silenced&) const = default;
    };
    struct BlockPair {
        UserId user{};
        UserId blocked{};
        auto operator<=>(const BlockPair&) const = default;
    };
    struct DeliveryName {
        WebhookId webhook{};
        EventId event{};
        auto operator<=>(const DeliveryName&) const = default;
    };

    /// `WorkspaceTable::find`, `moderation` and `edit_window_seconds`; `WebhookTable::listening`.
    std::vector<Row<WorkspaceId>> workspaces{};
    /// `UserTable::find_profile` by the external id.
    std::vector<Name> user_names{};
    /// `UserTable::find`, `find_profile` and `find_deleted`; `BlockTable::blocker`.
    std::vector<Row<UserId>> users{};
    /// `ChannelTable::find_external`.
    std::vector<Name> channel_names{};
    /// `ChannelTable::find_direct`; the lower id first.
    std::vector<std::pair<UserId, UserId>> pairs{};
    /// `ChannelTable::find` and `has_deleted_user`.
    std::vector<Row<ChannelId>> channels{};
    /// `MemberTable::find`, so also the user. The channel is in `channels`.
    std::vector<Place> members{};
    /// `MessageTable::find_sent`, or `find_parent` by the key.
    std::vector<Key> keys{};
    /// `MessageTable::find_parent`; of those that change, `find`, `read` and `mentioned`, and `ReactionTable::count` of each emoji.
    std::vector<Row<MessageId>> messages{};
    /// `ReactionTable::find`; `BlockTable::find` of the viewer and the author of the message, or of what it quotes; what `read`
    /// says of the viewer. The message is in `messages`. A user whose `block_count` is 0 has blocked nobody.
    std::vector<View> views{};
    /// `ModerationTable::find_silence` and `silences_of`. A user whose `silence_count` is 0 has none.
    std::vector<Silenced> silences{};
    /// `BlockTable::find`.
    std::vector<BlockPair> blocks{};
    /// `WebhookTable::find` and `secrets`.
    std::vector<Row<WebhookId>> webhooks{};
    /// `WebhookTable::find_keyed`.
    std::vector<Name> webhook_keys{};
    /// `DeliveryTable::find`. The webhook is in `webhooks`.
    std::vector<DeliveryName> deliveries{};
    /// `DeliveryTable::attempts`.
    std::vector<std::int64_t> delivery_rows{};
    /// `DeviceTable::find`.
    std::vector<Name> device_tokens{};
    /// `PushTable::is_leased`.
    std::vector<std::int64_t> push_jobs{};
    /// `PushTable::pending`.
    bool push_pending = false;

    bool operator==(const Footprint&) const = default;
};

/// The footprint of a batch. Pure; from any thread. Costs what sorting its names costs.
Footprint footprint_of(std::span<const Mutation> batch);

}  // namespace cariosan::commit
