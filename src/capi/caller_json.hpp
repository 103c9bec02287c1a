#pragma once

#include <cariosan/commands.hpp>
#include <cariosan/error.hpp>
#include <string_view>

namespace cariosan::capi {

/// `{}`: the host; `{"workspace"}`: the workspace's backend; `{"workspace","user"}`: a user. `VALIDATION_ERROR` for anything else.
Result<Caller> parse_caller(std::string_view json);

/// `VALIDATION_ERROR` about the field `workspace` if it is not an id.
Result<WorkspaceId> parse_workspace(std::string_view text);

}  // namespace cariosan::capi
