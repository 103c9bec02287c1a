// What is heard from other nodes: the channels with local sessions, the users they belong to, and their workspaces.
//
// A feed begins with `subscribe, then read rev, then admit`: whatever is committed before the reading is read, and whatever
// is committed later is heard. A bus that does not answer holds a session up for `kBusPatience`. Then it starts all the
// same, as does a channel that a user is added to while connected: what stands only later is compared with storage.
#include <algorithm>
#include <utility>

#include "core/events/event_topics.hpp"
#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {
namespace {

constexpr std::chrono::milliseconds kBusPatience{1'000};

}  // namespace

Hub::Heard& Hub::hear(const BusTopic& topic) {
    const auto [heard, is_new] = heard_.try_emplace(topic);
    ++heard->second.uses;
    if (is_new) nodes_->hear(topic);
    return heard->second;
}

void Hub::stop_hearing(const BusTopic& topic) {
    const auto heard = heard_.find(topic);
    if (heard == heard_.end() || --heard->second.uses > 0) return;
    heard_.erase(heard);
    nodes_->stop_hearing(topic);
}

void Hub::subscribe(const SessionHandleRef& session, std::chrono::milliseconds now) {
    Subscribing& subscribing = subscribing_[session->id];
    subscribing.session = session;
    subscribing.until = now + kBusPatience;
    await(subscribing, heard_.at(core::topic_of(session->user)));
    await(subscribing, heard_.at(core::topic_of(session->workspace)));
    source_.list_channels(session);
}

void Hub::await(Subscribing& subscribing, Heard& heard) {
    if (heard.stood_at != 0) return;
    heard.awaited_by.push_back(subscribing.session->id);
    ++subscribing.awaited;
}

void Hub::listed(const SessionHandleRef& session, Result<std::vector<ChannelId>> channels) {
    const auto found = subscribing_.find(session->id);
    if (found == subscribing_.end() || found->second.loading_since) return;
    if (!channels) return loaded(session, std::move(channels).error());
    Subscribing& subscribing = found->second;
    subscribing.channels = *std::move(channels);
    subscribing.listed = true;
    for (const ChannelId channel : subscribing.channels) await(subscribing, hear(core::topic_of(channel)));
    load_if_standing(subscribing);
}

void Hub::load_if_standing(Subscribing& subscribing) {
    if (subscribing.listed && subscribing.awaited == 0 && !subscribing.loading_since) load(subscribing);
}

void Hub::load(Subscribing& subscribing) {
    subscribing.loading_since = standings_;
    source_.load(subscribing.session);
}

void Hub::load_overdue(std::chrono::milliseconds now) {
    for (auto& [id, subscribing] : subscribing_) {
        if (!subscribing.loading_since && subscribing.until <= now) load(subscribing);
    }
}

void Hub::end_subscribing(SessionId session) {
    const auto ended = subscribing_.extract(session);
    if (!ended) return;
    const Subscribing& subscribing = ended.mapped();
    const auto forget = [&](const BusTopic& topic) {
        if (subscribing.awaited != 0) std::erase(heard_.at(topic).awaited_by, session);
    };
    forget(core::topic_of(subscribing.session->user));
    forget(core::topic_of(subscribing.session->workspace));
    for (const ChannelId channel : subscribing.channels) {
        forget(core::topic_of(channel));
        stop_hearing(core::topic_of(channel));
    }
}

/// Of these channels the snapshot may be older than what the bus hands over.
void Hub::compare_unheard(SessionId session, const std::vector<ChannelPosition>& positions) {
    const auto subscribing = subscribing_.find(session);
    if (subscribing == subscribing_.end()) return;
    for (const ChannelPosition& position : positions) {
        const auto heard = heard_.find(core::topic_of(position.channel));
        if (heard != heard_.end() && heard->second.stood_at > *subscribing->second.loading_since) {
            repairs_.add_later(position.channel);
        }
    }
}

/// Whether storage has been read for the user, or is being read.
bool Hub::is_read_before(const LocalUser& user) const {
    if (!user.channels.empty()) return true;
    return std::ranges::any_of(user.sessions, [&](const LocalSession& session) {
        const auto subscribing = subscribing_.find(session.handle->id);
        return subscribing == subscribing_.end() || subscribing->second.loading_since;
    });
}

/// What was published to these topics before may have been missed by whoever is there already.
void Hub::standing(std::span<const BusTopic> topics) {
    ++standings_;
    core::Loss unheard;
    for (const BusTopic& topic : topics) {
        const auto heard = heard_.find(topic);
        if (heard == heard_.end()) continue;
        heard->second.stood_at = standings_;
        switch (topic.kind) {
            case BusTopic::Kind::channel: unheard.channels.emplace_back(WorkspaceId{}, ChannelId{topic.id}); break;
            case BusTopic::Kind::user: unheard.users.push_back(UserId{topic.id}); break;
            case BusTopic::Kind::workspace: unheard.workspaces.push_back(WorkspaceId{topic.id}); break;
        }
    }
    lost(unheard);
    // Who has only waited for this has missed nothing.
    for (const BusTopic& topic : topics) {
        if (const auto heard = heard_.find(topic); heard != heard_.end()) {
            for (const SessionId session : std::exchange(heard->second.awaited_by, {})) {
                Subscribing& subscribing = subscribing_.at(session);
                --subscribing.awaited;
                load_if_standing(subscribing);
            }
        }
    }
}

}  // namespace cariosan::realtime
