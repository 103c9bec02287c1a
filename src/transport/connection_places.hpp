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

/// How many connections there may be, of all and of each client address. Thread-safe; outlives its places.
class ConnectionPlaces {
  public:
    struct Limits {
        std::size_t all = 0;
        std::size_t per_address = 0;
        encoding::IpRanges exempt{};  ///< addresses that only the first limit is for
        std::size_t refused = 256;    ///< beyond `all`, how many at a time get an answer
    };

    explicit ConnectionPlaces(Limits limits) : limits_(std::move(limits)) {}
    ~ConnectionPlaces();
    ConnectionPlaces(const ConnectionPlaces&) = delete;
    ConnectionPlaces& operator=(const ConnectionPlaces&) = delete;

  private:
    /// The connections of one client.
    struct Client {
        ConnectionPlaces* owner = nullptr;
        std::size_t open = 0;
    };
    using Clients = std::map<encoding::IpAddress, Client>;

  public:
    /// One connection's place; given back when this goes.
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
    /// Nothing: too many are being refused already; this one is closed without an answer.
    std::optional<Taken> take(const encoding::IpAddress& address);
    /// The next one would be refused.
    bool full() const;
    /// How many there may be.
    std::size_t all() const noexcept { return limits_.all; }

  private:
    const Limits limits_;
    mutable std::mutex mutex_;
    std::size_t open_ = 0;
    Clients clients_;
};

}  // namespace cariosan::transport
