#include "engine/writer/route.hpp"

#include <concepts>
#include <functional>
#include <optional>
#include <variant>

namespace cariosan::engine {
namespace {

template <class Id>
std::size_t number_of(const Id& id) {
    return std::hash<Id>{}(id);
}

template <class Each>
std::size_t route_of_kind(const Each& each) {
    if constexpr (requires { { each.channel } -> std::convertible_to<std::optional<ChannelId>>; }) {
        if (const std::optional<ChannelId> channel = each.channel) return number_of(*channel);
    }
    if constexpr (requires { { each.user } -> std::convertible_to<UserId>; }) {
        return number_of<UserId>(each.user);
    } else if constexpr (requires { { each.workspace } -> std::convertible_to<WorkspaceId>; }) {
        return number_of(each.workspace);
    } else {
        return 0;
    }
}

std::size_t route_of_kind(const mutation::CreateChannel& create) { return number_of(create.new_id); }

std::size_t route_of_kind(const mutation::RecordModeration& record) {
    return std::visit([](const auto& refused) { return number_of(refused.channel); }, record.refused);
}

}  // namespace

std::size_t route_of(const Mutation& mutation) {
    return std::visit([](const auto& each) { return route_of_kind(each); }, mutation);
}

}  // namespace cariosan::engine
