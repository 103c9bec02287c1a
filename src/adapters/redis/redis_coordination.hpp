#pragma once

#include <cariosan/clock.hpp>
#include <cariosan/coordination.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/redis/redis_requests.hpp"
#include "adapters/redis/redis_scripts.hpp"

namespace cariosan::redis {

/// The counts of all nodes in one Redis, as scripts. Bound: see `Requests`, and the users who are here or were a moment ago.
class RedisCoordination final : public Coordination {
  public:
    /// `clock`: for tests; if absent, the time of Redis decides when leases end. `patience`: how long a call may wait.
    RedisCoordination(LinkSettings settings, std::string prefix, std::uint64_t node, std::shared_ptr<Clock> clock,
                      std::chrono::milliseconds patience);

    bool connect(const NodeConnection& connection, const ConnectionLimit& limit) override;
    void disconnect(std::span<const NodeConnection> connections) override;
    std::vector<std::uint64_t> renew(std::span<const NodeConnection> connections) override;
    std::vector<bool> absent(std::span<const UserId> users) override;
    std::vector<Present> present(std::span<const UserId> users) override;
    std::vector<std::chrono::nanoseconds> take(std::span<const TokensTaken> taken) override;
    std::vector<std::vector<Marked>> mark(std::span<const Mark> marks) override;
    void leave() override;
    bool is_away() const override { return requests_.is_away(); }

  private:
    /// What all calls of `script` begin with: the time, then these arguments.
    ScriptCall begin(Script script, std::vector<std::string> arguments) const;
    /// Spreads items over as many calls as keep each short for Redis, and runs them. The answers to the items of a call are the
    /// elements of its reply; `answered` gets each with the item's place.
    template <class Item>
    void for_each(std::span<const Item> items, const ScriptCall& first, const std::function<void(ScriptCall&, const Item&)>& add,
                  const std::function<void(std::size_t, const redisReply&)>& answered);
    std::vector<Present> ask_presence(std::span<const UserId> users, const ScriptCall& first);
    std::string key(char kind, const std::string& rest) const { return prefix_ + ":" + kind + ":" + rest; }
    std::string user_key(UserId user) const { return key('u', user.to_string()); }

    const std::string prefix_;
    const std::string node_;
    const std::string gave_way_;  ///< key of the places of this node that were given away
    const std::shared_ptr<Clock> clock_;
    const std::vector<std::string> scripts_ = script_texts();

    std::mutex mutex_;
    /// Users who have places or a presence mark of this node, with how many places: what `leave` gives back.
    std::unordered_map<UserId, std::size_t> here_;

    Requests requests_;
};

}  // namespace cariosan::redis
