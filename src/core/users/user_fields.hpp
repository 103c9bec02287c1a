/// What making and changing a user have in common.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/text/fields.hpp"

namespace cariosan::core {

/// Goes on with the checks of `fields`, then those of what a command says of a user. Answers the metadata as it is stored.
template <AnyCommand C>
Result<std::optional<std::string>> check_user(const C& command, Fields fields, Context& context) {
    if (command.name) fields.name("name", *command.name, Empty::refused);
    if (command.avatar_url) fields.url("avatar_url", *command.avatar_url);
    auto shape = fields.result();
    if (!shape) return std::move(shape).error();
    if (!command.metadata) return std::optional<std::string>();
    auto metadata = check_metadata(*command.metadata, context);
    if (!metadata) return std::move(metadata).error();
    return std::optional(std::move(*metadata));
}

}  // namespace cariosan::core
