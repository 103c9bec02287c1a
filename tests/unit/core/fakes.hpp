/// What these tests give to the use cases: a clock that stands still, repeatable randomness, and a store made of a few
/// vectors. Commits are not faked: the conformance suite tests them on real storages.
#pragma once

#include <algorithm>
#include <cariosan/clock.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/storage.hpp>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/text/metadata_check.hpp"
#include "core/users/presence_lookup.hpp"

namespace cariosan::test {

struct FakeClock : Clock {
    Timestamp wall{1'700'000'000'000};
    std::chrono::milliseconds running{5'000};

    Timestamp now() override { return wall; }
    std::chrono::milliseconds elapsed() override { return running; }
};

/// Not secure, but every input bit changes the output.
struct FakeCrypto : Crypto {
    std::uint64_t state = 1;
    int fills = 0;

    Digest sha256(std::string_view data) override;
    Digest hmac_sha256(std::string_view key, std::string_view data) override;
    bool equal(std::string_view left, std::string_view right) override { return left == right; }
    void random(std::span<std::uint8_t> out) override;
};

/// Parses flat objects without commas and spaces in their values.
struct FakeMetadata : core::MetadataCheck {
    Result<std::string> canonical(std::string_view json_text, const Limits& limits) override;
};

struct FakePresence : core::PresenceLookup {
    std::map<UserId, core::PresenceState> states;

    std::optional<core::PresenceState> find(UserId user) const override {
        const auto found = states.find(user);
        return found == states.end() ? std::nullopt : std::optional(found->second);
    }
};

struct FakeChannel {
    WorkspaceId workspace;
    Channel channel;
    std::vector<Member> members;
    std::map<UserId, Membership> memberships;
    std::map<UserId, Preferences> preferences;  ///< of those who changed them
    std::vector<Message> messages;  // ordered by seq
    std::vector<StoredSend> sends;
    std::vector<Receipt> receipts;
};

/// The stored rows, and ways to create them.
struct World {
    std::vector<Workspace> workspaces;
    std::map<std::string, StoredApiKey, std::less<>> api_keys;
    std::vector<std::pair<WorkspaceId, User>> users;
    std::vector<FakeChannel> channels;
    std::vector<Silence> silences;   ///< by user and channel
    std::int64_t sharing_steps = 0;  ///< the cost of finding out whether two users share a channel
    std::map<UserId, BlockedUsers> blocks;  ///< by the user who blocks
    SearchCandidates candidates;  ///< what every search finds
    std::int64_t steps_per_candidate = 0;  ///< what each candidate costs
    std::array<std::uint8_t, 32> idempotency_secret{7};
    SearchRange last_search_range;  ///< of the last search
    std::int64_t widest_history_range = 0;
    int change_counts = 0;  ///< how often changes were counted
    int user_reads = 0;  ///< how often a user was looked up
    ChangeRange last_change_range;  ///< of the last request for changes

    WorkspaceId add_workspace();
    User add_user(WorkspaceId workspace, const std::string& external_id);
    Channel& add_channel(WorkspaceId workspace, ChannelType type, std::optional<std::string> external_id);
    void add_member(ChannelId channel, const User& user, Role role = Role::member);
    /// Adds a message to the channel.
    Message add_message(ChannelId channel, const User& author, std::string content);
    FakeChannel& row(ChannelId channel);

    ModerationSettings moderation;      ///< the same in every workspace
    int moderation_reads = 0;           ///< how often it was read
    std::vector<ModerationRecord> records;  ///< oldest first
    std::vector<Device> devices;               ///< the same for every user
    std::vector<Report> reports;               ///< filed by every user
    std::vector<MessageReaction> reactions;    ///< the same for every message
    ModerationRange last_moderation_range;  ///< of the last request

    Uuid next_id();

  private:
    std::uint8_t made_ = 0;
};

/// Positions are places in the list, starting at 1.
template <class T>
RecordPage<T> part_of(const std::vector<T>& all, RecordPosition after, std::int64_t limit) {
    RecordPage<T> page;
    const auto end = std::min(std::ssize(all), static_cast<std::ptrdiff_t>(after.major + limit));
    page.records.assign(all.begin() + after.major, all.begin() + end);
    if (std::cmp_equal(page.records.size(), limit)) page.next = RecordPosition{.major = end};
    return page;
}

/// Reads a `World`.
class FakeReader : public Reader {
  public:
    explicit FakeReader(World& world)
        : workspaces_(world),
          users_(world),
          channels_(world),
          members_(world),
          messages_(world),
          changes_(world),
          search_(world),
          silences_(world),
          blocks_(world),
          user_data_(world),
          moderation_(world) {}

    Result<Done> begin() override { return Done{}; }
    void end() noexcept override {}
    WorkspaceReader& workspaces() override { return workspaces_; }
    UserReader& users() override { return users_; }
    ChannelReader& channels() override { return channels_; }
    MemberReader& members() override { return members_; }
    MessageReader& messages() override { return messages_; }
    ChangeReader& changes() override { return changes_; }
    SearchReader& search() override { return search_; }
    SilenceReader& silences() override { return silences_; }
    BlockReader& blocks() override { return blocks_; }
    UserDataReader& user_data() override { return user_data_; }
    OutboxReader& outbox() override { return outbox_; }
    ModerationReader& moderation() override { return moderation_; }
    PushReader& push() override { return push_; }

  private:
    struct Workspaces : WorkspaceReader {
        explicit Workspaces(World& in) : world(in) {}
        Result<std::optional<Workspace>> find(WorkspaceId id) override;
        Result<std::vector<Workspace>> list(std::optional<WorkspaceId> after, std::int64_t limit) override;
        Result<std::optional<StoredApiKey>> find_api_key(std::string_view api_key) override;
        Result<std::optional<std::string>> present_api_key(WorkspaceId id) override;
        Result<std::array<std::uint8_t, 32>> idempotency_secret(WorkspaceId id) override;
        Result<ModerationSettings> moderation(WorkspaceId) override {
            ++world.moderation_reads;
            return world.moderation;
        }
        Result<WorkspaceFigures> figures(WorkspaceId id, std::int64_t most) override;
        World& world;
    };
    struct Users : UserReader {
        explicit Users(World& in) : world(in) {}
        Result<std::optional<User>> find(WorkspaceId workspace, UserId id) override;
        Result<std::optional<User>> find_external(WorkspaceId workspace,
                                                  std::string_view external_id) override;
        Result<std::vector<User>> list(WorkspaceId workspace, std::optional<UserId> after,
                                       std::int64_t limit) override;
        /// Each user costs `World::sharing_steps`.
        Result<SharingUsers> sharing(WorkspaceId workspace, UserId viewer, std::span<const UserId> users,
                                     WorkBudget& budget) override;
        World& world;
    };
    struct Channels : ChannelReader {
        explicit Channels(World& in) : world(in) {}
        Result<std::optional<Channel>> find(WorkspaceId workspace, ChannelId id) override;
        Result<std::optional<Channel>> find_external(WorkspaceId workspace,
                                                     std::string_view external_id) override;
        Result<std::vector<Channel>> list(WorkspaceId workspace, std::optional<ChannelId> after, std::int64_t limit,
                                          const ChannelFilter& filter) override;
        Result<std::vector<MyChannel>> list_of(WorkspaceId workspace, UserId user, const MyChannelRange& range) override;
        Result<std::optional<MyChannel>> find_of(WorkspaceId workspace, UserId user, ChannelId channel,
                                                 std::int64_t members) override;
        Result<std::vector<ChannelPosition>> positions_of(WorkspaceId workspace, UserId user) override;
        Result<std::int64_t> unread_total(WorkspaceId workspace, UserId user) override;
        Result<PreferencesRead> preferences_of(WorkspaceId workspace, UserId user, std::int64_t since,
                                               std::int64_t limit) override;
        Result<std::vector<ChannelId>> unread_by(WorkspaceId, UserId, std::optional<UserId>, std::int64_t) override {
            return std::vector<ChannelId>();
        }
        World& world;
    };
    struct Members : MemberReader {
        explicit Members(World& in) : world(in) {}
        Result<std::optional<Membership>> find(ChannelId channel, UserId user) override;
        Result<std::vector<Member>> list(ChannelId channel, std::optional<UserId> after,
                                         std::int64_t limit) override;
        Result<std::vector<Receipt>> receipts(ChannelId channel, std::optional<UserId> after,
                                              std::int64_t limit) override;
        World& world;
    };
    struct Messages : MessageReader {
        explicit Messages(World& in) : world(in) {}
        Result<std::optional<Message>> find(ChannelId channel, MessageId id, const Viewpoint& viewer) override;
        Result<std::optional<StoredSend>> find_sent(ChannelId channel, UserId author,
                                                    std::string_view key) override;
        Result<std::vector<Message>> page(ChannelId channel, const HistoryRange& range,
                                          const Viewpoint& viewer) override;
        Result<std::vector<Message>> pins(ChannelId, const Viewpoint&) override { return std::vector<Message>(); }
        Result<std::vector<ErasedFile>> erased_files(std::int64_t, std::int64_t) override { return std::vector<ErasedFile>(); }
        Result<bool> names_file(std::string_view) override { return false; }
        Result<RecordPage<MessageReaction>> reactions(ChannelId, MessageId, RecordPosition after, std::int64_t limit,
                                                      const Viewpoint&) override {
            return part_of(world.reactions, after, limit);
        }
        World& world;
    };
    struct Search : SearchReader {
        explicit Search(World& in) : world(in) {}
        Result<SearchCandidates> candidates(WorkspaceId workspace, UserId viewer, const SearchRange& range,
                                            WorkBudget& budget, const SearchFilter& filter) override;
        World& world;
    };
    struct Silences : SilenceReader {
        explicit Silences(World& in) : world(in) {}
        Result<SilenceState> find(ChannelId channel, UserId user, Timestamp now) override;
        Result<Page> list(WorkspaceId workspace, std::optional<Key> after, std::int64_t limit, Timestamp now) override;
        World& world;
    };
    struct Blocks : BlockReader {
        explicit Blocks(World& in) : world(in) {}
        Result<BlockedUsers> of(WorkspaceId workspace, UserId user) override;
        Result<std::vector<Block>> list(WorkspaceId workspace, UserId user, std::optional<UserId> after,
                                        std::int64_t limit) override;
        World& world;
    };
    struct Outbox : OutboxReader {
        Result<std::optional<Webhook>> find(WorkspaceId, WebhookId) override { return std::optional<Webhook>(); }
        Result<std::vector<Webhook>> list(WorkspaceId, std::optional<WebhookId>, std::int64_t) override {
            return std::vector<Webhook>();
        }
        Result<DeliveryPage> deliveries(WebhookId, std::optional<std::int64_t>, std::int64_t) override {
            return DeliveryPage();
        }
        Result<std::optional<Delivery>> find_delivery(WebhookId, EventId) override {
            return std::optional<Delivery>();
        }
        Result<std::optional<Timestamp>> next_due() override { return std::optional<Timestamp>(); }
        Result<std::vector<DueDelivery>> due(WebhookId, Timestamp, std::span<const std::int64_t>, bool,
                                             std::int64_t) override {
            return std::vector<DueDelivery>();
        }
    };
    struct Moderation : ModerationReader {
        explicit Moderation(World& in) : world(in) {}
        Result<ModerationPage> list(WorkspaceId, const ModerationRange& range) override;
        Result<std::optional<ModerationRecord>> find(WorkspaceId, ModerationRecordId) override {
            return std::optional<ModerationRecord>();
        }
        Result<ReportPage> reports(WorkspaceId, const ReportRange&) override { return ReportPage(); }
        Result<std::optional<Report>> find_report(WorkspaceId, ReportId) override { return std::optional<Report>(); }
        World& world;
    };
    struct Push : PushReader {
        Result<PushBacklog> backlog() override { return PushBacklog(); }
        Result<PushPart> part(std::int64_t, const PushRange&) override { return PushPart(); }
    };
    struct UserData : UserDataReader {
        explicit UserData(World& in) : world(in) {}
        Result<RecordPage<UserMembership>> memberships(WorkspaceId, UserId user, RecordPosition after,
                                                       std::int64_t limit) override;
        Result<RecordPage<Message>> messages(WorkspaceId, UserId user, RecordPosition after,
                                             std::int64_t limit) override;
        Result<RecordPage<UserReaction>> reactions(WorkspaceId, UserId, RecordPosition, std::int64_t) override {
            return RecordPage<UserReaction>{};
        }
        Result<RecordPage<UserMention>> mentions(WorkspaceId, UserId, RecordPosition, std::int64_t) override {
            return RecordPage<UserMention>{};
        }
        Result<RecordPage<Silence>> silences(WorkspaceId, UserId, RecordPosition, std::int64_t) override {
            return RecordPage<Silence>{};
        }
        Result<RecordPage<ModerationRecord>> moderation(WorkspaceId, UserId, RecordPosition, std::int64_t) override {
            return RecordPage<ModerationRecord>{.records = world.records, .next = {}};
        }
        Result<RecordPage<Device>> devices(WorkspaceId, UserId, RecordPosition after, std::int64_t limit) override {
            return part_of(world.devices, after, limit);
        }
        Result<RecordPage<Report>> reports(WorkspaceId, UserId, RecordPosition after, std::int64_t limit) override {
            return part_of(world.reports, after, limit);
        }
        Result<std::vector<PendingDeletion>> deletions(std::int64_t) override {
            return std::vector<PendingDeletion>{};
        }
        Result<std::vector<EndingMembership>> ending_memberships(WorkspaceId, UserId, std::int64_t) override {
            return std::vector<EndingMembership>{};
        }
        Result<RecordPage<ErasableMessage>> erasable_messages(WorkspaceId, UserId, RecordPosition,
                                                              std::int64_t) override {
            return RecordPage<ErasableMessage>{};
        }
        World& world;
    };
    struct Changed : ChangeReader {
        explicit Changed(World& in) : world(in) {}
        Result<std::int64_t> count(ChannelId channel, std::int64_t since, std::int64_t limit) override;
        Result<ChangePage> page(const Channel& channel, const Viewpoint& viewer, const ChangeRange& range) override;
        World& world;
    };

    Workspaces workspaces_;
    Users users_;
    Channels channels_;
    Members members_;
    Messages messages_;
    Changed changes_;
    Search search_;
    Silences silences_;
    Blocks blocks_;
    UserData user_data_;
    Outbox outbox_;
    Moderation moderation_;
    Push push_;
};

}  // namespace cariosan::test
