#pragma once

#include <cariosan/types.hpp>
#include <optional>
#include <span>
#include <vector>

namespace cariosan::core {

/// What is known about a user's connections beyond storage.
struct PresenceState {
    bool online = false;
    Timestamp last_seen{};  ///< when the last connection ended, if the user is offline
};

/// Who is online now, for the use cases; implemented by the engine from the hub's state. Any thread.
class PresenceLookup {
  public:
    virtual ~PresenceLookup() = default;
    /// Absent if the user is offline, last seen at the stored time.
    virtual std::optional<PresenceState> find(UserId user) const = 0;
    /// Like `find`, but for several users of a workspace, in their order; may ask other nodes, once for all.
    virtual std::vector<std::optional<PresenceState>> find_all(WorkspaceId /*workspace*/, std::span<const UserId> users) const {
        std::vector<std::optional<PresenceState>> found;
        for (const UserId user : users) found.push_back(find(user));
        return found;
    }
};

}  // namespace cariosan::core
