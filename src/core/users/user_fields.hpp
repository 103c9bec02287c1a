/// Shared by creating and changing a user.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/propagate.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {

/// Continues the checks of `fields`, then checks the user's fields in the command. Returns the metadata in its stored form.
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
