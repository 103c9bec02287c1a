// How sessions start and end.
#include <algorithm>
#include <memory>
#include <utility>

#include "core/events/event_topics.hpp"
#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {
namespace {

constexpr std::chrono::milliseconds kSilentTooLong{35'000};
constexpr std::int64_t kRetryAfterLimit = 30'000;
constexpr std::int64_t kRetryAfterFailure = 1'000;

std::uint16_t close_code_for(const Error& error) {
    return keeps_out(error) ? close_code::kForbidden : close_code::kOverloaded;
}

}  // namespace

bool keeps_out(const Error& error) noexcept {
    return error.code == ErrorCode::not_found || error.code == ErrorCode::unauthorized || error.code == ErrorCode::suspended;
}

void Hub::attach(SessionHandleRef session, std::chrono::milliseconds now) {
    const auto [entry, is_new] = users_.try_emplace(session->user);
    if (is_new) {
        entry->second.slot = user_slots_.take(*entry);
        blocks_.open(session->user);
        if (nodes_ != nullptr) {
            subscribe_to(core::topic_of(session->user));
            subscribe_to(core::topic_of(session->workspace));
        }
    }
    LocalUser& user = entry->second;
    user.workspace = session->workspace;
    const bool has_room = make_room(user, now);
    user.sessions.push_back({.handle = session});
    presence_.reconnected(session->user);
    if (session->kind == SessionHandle::Kind::socket) {
        ++counters_.sessions;
        ++counters_.sessions_opened;
    }
    if (has_room) {
        if (nodes_ == nullptr) return source_.load(session);
        subscribe(session, now);
    } else {
        close(user.sessions.back(), close_code::kTooMany, "too many connections", kRetryAfterLimit);
    }
}

/// Whether the user may have one more session. At the limit, the session that has been silent longest is closed, if it has been
/// silent for long enough. A connection takes up to ten seconds to close; meanwhile it is neither counted nor chosen again, so
/// that it makes room only once.
bool Hub::make_room(LocalUser& user, std::chrono::milliseconds now) {
    LocalSession* quietest = nullptr;
    std::size_t open = 0;
    const auto last_active = [](const LocalSession& each) {
        return std::chrono::milliseconds(each.handle->last_active_ms.load(std::memory_order_relaxed));
    };
    for (LocalSession& each : user.sessions) {
        if (each.closing) continue;
        ++open;
        if (quietest == nullptr || last_active(each) < last_active(*quietest)) quietest = &each;
    }
    if (std::cmp_less(open, limits_.connections_per_user)) return true;
    if (quietest == nullptr || now - last_active(*quietest) <= kSilentTooLong) return false;
    close(*quietest, close_code::kIdle, "replaced by a newer one");
    return true;
}

void Hub::close(LocalSession& session, std::uint16_t code, std::string reason, std::int64_t retry_after_ms) {
    session.closing = true;
    if (nodes_ != nullptr && nodes_->coordinates()) nodes_->disconnect({.user = session.handle->user, .id = session.handle->id});
    outgoing_[session.handle->lane].push_back(CloseSession{session.handle->id, code, std::move(reason), retry_after_ms});
}

void Hub::closing(const SessionHandleRef& session) {
    const auto user = users_.find(session->user);
    if (user == users_.end()) return;
    const auto local = std::ranges::find(user->second.sessions, session, &LocalSession::handle);
    if (local == user->second.sessions.end()) return;
    local->closing = true;
    stop_typing_in(*session);
}

void Hub::loaded(const SessionHandleRef& session, Result<SessionSnapshot> loaded) {
    const auto found = users_.find(session->user);
    if (found == users_.end()) return;
    LocalUser& user = found->second;
    const auto local = std::ranges::find(user.sessions, session, &LocalSession::handle);
    if (local == user.sessions.end()) return;  // detached in the meantime
    if (!loaded || !loaded->has_place) {
        end_subscribing(session->id);
        if (!loaded) return close(*local, close_code_for(loaded.error()), "cannot start", kRetryAfterFailure);
        return close(*local, close_code::kTooMany, "too many connections", kRetryAfterLimit);
    }
    user.channels.reserve(loaded->positions.size());  // exactly, to save memory: there are many users
    apply_positions(*found, loaded->positions, 0);
    apply_blocks(session->user, std::move(loaded->blocks));
    loaded->start.blocks_rev = blocks_.rev(session->user);
    if (const BeingRead* reading = user.being_read.get()) {
        if (reading->settings) loaded->start.settings = *reading->settings;
        loaded->start.preferences_rev = std::max(loaded->start.preferences_rev, reading->preferences_rev);
    }
    presence_.connected(session->user, loaded->start.user.external_id);
    admit(user, *local, std::move(loaded->start));
    if (user.lost_while_loading) {
        rereads_.add_later(session->user);
        user.lost_while_loading = user.is_loading();
    }
    repair_late_subscriptions(session->id, loaded->positions);
    end_subscribing(session->id);
    forget_memberships(user);
    start_reads();
}

/// Adds the user to the channels of a snapshot that were not known yet. The user's sessions that are already admitted got no
/// event for them, so they read them.
void Hub::apply_positions(Users::value_type& user, const std::vector<ChannelPosition>& positions, std::size_t since) {
    std::unordered_map<ChannelId, std::int64_t> left;  // the revision of the latest removal
    for (const Membership& each : user.second.meanwhile(since)) {
        if (!each.joined) left[each.channel] = std::max(left[each.channel], each.rev);
    }
    for (const ChannelPosition& position : positions) {
        const auto removed = left.find(position.channel);
        if (removed != left.end() && removed->second > position.member_rev) continue;
        const auto known = channels_.find(position.channel);
        const bool join_is_on_its_way = known != channels_.end() && known->second.feed.last() < position.member_rev;
        if (join_is_on_its_way) continue;
        Channels::value_type& channel =
            open_channel(user.second.workspace, position.channel, position.rev, ChannelFeed::Start::at_snapshot);
        if (user.second.channels.contains(channel.second.slot)) continue;
        note_membership(user.second, {position.channel, position.member_rev, true, true});
        join(user.first, channel, By::reading);
        LocalChannel& joined = channel.second;
        if (position.rev >= joined.feed.last()) joined.feed.member_count = position.member_count;
        joined.last_activity = std::max(joined.last_activity, position.last_activity);
    }
}

void Hub::admit(LocalUser& user, LocalSession& session, SessionStart start) {
    session.admitted = true;
    const std::size_t lane = session.handle->lane;
    std::vector<ChannelId> channels;
    channels.reserve(user.channels.size());
    user.channels.for_each([&](std::uint32_t slot, std::uint32_t) {
        auto& [id, channel] = channel_slots_[slot];
        channel.feed.add_session(lane);
        channels.push_back(id);
    });
    outgoing_[lane].push_back(
        AdmitSession{session.handle->id, std::move(channels), std::make_shared<const SessionStart>(std::move(start))});
}

void Hub::detach(const SessionHandleRef& session, std::chrono::milliseconds now) {
    const auto found = users_.find(session->user);
    if (found == users_.end()) return;
    LocalUser& user = found->second;
    const auto local = std::ranges::find(user.sessions, session, &LocalSession::handle);
    if (local == user.sessions.end()) return;
    if (session->kind == SessionHandle::Kind::socket) --counters_.sessions;
    if (nodes_ != nullptr && nodes_->coordinates()) nodes_->disconnect({.user = session->user, .id = session->id});
    if (local->admitted) {
        user.channels.for_each([&](std::uint32_t slot, std::uint32_t) {
            channel_slots_[slot].second.feed.remove_session(session->lane);
        });
    }
    stop_typing_in(*session);
    end_subscribing(session->id);
    user.sessions.erase(local);
    watchers_.remove(*session);
    forget_memberships(user);
    if (!user.sessions.empty()) return;
    presence_.disconnected(session->user, now);
    if (!presence_.knows(session->user)) release_if_gone(session->user);
}

void Hub::release_if_gone(UserId id) {
    const auto found = users_.find(id);
    if (found == users_.end() || !found->second.sessions.empty()) return;
    found->second.channels.for_each(
        [this](std::uint32_t slot, std::uint32_t place) { remove_at(channel_slots_[slot], place); });
    blocks_.close(id);
    user_slots_.give_back(found->second.slot);
    unsubscribe_from(core::topic_of(id));
    unsubscribe_from(core::topic_of(found->second.workspace));
    users_.erase(found);
}

}  // namespace cariosan::realtime
