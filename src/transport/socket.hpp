#pragma once

#include <unistd.h>

#include <utility>

namespace cariosan::transport {

/// Owns an open socket and closes it when destroyed.
class Socket {
  public:
    explicit Socket(int descriptor) noexcept : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket& operator=(Socket&&) = delete;
    ~Socket() { close(); }

    int descriptor() const noexcept { return descriptor_; }
    void close() noexcept {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

  private:
    int descriptor_;
};

}  // namespace cariosan::transport
