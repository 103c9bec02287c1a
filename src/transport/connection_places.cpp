#include "transport/connection_places.hpp"

#include <cassert>
#include <string>

namespace cariosan::transport {

namespace {

/// The most connections beyond the limit that get an answer at a time.
constexpr std::size_t kMaxRefusedPerAddress = 16;

}  // namespace

ConnectionPlaces::~ConnectionPlaces() { assert(open_ == 0); }

std::optional<ConnectionPlaces::Taken> ConnectionPlaces::take(const encoding::IpAddress& address) {
    const bool counted = !limits_.exempt.contains(address);
    const std::lock_guard lock(mutex_);
    if (open_ >= limits_.all + limits_.refused) return std::nullopt;
    const auto found = clients_.try_emplace(encoding::client_network(address), Client{this, 0}).first;
    const std::size_t open = found->second.open;
    if (counted && open >= limits_.per_address + kMaxRefusedPerAddress) return std::nullopt;
    Taken taken;
    if (open_ >= limits_.all) {
        taken.refusal = Error(ErrorCode::unavailable, "the server has no room for another connection: at most " + std::to_string(limits_.all))
                            .with("limit", static_cast<std::int64_t>(limits_.all));
    } else if (counted && open >= limits_.per_address) {
        taken.refusal = Error(ErrorCode::rate_limited, "too many connections from this address: at most " + std::to_string(limits_.per_address))
                            .with("limit", static_cast<std::int64_t>(limits_.per_address));
    }
    ++open_;
    ++found->second.open;
    taken.place = Place(*found);
    return taken;
}

bool ConnectionPlaces::full() const {
    const std::lock_guard lock(mutex_);
    return open_ >= limits_.all;
}

void ConnectionPlaces::Place::release() noexcept {
    Clients::value_type* const client = std::exchange(client_, nullptr);
    if (client == nullptr) return;
    ConnectionPlaces& owner = *client->second.owner;
    const std::lock_guard lock(owner.mutex_);
    --owner.open_;
    if (--client->second.open == 0) owner.clients_.erase(client->first);
}

}  // namespace cariosan::transport
