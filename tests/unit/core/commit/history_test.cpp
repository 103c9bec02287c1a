// The rules of writing, without a storage: random histories on tables in memory, compared with the model that storages are
// compared with as well.
#include "unit/core/commit/history.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace cariosan::test {

TEST_CASE("random histories are decided like the model, however they are split into batches") {
#if defined(CARIOSAN_SANITIZED)
    constexpr unsigned kHistories = 1'000;  // each takes ten times as long
#else
    constexpr unsigned kHistories = 10'000;
#endif
    constexpr std::size_t kMutations = 24;
    std::size_t mutations = 0;
    std::size_t refused = 0;
    std::size_t undone = 0;
    std::vector<bool> kinds(std::variant_size_v<Mutation::variant>);
    for (unsigned seed = 1; seed <= kHistories; ++seed) {
        CAPTURE(seed);
        History history(seed);
        history.run(kMutations);
        history.replay();
        history.mark_kinds(kinds);
        mutations += history.mutations();
        refused += history.refused();
        undone += history.undone();
    }
    MESSAGE(kHistories << " histories, " << mutations << " mutations, " << refused << " refused, " << undone << " undone");
    // Every kind must have occurred, and the histories must have both successes and refusals.
    CHECK(std::ranges::count(kinds, false) == 0);
    CHECK(refused > mutations / 10);
    CHECK(refused < mutations / 2);
}

}  // namespace cariosan::test
