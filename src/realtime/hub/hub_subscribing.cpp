// Subscriptions on the bus: to channels with local sessions, to the users of those sessions, and to their workspaces.
//
// A session starts in three steps: subscribe, read, admit. What is committed before the read is in the read, and what is
// committed later arrives on the bus. If the bus does not confirm within `kBusPatience`, the session starts anyway; so does a
// channel that a connected user is added to. Such topics are compared with storage once the bus confirms them.
#include <algorithm>
#include <utility>

#include "core/events/event_topics.hpp"
#include "realtime/hub/hub.hpp"

namespace cariosan::realtime {
namespace {

constexpr std::chrono::milliseconds kBusPatience{1'000};

}  // namespace

Hub::TopicSubscription& Hub::subscribe_to(const BusTopic& topic) {
    const auto [subscription, is_new] = subscriptions_.try_emplace(topic);
    ++subscription->second.uses;
    if (is_new) nodes_->subscribe(topic);
    return subscription->second;
}

void Hub::unsubscribe_from(const BusTopic& topic) {
    const auto subscription = subscriptions_.find(topic);
    if (subscription == subscriptions_.end() || --subscription->second.uses > 0) return;
    subscriptions_.erase(subscription);
    nodes_->unsubscribe(topic);
}

void Hub::subscribe(const SessionHandleRef& session, std::chrono::milliseconds now) {
    Subscribing& subscribing = subscribing_[session->id];
    subscribing.session = session;
    subscribing.until = now + kBusPatience;
    await(subscribing, subscriptions_.at(core::topic_of(session->user)));
    await(subscribing, subscriptions_.at(core::topic_of(session->workspace)));
    source_.list_channels(session);
}

void Hub::await(Subscribing& subscribing, TopicSubscription& subscription) {
    if (subscription.active_since != 0) return;
    subscription.awaited_by.push_back(subscribing.session->id);
    ++subscribing.awaited;
}

void Hub::listed(const SessionHandleRef& session, Result<std::vector<ChannelId>> channels) {
    const auto found = subscribing_.find(session->id);
    if (found == subscribing_.end() || found->second.loading_since) return;
    if (!channels) return loaded(session, std::move(channels).error());
    Subscribing& subscribing = found->second;
    subscribing.channels = *std::move(channels);
    subscribing.listed = true;
    for (const ChannelId channel : subscribing.channels) await(subscribing, subscribe_to(core::topic_of(channel)));
    load_if_subscribed(subscribing);
}

void Hub::load_if_subscribed(Subscribing& subscribing) {
    if (subscribing.listed && subscribing.awaited == 0 && !subscribing.loading_since) load(subscribing);
}

void Hub::load(Subscribing& subscribing) {
    subscribing.loading_since = activations_;
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
        if (subscribing.awaited != 0) std::erase(subscriptions_.at(topic).awaited_by, session);
    };
    forget(core::topic_of(subscribing.session->user));
    forget(core::topic_of(subscribing.session->workspace));
    for (const ChannelId channel : subscribing.channels) {
        forget(core::topic_of(channel));
        unsubscribe_from(core::topic_of(channel));
    }
}

/// Repairs the channels whose subscription was confirmed only after loading began: events between the snapshot and the
/// confirmation may be missing.
void Hub::repair_late_subscriptions(SessionId session, const std::vector<ChannelPosition>& positions) {
    const auto subscribing = subscribing_.find(session);
    if (subscribing == subscribing_.end()) return;
    for (const ChannelPosition& position : positions) {
        const auto subscription = subscriptions_.find(core::topic_of(position.channel));
        if (subscription != subscriptions_.end() && subscription->second.active_since > *subscribing->second.loading_since) {
            repairs_.add_later(position.channel);
        }
    }
}

/// Whether storage has been read for the user, or is being read.
bool Hub::is_loaded_or_loading(const LocalUser& user) const {
    if (!user.channels.empty()) return true;
    return std::ranges::any_of(user.sessions, [&](const LocalSession& session) {
        const auto subscribing = subscribing_.find(session.handle->id);
        return subscribing == subscribing_.end() || subscribing->second.loading_since;
    });
}

/// Sessions that already use these topics may have missed what was published before the bus confirmed them.
void Hub::subscribed(std::span<const BusTopic> topics) {
    ++activations_;
    core::Loss missed;
    for (const BusTopic& topic : topics) {
        const auto subscription = subscriptions_.find(topic);
        if (subscription == subscriptions_.end()) continue;
        subscription->second.active_since = activations_;
        switch (topic.kind) {
            case BusTopic::Kind::channel: missed.channels.emplace_back(WorkspaceId{}, ChannelId{topic.id}); break;
            case BusTopic::Kind::user: missed.users.push_back(UserId{topic.id}); break;
            case BusTopic::Kind::workspace: missed.workspaces.push_back(WorkspaceId{topic.id}); break;
        }
    }
    lost(missed);
    // Sessions that waited for the confirmation have read nothing yet, and so have missed nothing.
    for (const BusTopic& topic : topics) {
        if (const auto subscription = subscriptions_.find(topic); subscription != subscriptions_.end()) {
            for (const SessionId session : std::exchange(subscription->second.awaited_by, {})) {
                Subscribing& subscribing = subscribing_.at(session);
                --subscribing.awaited;
                load_if_subscribed(subscribing);
            }
        }
    }
}

}  // namespace cariosan::realtime
