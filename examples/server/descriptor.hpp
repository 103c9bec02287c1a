#pragma once

#include <unistd.h>

#include <utility>

namespace cariosan::server {

/// Owns a file descriptor. -1: none.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() { reset(); }
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            reset();
            value_ = std::exchange(other.value_, -1);
        }
        return *this;
    }

    explicit operator bool() const noexcept { return value_ >= 0; }
    int get() const noexcept { return value_; }
    void reset() {
        if (value_ >= 0) ::close(value_);
        value_ = -1;
    }

  private:
    int value_ = -1;
};

}  // namespace cariosan::server
