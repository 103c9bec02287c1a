#include "adapters/curl/address.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cariosan::curl {
namespace {

template <std::size_t Size>
struct Block {
    std::array<std::uint8_t, Size> start;
    unsigned bits;

    bool contains(std::span<const std::uint8_t> address) const noexcept {
        const std::size_t whole = bits / 8;
        if (!std::equal(start.begin(), start.begin() + whole, address.begin())) return false;
        const unsigned rest = bits % 8;
        if (rest == 0) return true;
        const auto mask = static_cast<std::uint8_t>(0xFF00U >> rest);
        return (start[whole] & mask) == (address[whole] & mask);
    }
};
using Block4 = Block<4>;
using Block6 = Block<16>;

constexpr std::array kNotPublic4 = {
    Block4{{0}, 8},                  // "this network"
    Block4{{10}, 8},                 // private
    Block4{{100, 64}, 10},           // shared by a carrier's customers; metadata of Alibaba Cloud
    Block4{{127}, 8},                // loopback
    Block4{{169, 254}, 16},          // link-local; metadata of most clouds
    Block4{{172, 16}, 12},           // private
    Block4{{192, 0, 0}, 24},         // protocol assignments; metadata of Oracle Cloud
    Block4{{192, 0, 2}, 24},         // documentation
    Block4{{192, 88, 99}, 24},       // 6to4 relays
    Block4{{192, 168}, 16},          // private
    Block4{{198, 18}, 15},           // benchmarking
    Block4{{198, 51, 100}, 24},      // documentation
    Block4{{203, 0, 113}, 24},       // documentation
    Block4{{168, 63, 129, 16}, 32},  // metadata of Azure, at a public address
    Block4{{224}, 4},                // multicast
    Block4{{240}, 4},                // reserved, and the broadcast address
};

/// Global unicast; whatever lies outside is loopback, mapped, translated, unique local, link-local, multicast
/// or not given out.
constexpr Block6 kGlobalUnicast{{0x20}, 3};

constexpr std::array kNotPublic6 = {
    Block6{{0x20, 0x01, 0x00}, 23},        // protocol assignments: Teredo, ORCHID, benchmarking
    Block6{{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    Block6{{0x20, 0x02}, 16},              // 6to4: an IPv4 address in it
    Block6{{0x3f, 0xff, 0x00}, 20},        // documentation
};

}  // namespace

bool is_globally_routable(std::span<const std::uint8_t> address) noexcept {
    const auto holds_it = [address](const auto& block) { return block.contains(address); };
    if (address.size() == 4) return std::ranges::none_of(kNotPublic4, holds_it);
    if (address.size() == 16)
        return kGlobalUnicast.contains(address) && std::ranges::none_of(kNotPublic6, holds_it);
    return false;
}

}  // namespace cariosan::curl
