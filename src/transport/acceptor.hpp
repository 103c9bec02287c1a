#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <system_error>

#include "transport/io_thread.hpp"

namespace cariosan::transport {

/// Listens, and hands connections to the I/O threads in turn. There is one socket for all threads rather than one each, so that a
/// second server on the same port is refused, and every thread gets exactly its share.
///
/// Lives on the first I/O thread; call `listen` and `start` before that thread runs.
class Acceptor {
  public:
    Acceptor(ServerState& state, std::span<const std::unique_ptr<IoThread>> threads);

    std::error_code listen(const asio::ip::tcp::endpoint& endpoint);
    std::uint16_t port() const noexcept { return port_; }
    void start() { wait(); }
    /// From any thread.
    void stop();

  private:
    enum class Outcome : std::uint8_t { accepted, none, exhausted };

    void wait();
    void accept_ready();
    Outcome accept_one();
    void back_off();
    bool make_room();
    void try_again_after(std::chrono::milliseconds pause);
    void hand_over(int descriptor, std::string remote_address);

    ServerState& state_;
    std::span<const std::unique_ptr<IoThread>> threads_;
    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    std::size_t next_ = 0;
    std::uint16_t port_ = 0;
    bool starved_ = false;  ///< the last attempt failed for lack of descriptors or memory
};

}  // namespace cariosan::transport
