/// What a batch knows and has changed: the rows that many of its mutations need, read once and written at its end,
/// and the tables for everything else.
#pragma once

#include <cariosan/commit.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cariosan::commit {

/// A channel as the batch has made it.
struct HeldChannel : ChannelRow {
    bool receipts_moved = false;  ///< this batch has its `receipt_rev` already
    bool dirty = false;
};

/// A user and its place in one channel, as the batch has made it.
struct HeldMember : MemberRow {
    bool dirty = false;  ///< the positions
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
    std::int64_t added = 0;  ///< by this batch, not yet counted in `pending`
};

/// All that has to be put back where a mutation is undone alone.
struct BatchState {
    std::unordered_map<ChannelId, HeldChannel> channels;
    std::unordered_map<MemberKey, HeldMember, MemberKeyHash> members;
    std::unordered_map<WorkspaceId, std::vector<HeldWebhook>> listening;  ///< of workspaces the batch has touched
    std::optional<std::int64_t> push_pending;  ///< how many push jobs there are, once it was asked
    std::int64_t push_change = 0;              ///< of that number, not yet written
    BatchEffects effects;
};

class BatchRows {
  public:
    explicit BatchRows(Tables& tables);

    const BatchState& state() const noexcept { return state_; }
    void restore(BatchState state) { state_ = std::move(state); }
    /// Writes what was changed here alone.
    void flush();

    void wrote() noexcept { state_.effects.wrote = true; }
    void deleted() noexcept { state_.effects.wrote = state_.effects.deleted = true; }
    void blanked() noexcept { state_.effects.wrote = state_.effects.blanked = true; }

    // Null: not in that workspace. Deleted users are found by `find_any_member` only. The pointers stay valid until
    // the batch ends or the object is deleted.
    HeldChannel* find_channel(WorkspaceId workspace, ChannelId channel);
    HeldMember* find_member(const ChannelRow& channel, UserId user);
    HeldMember* find_any_member(const ChannelRow& channel, UserId user);
    /// A member now; nothing else will do.
    HeldMember* find_present(const ChannelRow& channel, UserId user);

    /// The next revision of a channel, taken.
    static std::int64_t next_rev(HeldChannel& channel);
    /// The `receipt_rev` that all receipts of this batch share in a channel.
    static std::int64_t move_receipts(HeldChannel& channel);
    void write_member(const ChannelRow& channel, HeldMember& member);
    /// For each place of a user that is held.
    template <class Change>
    void change_user(RowId user, const Change& change) {
        for (auto& [key, member] : state_.members) {
            if (member.user == user) change(member);
        }
    }
    void forget_channel(ChannelId channel) { state_.channels.erase(channel); }
    void forget_channels_of(WorkspaceId workspace);

    std::vector<HeldWebhook>& listening(WorkspaceId workspace);
    /// To be called before the webhooks of a workspace change.
    void forget_listening(WorkspaceId workspace);
    /// Counts what was added for webhooks.
    void flush_pending();

    bool has_room_for_push_job();
    void count_push_jobs(std::int64_t change);

    // The tables; what they are for is said in `cariosan/commit_tables.hpp`.
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
