/// A Unix domain socket that carries lines of JSON. README.md describes those of the admin socket.
#pragma once

#include <cariosan/error.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "descriptor.hpp"

namespace cariosan::server {

/// One end of a connection. Used by one thread, except `shut_down`, which any thread may call.
class LineSocket {
  public:
    LineSocket() = default;
    explicit LineSocket(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    /// Absent at the end of the stream, on an error, or if the line has more than `max_bytes`.
    std::optional<std::string> read_line(std::size_t max_bytes);
    /// False if the peer is gone.
    bool write_line(std::string_view line);
    /// Whether the peer has closed its end.
    bool peer_is_gone() const;
    /// The user id of the peer's process.
    std::optional<unsigned> peer_user() const;
    /// Sets how long a read may wait; 0: no limit.
    void set_read_timeout(int seconds);
    /// Ends reads and writes on both sides.
    void shut_down();

    explicit operator bool() const noexcept { return static_cast<bool>(descriptor_); }

  private:
    Descriptor descriptor_;
    std::string buffer_;
};

/// Listens at this path, mode 0600. Replaces an existing socket: the caller must own the path.
Result<Descriptor> listen_at(const std::string& path);

/// Connects to this path. Absent if nobody listens there.
LineSocket connect_to(const std::string& path);

}  // namespace cariosan::server
