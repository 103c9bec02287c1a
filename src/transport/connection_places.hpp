#pragma once

#include <cariosan/error.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "encoding/ip_address.hpp"

namespace cariosan::transport {

/// Limits the connections, in total and per client address. Thread-safe; must outlive its places.
class ConnectionPlaces {
  public:
    struct Limits {
        std::size_t all = 0;
        std::size_t per_address = 0;
        encoding::IpRanges exempt{};  ///< addresses that only the limit `all` applies to
        std::size_t refused = 256;    ///< the most connections beyond `all` that get an answer at a time
    };

    explicit ConnectionPlaces(Limits limits) : limits_(std::move(limits)) {}
    ~ConnectionPlaces();
    ConnectionPlaces(const ConnectionPlaces&) = delete;
    ConnectionPlaces& operator=(const ConnectionPlaces&) = delete;

  private:
    /// The connections of one client address.
    struct Client {
        ConnectionPlaces* owner = nullptr;
        std::size_t open = 0;
    };
    using Clients = std::map<encoding::IpAddress, Client>;

  public:
    /// One connection's place; given back on destruction.
    class Place {
      public:
        Place() = default;
        Place(Place&& other) noexcept : client_(std::exchange(other.client_, nullptr)) {}
        Place& operator=(Place&& other) noexcept {
            std::swap(client_, other.client_);
            return *this;
        }
        ~Place() { release(); }
        void release() noexcept;

      private:
        friend class ConnectionPlaces;
        explicit Place(Clients::value_type& client) noexcept : client_(&client) {}
        Clients::value_type* client_ = nullptr;
    };

    struct Taken {
        Place place;
        std::optional<Error> refusal;  ///< to send before the connection is closed
    };
    /// Absent if too many are being refused already: close this one without an answer.
    std::optional<Taken> take(const encoding::IpAddress& address);
    /// Whether the next connection would be refused.
    bool full() const;
    /// The limit for all connections together.
    std::size_t all() const noexcept { return limits_.all; }

  private:
    const Limits limits_;
    mutable std::mutex mutex_;
    std::size_t open_ = 0;
    Clients clients_;
};

}  // namespace cariosan::transport
