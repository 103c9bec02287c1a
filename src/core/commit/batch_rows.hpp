/// The rows a batch has read and changed: those that many of its mutations need, read once and written at its end, and the
/// tables for everything else.
#pragma once

#include <cariosan/commit.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cariosan::commit {

/// A channel, with the batch's changes.
struct HeldChannel : ChannelRow {
    bool receipts_moved = false;  ///< this batch has already raised its `receipt_rev`
    bool dirty = false;
};

/// A user and their membership in one channel, with the batch's changes.
struct HeldMember : MemberRow {
    bool dirty = false;  ///< the positions have changed
};

struct MemberKey {
    RowId channel = 0;
    UserId user;
    bool operator==(const MemberKey&) const = default;
};
struct MemberKeyHash {
    std::size_t operator()(const MemberKey& key) const noexcept {
        return std::hash<UserId>{}(key.user) ^ (static_cast<std::size_t>(key.channel) * 0x9e3779b97f4a7c15U);
    }
};

/// An enabled webhook of a workspace.
struct HeldWebhook : ListeningWebhook {
    std::int64_t added = 0;  ///< added by this batch, not yet counted in `pending`
};

/// Everything to restore when a single mutation is rolled back.
struct BatchState {
    std::unordered_map<ChannelId, HeldChannel> channels;
    std::unordered_map<MemberKey, HeldMember, MemberKeyHash> members;
    std::unordered_map<WorkspaceId, std::vector<HeldWebhook>> listening;  ///< of workspaces the batch has touched
    std::optional<std::int64_t> push_pending;  ///< the number of pending push jobs, once it has been read
    std::int64_t push_change = 0;              ///< the change of that number, not yet written
    BatchEffects effects;
};

class BatchRows {
  public:
    explicit BatchRows(Tables& tables);

    const BatchState& state() const noexcept { return state_; }
    void restore(BatchState state) { state_ = std::move(state); }
    /// Writes the changes held in memory.
    void flush();

    void wrote() noexcept { state_.effects.wrote = true; }
    void deleted() noexcept { state_.effects.wrote = state_.effects.deleted = true; }
    void blanked() noexcept { state_.effects.wrote = state_.effects.blanked = true; }

    // Null: not in that workspace. Only `find_any_member` finds deleted users. The pointers stay valid until the batch ends or
    // the object is deleted.
    HeldChannel* find_channel(WorkspaceId workspace, ChannelId channel);
    HeldMember* find_member(const ChannelRow& channel, UserId user);
    HeldMember* find_any_member(const ChannelRow& channel, UserId user);
    /// Null unless the user is a member now.
    HeldMember* find_present(const ChannelRow& channel, UserId user);

    /// Takes the channel's next revision.
    static std::int64_t next_rev(HeldChannel& channel);
    /// The `receipt_rev` that all receipts of this batch share in a channel.
    static std::int64_t move_receipts(HeldChannel& channel);
    void write_member(const ChannelRow& channel, HeldMember& member);
    /// With the user's next `preferences_rev`.
    void write_preferences(const ChannelRow& channel, HeldMember& member);
    /// Calls `change` for each membership of the user that is held in memory.
    template <class Change>
    void change_user(RowId user, const Change& change) {
        for (auto& [key, member] : state_.members) {
            if (member.user == user) change(member);
        }
    }
    void forget_channel(ChannelId channel) { state_.channels.erase(channel); }
    void forget_channels_of(WorkspaceId workspace);

    std::vector<HeldWebhook>& listening(WorkspaceId workspace);
    /// Call before the webhooks of a workspace change.
    void forget_listening(WorkspaceId workspace);
    /// Adds the new deliveries to the webhooks' pending counts.
    void flush_pending();

    bool has_room_for_push_job();
    void count_push_jobs(std::int64_t change);

    // The tables; see `cariosan/commit_tables.hpp`.
    Tables& tables;
    WorkspaceTable& workspaces;
    UserTable& users;
    ChannelTable& channels;
    MemberTable& members;
    MessageTable& messages;
    ReactionTable& reactions;
    ModerationTable& moderation;
    BlockTable& blocks;
    WebhookTable& webhooks;
    DeliveryTable& deliveries;
    DeviceTable& devices;
    PushTable& push;

  private:
    BatchState state_;
};

}  // namespace cariosan::commit
