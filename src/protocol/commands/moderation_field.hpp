/// Moderation settings as JSON, in the body of PATCH /v1/workspace and in its answer.
#pragma once

#include <cariosan/moderation.hpp>
#include <string>

#include "protocol/commands/field.hpp"

namespace cariosan::protocol {

/// `moderation` of `UpdateWorkspace`: a merge patch (RFC 7396), in which null means the default.
Field moderation_field();

void append_moderation(std::string& out, const ModerationSettings& settings);

}  // namespace cariosan::protocol
