#pragma once

#include <cariosan/types.hpp>
#include <optional>

namespace cariosan::core {

/// What is known of a user's connections besides storage.
struct PresenceState {
    bool online = false;
    Timestamp last_seen{};  ///< when its last connection ended, if it is not online
};

/// Who is online now, for the use cases; implemented by the engine, from what its hub knows. Any thread.
class PresenceLookup {
  public:
    virtual ~PresenceLookup() = default;
    /// Nothing: offline, and last seen when storage says.
    virtual std::optional<PresenceState> find(UserId user) const = 0;
};

}  // namespace cariosan::core
