// How sessions reach the hub, and how the hub reaches storage.
#include <future>
#include <memory>
#include <utility>

#include "core/propagate.hpp"
#include "core/refusals.hpp"
#include "core/workspaces/client_settings.hpp"
#include "engine/engine_impl.hpp"

namespace cariosan::engine {
namespace {

Result<std::vector<ChannelId>> list_channels_of(Reader& reader, const realtime::SessionHandle& session) {
    CARIOSAN_TRY(const std::vector<ChannelPosition> positions,
                 reader.channels().positions_of(session.workspace, session.user));
    std::vector<ChannelId> channels;
    channels.reserve(positions.size());
    for (const ChannelPosition& position : positions) channels.push_back(position.channel);
    return channels;
}

/// A user who may be connected.
Result<User> find_admitted(Reader& reader, WorkspaceId workspace, UserId id, Timestamp now) {
    CARIOSAN_TRY(std::optional<User> user, reader.users().find(workspace, id));
    if (!user) return not_found("user");
    if (user->suspension && user->suspension->holds_at(now)) return core::user_is_suspended(*user->suspension);
    return *std::move(user);
}

Result<realtime::SessionSnapshot> load_session(Reader& reader, const realtime::SessionHandle& session,
                                              ClientSettings server, Timestamp now) {
    CARIOSAN_TRY(const User user, find_admitted(reader, session.workspace, session.user, now));
    CARIOSAN_TRY(const std::optional<Workspace> workspace, reader.workspaces().find(session.workspace));
    if (!workspace) return not_found("workspace");
    CARIOSAN_TRY(std::vector<ChannelPosition> positions,
                 reader.channels().positions_of(session.workspace, session.user));
    CARIOSAN_TRY(const std::int64_t unread, reader.channels().unread_total(session.workspace, session.user));
    CARIOSAN_TRY(BlockedUsers blocks, reader.blocks().of(session.workspace, session.user));
    CARIOSAN_TRY(const PreferencesRead preferences,
                 reader.channels().preferences_of(session.workspace, session.user, 0, 0));
    realtime::SessionSnapshot loaded;
    loaded.start.preferences_rev = preferences.preferences_rev;
    loaded.blocks = std::move(blocks);
    loaded.start.user = user;
    loaded.start.unread_total = unread;
    loaded.start.settings = core::client_settings(*workspace, std::move(server));
    loaded.positions = std::move(positions);
    return loaded;
}

Result<realtime::UserState> read_state(Reader& reader, WorkspaceId workspace_id, UserId id, ClientSettings server,
                                       Timestamp now) {
    CARIOSAN_TRY_DONE(find_admitted(reader, workspace_id, id, now));
    CARIOSAN_TRY(const std::optional<Workspace> workspace, reader.workspaces().find(workspace_id));
    if (!workspace) return not_found("workspace");
    CARIOSAN_TRY(std::vector<ChannelPosition> positions, reader.channels().positions_of(workspace_id, id));
    CARIOSAN_TRY(BlockedUsers blocks, reader.blocks().of(workspace_id, id));
    return realtime::UserState{std::move(positions), std::move(blocks), core::client_settings(*workspace, std::move(server))};
}

Result<realtime::FeedRepair> read_repair(Reader& reader, WorkspaceId workspace, ChannelId id,
                                          const realtime::FeedPosition& since, const Limits& limits) {
    realtime::FeedRepair repair;
    CARIOSAN_TRY(const std::optional<Channel> channel, reader.channels().find(workspace, id));
    if (!channel) {
        repair.deleted = true;
        return repair;
    }
    repair.member_count = channel->member_count;
    const bool with_receipts = since.receipt_rev && channel->member_count <= limits.shared_receipts;
    ChangeRange range{.since = since.rev, .receipts_since = with_receipts ? *since.receipt_rev : channel->receipt_rev};
    for (bool more = true; more;) {
        CARIOSAN_TRY(ChangePage page, reader.changes().page(*channel, UserId{}, range));
        repair.receipts = std::move(page.receipts);
        for (const Member& member : page.members)
            (member.left ? repair.left : repair.joined).push_back(member.user.id);
        range.since = page.rev;
        more = page.has_more;
    }
    repair.rev = channel->rev;
    if (!with_receipts) return repair;
    repair.receipt_rev = channel->receipt_rev;
    CARIOSAN_TRY(const std::optional<Workspace> owner, reader.workspaces().find(workspace));
    for (Receipt& receipt : repair.receipts) receipt.read_hidden = owner && !owner->read_receipts_enabled;
    return repair;
}

Result<UnreadCounts> read_unread(Reader& reader, WorkspaceId workspace, UserId user, ChannelId channel) {
    CARIOSAN_TRY(const std::optional<MyChannel> mine, reader.channels().find_of(workspace, user, channel, 0));
    CARIOSAN_TRY(const std::int64_t total, reader.channels().unread_total(workspace, user));
    UnreadCounts counts{.is_member = mine.has_value(), .unread_total = total};
    if (mine) {
        counts.unread_count = mine->unread_count;
        counts.mention_count = mine->mention_count;
    }
    return counts;
}

Result<PresenceChanged::Change> read_presence_of(Reader& reader, WorkspaceId workspace, UserId id, const Limits& limits) {
    CARIOSAN_TRY(const std::optional<User> user, reader.users().find(workspace, id));
    if (!user) return not_found("user");
    PresenceChanged::Change change;
    change.presence.user_id = id;
    change.presence.external_id = user->external_id;
    // Whoever is in any channel shares it with themselves.
    WorkBudget budget(0);
    CARIOSAN_TRY(SharingUsers self, reader.users().sharing(workspace, id, {&id, 1}, budget));
    if (!self.found.empty()) change.presence.last_seen_at = self.found[0].last_seen_at;
    CARIOSAN_TRY(const std::vector<ChannelPosition> positions, reader.channels().positions_of(workspace, id));
    std::vector<std::pair<Timestamp, ChannelId>> small;
    for (const ChannelPosition& each : positions) {
        if (each.member_count <= limits.presence_members) small.emplace_back(each.last_activity, each.channel);
        if (change.others.size() < realtime::kMostOtherChannels) change.others.push_back(each.channel);
    }
    change.channels = realtime::latest_channels(std::move(small), limits.presence_channels);
    CARIOSAN_TRY(BlockedUsers blocks, reader.blocks().of(workspace, id));
    change.blocked = std::move(blocks.users);
    return change;
}

}  // namespace

void EngineImpl::unread_to(realtime::LaneQueueRef lane, WorkspaceId workspace, UserId user, ChannelId channel,
                           std::function<void(Result<UnreadCounts>)> done) {
    read_internally([=, lane = std::move(lane), done = std::move(done)](const Result<Reader*>& reader) {
        auto counts = reader ? read_unread(**reader, workspace, user, channel) : reader.error();
        lane->push(realtime::Complete{[done, counts = std::move(counts)] { done(counts); }});
    });
}

void EngineImpl::catch_up(realtime::LaneQueueRef lane, const Caller& caller, core::CatchUp request,
                          std::function<void(Result<core::CaughtUp>)> done, std::weak_ptr<const void> asker) {
    read_internally([this, lane = std::move(lane), caller, request = std::move(request), done = std::move(done),
                     asker = std::move(asker)](const Result<Reader*>& reader) {
        Result<core::CaughtUp> answer = nobody_waits();
        if (asker.expired()) {
            ++counters_.commands_abandoned;
        } else if (!reader) {
            answer = reader.error();
        } else {
            const std::string present = epoch();
            core::Context context = context_of(tools_, **reader, no_rates_, present);
            answer = core::read(request, caller, context);
        }
        lane->push(realtime::Complete{[done, answer = std::move(answer)]() mutable { done(std::move(answer)); }});
    });
}

Result<Done> EngineImpl::start_realtime(realtime::EventEncoder& encoder) {
    if (const auto refused = refuse_call()) return *refused;
    if (options_.limits.connections_per_user < 1) {
        return Error(ErrorCode::misuse, "the limit connections_per_user must be at least 1");
    }
    if (realtime_running_.exchange(true)) return Error(ErrorCode::misuse, "there is a gateway already");
    dispatcher_.set_hub(std::make_unique<realtime::Hub>(encoder, *this, presence_, realtime_counters_,
                                                         options_.limits, nodes_.get()));
    return Done{};
}

/// Waits until the last-seen times are on their way to the writer.
void EngineImpl::close_presence() {
    auto handed_over = std::make_shared<std::promise<void>>();
    const std::future<void> done = handed_over->get_future();
    // Without a hub the task is destroyed, and the promise with it, which ends the wait too.
    dispatcher_.with_hub([handed_over = std::move(handed_over)](realtime::Hub& hub) {
        hub.close_presence();
        handed_over->set_value();
    });
    done.wait();
}

void EngineImpl::stop_realtime() {
    close_presence();
    dispatcher_.set_hub(nullptr);
    lanes_ = 0;
    realtime_running_ = false;
}

std::optional<std::uint8_t> EngineImpl::add_lane(const realtime::LaneQueueRef& lane) {
    constexpr std::size_t kMaxLanes = 64;
    const std::size_t index = lanes_++;
    if (index >= kMaxLanes) return std::nullopt;
    dispatcher_.with_hub([index, lane](realtime::Hub& hub) { hub.add_lane(index, lane); });
    return static_cast<std::uint8_t>(index);
}

void EngineImpl::attach(realtime::SessionHandleRef session) {
    dispatcher_.with_hub(
        [this, session = std::move(session)](realtime::Hub& hub) { hub.attach(session, clock().elapsed()); });
}

void EngineImpl::session_closing(realtime::SessionHandleRef session) {
    dispatcher_.with_hub([session = std::move(session)](realtime::Hub& hub) { hub.closing(session); });
}

void EngineImpl::detach(realtime::SessionHandleRef session) {
    dispatcher_.with_hub([session = std::move(session), now = clock().elapsed()](realtime::Hub& hub) {
        hub.detach(session, now);
    });
}

void EngineImpl::watch(realtime::SessionHandleRef session, std::vector<UserPresence> users, realtime::LaneQueueRef lane,
                       std::function<void(const std::vector<UserPresence>&)> done) {
    dispatcher_.with_hub([session = std::move(session), users = std::move(users), lane = std::move(lane),
                          done = std::move(done)](realtime::Hub& hub) {
        std::vector<UserPresence> present = users;
        hub.watch(session, present);
        lane->push(realtime::Complete{[done, present = std::move(present)] { done(present); }});
    });
}

void EngineImpl::unwatch(realtime::SessionHandleRef session, std::vector<UserId> users) {
    dispatcher_.with_hub([session = std::move(session), users = std::move(users)](realtime::Hub& hub) {
        hub.unwatch(*session, users);
    });
}

void EngineImpl::typing(realtime::SessionHandleRef session, ChannelId channel, bool started) {
    dispatcher_.with_hub([this, session = std::move(session), channel, started](realtime::Hub& hub) {
        hub.typing(*session, channel, started, clock().elapsed());
    });
}

void EngineImpl::drain(std::chrono::milliseconds reconnect_after) {
    // Waits until the lanes have the task: a host stops its server right afterwards, and must not overtake it.
    auto drained = std::make_shared<std::promise<void>>();
    const std::future<void> done = drained->get_future();
    dispatcher_.with_hub([reconnect_after, drained = std::move(drained)](realtime::Hub& hub) {
        hub.drain(reconnect_after);
        hub.flush();
        drained->set_value();
    });
    if (!dispatcher_.owns_this_thread()) done.wait();
}

void EngineImpl::list_channels(const realtime::SessionHandleRef& session) {
    read_internally([this, session](const Result<Reader*>& reader) {
        auto listed = std::make_shared<Result<std::vector<ChannelId>>>(
            reader ? list_channels_of(**reader, *session) : reader.error());
        dispatcher_.with_hub([session, listed](realtime::Hub& hub) { hub.listed(session, std::move(*listed)); });
    });
}

ClientSettings EngineImpl::server_settings() const {
    return core::server_settings(options_.limits, options_.attachments.get(), options_.attachment_types);
}

void EngineImpl::load(const realtime::SessionHandleRef& session) {
    read_internally([this, session](const Result<Reader*>& reader) {
        const ConnectionLimit limit{.most = static_cast<std::size_t>(options_.limits.connections_per_user)};
        const bool has_place =
            !options_.coordination || options_.coordination->connect({.user = session->user, .id = session->id}, limit);
        auto loaded = std::make_shared<Result<realtime::SessionSnapshot>>(
            reader ? load_session(**reader, *session, server_settings(), clock().now()) : reader.error());
        if (*loaded) (*loaded)->has_place = has_place;
        if (*loaded) (*loaded)->start.epoch = epoch();
        dispatcher_.with_hub(
            [session, loaded](realtime::Hub& hub) { hub.loaded(session, std::move(*loaded)); });
    });
}

void EngineImpl::repair(WorkspaceId workspace, ChannelId channel, const realtime::FeedPosition& since) {
    read_internally([this, workspace, channel, since](const Result<Reader*>& reader) {
        auto repaired = std::make_shared<Result<realtime::FeedRepair>>(
            reader ? read_repair(**reader, workspace, channel, since, options_.limits) : reader.error());
        dispatcher_.with_hub(
            [channel, repaired](realtime::Hub& hub) { hub.repaired(channel, std::move(*repaired)); });
    });
}

void EngineImpl::reread(WorkspaceId workspace, UserId user) {
    read_internally([this, workspace, user](const Result<Reader*>& reader) {
        auto state = std::make_shared<Result<realtime::UserState>>(
            reader ? read_state(**reader, workspace, user, server_settings(), clock().now()) : reader.error());
        dispatcher_.with_hub([user, state](realtime::Hub& hub) { hub.reread(user, std::move(*state)); });
    });
}

void EngineImpl::find_unread(WorkspaceId workspace, UserId user, std::optional<UserId> author, std::int64_t limit) {
    read_internally([=, this](const Result<Reader*>& reader) {
        if (!reader) return;  // counts may be dropped
        auto found = (*reader)->channels().unread_by(workspace, user, author, limit);
        if (!found || found->empty()) return;
        auto channels = std::make_shared<std::vector<ChannelId>>(std::move(*found));
        dispatcher_.with_hub([user, channels](realtime::Hub& hub) { hub.unread_moved(user, *channels); });
    });
}

void EngineImpl::read_presence(WorkspaceId workspace, UserId user) {
    read_internally([this, workspace, user](const Result<Reader*>& reader) {
        auto read = std::make_shared<Result<PresenceChanged::Change>>(
            reader ? read_presence_of(**reader, workspace, user, options_.limits) : reader.error());
        dispatcher_.with_hub([user, read](realtime::Hub& hub) { hub.presence_read(user, std::move(*read)); });
    });
}

}  // namespace cariosan::engine
