#include "realtime/lanes/place_map.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace cariosan::realtime;

namespace {

void check_same(PlaceMap& map, const std::map<std::uint32_t, std::uint32_t>& model) {
    CHECK(map.size() == model.size());
    std::map<std::uint32_t, std::uint32_t> visited;
    map.for_each([&](std::uint32_t slot, std::uint32_t place) { visited.emplace(slot, place); });
    CHECK(visited == model);
    for (const auto& [slot, place] : model) {
        const std::uint32_t* found = map.find(slot);
        REQUIRE(found != nullptr);
        CHECK(*found == place);
    }
}

}  // namespace

TEST_CASE("a place map behaves like a plain map through insertions and removals") {
    std::mt19937 random(7);  // NOLINT: the same every time
    for (const std::uint32_t slots : {1U, 3U, 20U, 400U}) {
        PlaceMap map;
        std::map<std::uint32_t, std::uint32_t> model;
        if (slots == 20) map.reserve(20);
        for (std::uint32_t step = 0; step < 20 * slots; ++step) {
            // It fills up, empties, and fills up again.
            const bool filling = step / (3 * slots) % 2 == 0;
            const std::uint32_t slot = static_cast<std::uint32_t>(random()) % slots * 7;
            const bool known = model.contains(slot);
            CHECK(map.contains(slot) == known);
            if (!known && (filling || random() % 4 == 0)) {
                map.insert(slot, step);
                model.emplace(slot, step);
            } else if (known && (!filling || random() % 4 == 0)) {
                map.erase(slot);
                model.erase(slot);
            } else if (known) {
                *map.find(slot) = step;
                model[slot] = step;
            }
            if (step % 16 == 0) check_same(map, model);
        }
        check_same(map, model);
        map.clear();
        check_same(map, {});
    }
}
