/// What making and changing a user have in common.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

/// Goes on with the checks of `fields`, then those of what a command says of a user. Answers the metadata as it is stored.
template <AnyCommand C>
Result<std::optional<std::string>> check_user(const C& command, Fields fields, Context& context) {
    if (command.name) fields.name("name", *command.name, Empty::refused);
    if (command.avatar_url) fields.url("avatar_url", *command.avatar_url);
    CARIOSAN_TRY_DONE(fields.result());
    if (!command.metadata) return std::optional<std::string>();
    CARIOSAN_TRY(auto metadata, check_metadata(*command.metadata, context));
    return std::optional(std::move(metadata));
}

}  // namespace cariosan::core
