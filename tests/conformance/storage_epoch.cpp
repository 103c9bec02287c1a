// The epoch.
#include "conformance/world.hpp"

namespace cariosan::test {

STORAGE_TEST("an epoch stays until it is rotated") {
    World world(kind.make());
    const std::string first = world.storage().epoch();
    CHECK_FALSE(first.empty());
    const auto users = world.add_users(1);
    world.add_group(users);
    CHECK(world.storage().epoch() == first);
    if (world.kind().persistent()) {
        world.reopen();
        CHECK(world.storage().epoch() == first);
    }
    const std::string second = must(world.storage().rotate_epoch());
    CHECK(second != first);
    CHECK(world.storage().epoch() == second);
    world.reopen();
    if (world.kind().persistent()) CHECK(world.storage().epoch() == second);
    World other(kind.make());
    CHECK(other.storage().epoch() != first);
}

}  // namespace cariosan::test
