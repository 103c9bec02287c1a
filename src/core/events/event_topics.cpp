#include "core/events/event_topics.hpp"

namespace cariosan::core {
namespace {

/// The members' nodes may not be subscribed to the channel yet.
void add_members(const std::vector<Member>& members, std::vector<BusTopic>& topics) {
    for (const Member& member : members) topics.push_back(topic_of(member.user.id));
}

}  // namespace

std::vector<BusTopic> topics_of(const Event& event) {
    if (std::holds_alternative<EventsLost>(event.body)) return {};
    if (const auto* change = std::get_if<BlockUpdated>(&event.body)) return {topic_of(change->user_id)};
    if (const auto* change = std::get_if<PreferencesChanged>(&event.body)) return {topic_of(change->user_id)};
    if (event.channel.is_nil()) return {topic_of(event.workspace)};
    std::vector<BusTopic> topics{topic_of(event.channel)};
    if (const auto* created = std::get_if<ChannelCreated>(&event.body)) {
        add_members(created->members, topics);
    } else if (const auto* changed = std::get_if<MembersEvent>(&event.body)) {
        if (changed->kind == MembersEvent::Kind::joined) add_members(changed->members, topics);
    }
    return topics;
}

}  // namespace cariosan::core
