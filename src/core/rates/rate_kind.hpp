#pragma once

#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>

namespace cariosan::core {

/// What is counted; each kind has a bucket of its own. The numbers go to other nodes.
enum class RateKind : std::uint8_t { send, write, read, search };
inline constexpr std::size_t kRateKinds = 4;

/// The owner of a bucket.
struct RateKey {
    WorkspaceId workspace;
    UserId user;
    bool operator==(const RateKey&) const = default;
};

struct RateKeyHash {
    std::size_t operator()(const RateKey& key) const noexcept {
        return std::hash<WorkspaceId>{}(key.workspace) * 31 + std::hash<UserId>{}(key.user);
    }
};

}  // namespace cariosan::core
