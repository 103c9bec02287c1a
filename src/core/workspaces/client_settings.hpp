#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/limits.hpp>
#include <cariosan/types.hpp>
#include <span>
#include <string>

#include "core/use_case.hpp"

namespace cariosan::core {

/// The server's part of the settings: the same for all workspaces. `attachments` may be null.
inline ClientSettings server_settings(const Limits& limits, const AttachmentStore* attachments,
                                      std::span<const std::string> types) {
    ClientSettings settings{.max_message_bytes = limits.message_bytes};
    if (attachments != nullptr) {
        settings.attachments =
            AttachmentSettings{.types = {types.begin(), types.end()}, .max_bytes = limits.attachment_bytes};
    }
    return settings;
}

inline ClientSettings server_settings(const Context& context) {
    return server_settings(context.limits, context.attachments, context.attachment_types);
}

/// The server's part, and the workspace's.
inline ClientSettings client_settings(const Workspace& workspace, ClientSettings server) {
    server.read_receipts_enabled = workspace.read_receipts_enabled;
    server.edit_window_seconds = workspace.edit_window_seconds;
    return server;
}

}  // namespace cariosan::core
