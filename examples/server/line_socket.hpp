/// A Unix domain socket that carries lines of JSON. See README.md for the lines of the admin socket.
#pragma once

#include <cariosan/error.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "descriptor.hpp"

namespace cariosan::server {

/// One end of a connection. Used by one thread; `shut_down` from any.
class LineSocket {
  public:
    LineSocket() = default;
    explicit LineSocket(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    /// Nothing at the end, on an error, or for a line of more than `max_bytes`.
    std::optional<std::string> read_line(std::size_t max_bytes);
    /// False if the other side is gone.
    bool write_line(std::string_view line);
    /// The other side has closed its end.
    bool peer_is_gone() const;
    /// The user id of the process at the other end.
    std::optional<unsigned> peer_user() const;
    /// How long a read may wait; 0: without end.
    void set_read_timeout(int seconds);
    /// Ends the reads and writes of both sides.
    void shut_down();

    explicit operator bool() const noexcept { return static_cast<bool>(descriptor_); }

  private:
    Descriptor descriptor_;
    std::string buffer_;
};

/// Listens at this path, mode 0600. A socket that is there is replaced: the caller owns the place.
Result<Descriptor> listen_at(const std::string& path);

/// Connects to this path; nothing if nobody listens there.
LineSocket connect_to(const std::string& path);

}  // namespace cariosan::server
