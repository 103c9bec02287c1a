#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/coordination.hpp>
#include <deque>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "core/users/presence_lookup.hpp"
#include "engine/engine_counters.hpp"
#include "engine/threads/dispatcher.hpp"
#include "engine/writer/writer.hpp"
#include "realtime/presence.hpp"

namespace cariosan::engine {

/// Who is online: written by the hub, read by the reader threads. The lock is taken when a user comes or goes, and by
/// `GetPresence`; never on the path of an event.
///
/// A user who went offline stays here until some time after storage has the last-seen time, so that a reader in an older
/// snapshot still finds them. If the only process was killed, storage has the time of an earlier visit for those who were online;
/// other nodes record about when a killed one was last heard of, for the users they showed as online.
class PresenceBoard final : public core::PresenceLookup, public realtime::PresenceStore {
  public:
    /// `coordination` knows who is online on other nodes; null: there are no other nodes.
    PresenceBoard(Clock& clock, Writer& writer, Dispatcher& dispatcher, Counters& counters, Coordination* coordination)
        : clock_(clock), writer_(writer), dispatcher_(dispatcher), counters_(counters), coordination_(coordination) {}

    std::optional<core::PresenceState> find(UserId user) const override;
    /// Tells the hub who was found on other nodes.
    std::vector<std::optional<core::PresenceState>> find_all(WorkspaceId workspace, std::span<const UserId> users) const override;

    Timestamp now() override { return clock_.now(); }
    void show(UserId user, const core::PresenceState& state) override;
    void forget(UserId user) override;
    void record(std::vector<LastSeen> users) override;

  private:
    struct Recorded {
        std::chrono::milliseconds at;
        std::vector<LastSeen> users;
    };

    void recorded(std::vector<LastSeen> users, bool stored);
    void forget_old();

    Clock& clock_;
    Writer& writer_;
    Dispatcher& dispatcher_;
    Counters& counters_;
    Coordination* const coordination_;
    mutable std::shared_mutex mutex_;
    std::unordered_map<UserId, core::PresenceState> states_;
    std::deque<Recorded> recorded_;  // entries to forget after a while
};

}  // namespace cariosan::engine
