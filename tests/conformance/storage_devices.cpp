// Devices: whom a token belongs to, how many a user has, and when they are removed.
#include <random>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

std::vector<std::string> tokens_of(World& world, UserId user) {
    return world.read([&](Reader& r) {
        std::vector<std::string> tokens;
        RecordPosition after;
        while (true) {
            const auto page = must(r.user_data().devices(world.workspace, user, after, 2));
            for (const Device& device : page.records) tokens.push_back(device.token);
            if (!page.next) return tokens;
            after = *page.next;
        }
    });
}

}  // namespace

STORAGE_TEST("a registered device belongs to the user until it is removed") {
    World world(kind.make());
    const UserId user = world.add_user("a");
    auto request = world.registering(user, "one");
    const Committed made = world.run(request);
    CHECK(made.created);
    CHECK(made.changed);
    CHECK(made.rev == 0);
    CHECK(object<Device>(made).token == "one");
    CHECK(object<Device>(made).platform == DevicePlatform::android);
    CHECK(object<Device>(made).created_at == request.at);
    world.run(world.registering(user, "two"));
    world.run(world.registering(user, "three"));
    world.reopen();
    CHECK(tokens_of(world, user) == std::vector<std::string>{"one", "two", "three"});

    CHECK(world.run(world.unregistering(user, "two")).changed);
    CHECK_FALSE(world.run(world.unregistering(user, "two")).changed);
    CHECK(tokens_of(world, user) == std::vector<std::string>{"one", "three"});
}

STORAGE_TEST("a token is as long as a browser's may be, and another one may begin in the same way") {
    World world(kind.make());
    const UserId user = world.add_user("a");
    // No storage can make it shorter.
    std::string token(4096, ' ');
    std::mt19937 random(1);
    for (char& letter : token) letter = static_cast<char>('!' + random() % 94);
    std::string other = token;
    other.back() = other.back() == 'a' ? 'b' : 'a';
    CHECK(world.run(world.registering(user, token)).created);
    CHECK(world.run(world.registering(user, other)).created);
    CHECK_FALSE(world.run(world.registering(user, token)).created);
    CHECK(tokens_of(world, user) == std::vector<std::string>{token, other});
    CHECK(world.run(world.unregistering(user, token)).changed);
    CHECK(tokens_of(world, user) == std::vector<std::string>{other});
}

STORAGE_TEST("registering a device again keeps its creation time and takes the new platform") {
    World world(kind.make());
    const UserId user = world.add_user("a");
    auto request = world.registering(user, "one");
    request.max_devices = 1;
    world.run(request);
    auto again = request;
    again.at = world.tick();
    CHECK_FALSE(world.run(again).changed);
    again.platform = DevicePlatform::web;
    const Committed done = world.run(again);
    CHECK_FALSE(done.created);
    CHECK(done.changed);
    CHECK(object<Device>(done).created_at == request.at);
    CHECK(object<Device>(done).platform == DevicePlatform::web);
    CHECK(tokens_of(world, user) == std::vector<std::string>{"one"});
}

STORAGE_TEST("a token moves to the user who registered it last, within its workspace") {
    World world(kind.make());
    const auto users = world.add_users(2);
    world.run(world.registering(users[0], "phone"));
    const WorkspaceId elsewhere = world.add_workspace();
    auto other = world.registering(world.add_user("x", elsewhere), "phone");
    other.workspace = elsewhere;
    CHECK(world.run(other).created);
    CHECK(tokens_of(world, users[0]) == std::vector<std::string>{"phone"});

    CHECK(world.run(world.registering(users[1], "phone")).created);
    CHECK(tokens_of(world, users[0]).empty());
    CHECK(tokens_of(world, users[1]) == std::vector<std::string>{"phone"});
    CHECK_FALSE(world.run(world.unregistering(users[0], "phone")).changed);
    CHECK(tokens_of(world, users[1]) == std::vector<std::string>{"phone"});
}

STORAGE_TEST("beyond the limit, the device unused for longest is removed") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const auto use = [&](UserId user, const std::string& token, std::int64_t most) {
        auto request = world.registering(user, token);
        request.max_devices = most;
        return world.run(request);
    };
    world.run(world.registering(users[1], "other"));
    for (const char* token : {"one", "two", "three"}) CHECK(use(users[0], token, 3).created);
    // Registering again counts as use: nothing is removed, and the next device replaces "two".
    CHECK_FALSE(use(users[0], "one", 3).created);
    CHECK(tokens_of(world, users[0]) == std::vector<std::string>{"one", "two", "three"});
    CHECK(use(users[0], "four", 3).created);
    CHECK(tokens_of(world, users[0]) == std::vector<std::string>{"one", "three", "four"});
    world.reopen();
    CHECK(use(users[0], "five", 3).created);
    CHECK(tokens_of(world, users[0]) == std::vector<std::string>{"one", "four", "five"});
    // A device that moves from another user makes room too, and that user loses nothing else.
    world.run(world.registering(users[1], "kept"));
    CHECK(use(users[0], "other", 3).created);
    CHECK(tokens_of(world, users[0]) == std::vector<std::string>{"four", "five", "other"});
    CHECK(tokens_of(world, users[1]) == std::vector<std::string>{"kept"});
    // After the limit was lowered.
    CHECK(use(users[0], "six", 2).created);
    CHECK(tokens_of(world, users[0]) == std::vector<std::string>{"other", "six"});
}

STORAGE_TEST("a device cannot be registered for a user who does not exist") {
    World world(kind.make());
    const UserId user = world.add_user("a");
    auto request = world.registering(user, "one");
    request.workspace = world.add_workspace();
    CHECK(code_of(world.attempt(request)) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.registering(world.next_id<UserId>(), "one"))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(world.unregistering(world.next_id<UserId>(), "one"))) == ErrorCode::not_found);
}

STORAGE_TEST("a deleted user's devices are deleted too") {
    World world(kind.make());
    const UserId user = world.add_user("a");
    world.run(world.registering(user, "one"));
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = user, .at = world.tick()});
    while (world.run(mutation::FinishDeletion{world.workspace, user}).changed) {
    }
    CHECK(tokens_of(world, user).empty());
}

}  // namespace cariosan::test
