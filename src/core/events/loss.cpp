#include "core/events/loss.hpp"

#include <concepts>
#include <variant>

namespace cariosan::core {
namespace {

template <class Field>
void add_field(const Field& field, WorkspaceId workspace, Loss& loss) {
    if constexpr (std::same_as<Field, ChannelId>) {
        loss.channels.emplace_back(workspace, field);
    } else if constexpr (std::same_as<Field, UserId>) {
        loss.users.push_back(field);
    } else if constexpr (std::same_as<Field, std::vector<UserId>>) {
        loss.users.insert(loss.users.end(), field.begin(), field.end());
    }
}

}  // namespace

/// A mutation may have changed everything it names; one without events names too much, which only costs a comparison. It does
/// not change the acting user.
void add_to_loss(const Mutation& mutation, Loss& loss) {
    std::visit(
        [&](const auto& each) {
            using Each = std::remove_cvref_t<decltype(each)>;
            if constexpr (std::same_as<Each, mutation::DeleteWorkspace>) {
                loss.all = true;
            } else if constexpr (requires { each.workspace; }) {
                if constexpr (std::same_as<Each, mutation::CreateChannel>) {
                    add_field(each.new_id, each.workspace, loss);
                    add_field(each.members, each.workspace, loss);
                }
                if constexpr (requires { each.channel; }) add_field(each.channel, each.workspace, loss);
                if constexpr (requires { each.user; }) add_field(each.user, each.workspace, loss);
                if constexpr (requires { each.users; }) add_field(each.users, each.workspace, loss);
            }
        },
        mutation);
}

}  // namespace cariosan::core
