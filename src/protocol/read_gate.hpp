#pragma once

#include <cariosan/types.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <unordered_map>

namespace cariosan::protocol {

/// Lets so many of a lane's reads be under way at once; the others wait. For what thousands of clients ask in the same
/// moment, as when a server has come back: without it they would fill the engine's queue, so that everyone else's commands
/// would be refused, and what was read for them would fill the memory until the lane's thread has sent it.
///
/// Those who wait take turns, one read each, whoever came first; of one of them only so many reads are under way. So
/// whoever asks for much waits for itself, and another one waits for no more than `most_of_one` of its reads, and one of
/// each other's. How many reads wait is bounded by the connections: one request of each, and one read of its `sync`.
///
/// On the lane's thread.
class ReadGate {
  public:
    /// Who reads: a user, or the workspace of a backend.
    using Identity = Uuid;

    ReadGate(std::size_t most, std::size_t most_of_one) : most_(most), most_of_one_(most_of_one) {}

    /// Calls `start` now or later. It answers false if there is nothing to read any more; else `end` is called once, with the
    /// same identity, when it has been read.
    void begin(const Identity& identity, std::function<bool()> start);
    void end(const Identity& identity);
    /// How many wait.
    std::size_t waiting() const noexcept { return waiting_; }
    /// Of how many anything is known: nothing is kept of those who neither wait nor read.
    std::size_t identities() const noexcept { return queues_.size(); }

  private:
    struct Queue {
        std::deque<std::function<bool()>> waiting;
        std::size_t under_way = 0;
        bool in_turn = false;
    };

    void go_on();
    void leave(const Identity& identity);
    void take_turn(const Identity& identity);

    const std::size_t most_;
    const std::size_t most_of_one_;
    std::size_t under_way_ = 0;
    std::size_t waiting_ = 0;
    bool going_on_ = false;  ///< reads are being started, some of which may end at once
    std::unordered_map<Identity, Queue> queues_;
    std::deque<Identity> turns_;  ///< whose next read may begin, each once
};

}  // namespace cariosan::protocol
