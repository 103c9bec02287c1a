// A user inside another object: its copy has the time of the user's last change, so that the newer of two copies is known.
#include <string>
#include <vector>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

struct ShownWorld {
    explicit ShownWorld(std::unique_ptr<StorageKind> kind)
        : world(std::move(kind)), alice(world.add_user("alice")), bob(world.add_user("bob")),
          group(world.add_group({alice, bob})), quiet(world.add_group({alice, bob})), direct(world.add_direct(alice, bob)) {
        world.send(direct, alice);
        const Message first = world.send(group, alice);
        message = first.id;
        world.run(world.reacting(first, alice, "\U0001F44D"));
        world.run(world.blocking(bob, alice));
        world.run(world.silencing(alice, quiet));
    }

    Committed rename(std::string name, Timestamp at) {
        return world.run(mutation::UpdateUser{.workspace = world.workspace, .user = alice, .name = std::move(name), .at = at});
    }
    Timestamp updated_at() {
        return world.read([&](Reader& r) { return must_find(r.users().find(world.workspace, alice)); }).updated_at;
    }
    /// Alice wherever others get to see her.
    std::vector<UserSummary> shown() {
        std::vector<UserSummary> found;
        for (const Message& each : world.messages(group)) found.push_back(each.user);
        for (const Member& each : world.members(group)) {
            if (each.user.id == alice) found.push_back(each.user);
        }
        found.push_back(world.mine(direct, bob).members.at(0).user);
        found.push_back(world.mine(direct, alice).last_message->user);
        for (const Message& each : world.changes(group, alice, {}).messages) found.push_back(each.user);
        world.read([&](Reader& r) {
            found.push_back(*must(r.messages().reactions(group, message, {}, 10, alice)).records.at(0).user);
            found.push_back(must(r.blocks().list(world.workspace, bob, std::nullopt, 10)).at(0).user);
            found.push_back(must(r.silences().list(world.workspace, std::nullopt, 10, Timestamp{1})).silences.at(0).user);
            return 0;
        });
        found.push_back(world.send(group, alice).user);
        return found;
    }

    World world;
    UserId alice;
    UserId bob;
    ChannelId group;
    ChannelId quiet;  ///< where alice is silenced
    ChannelId direct;
    MessageId message;
};

}  // namespace

STORAGE_TEST("wherever a user is shown, the copy has the time of the user's last change") {
    ShownWorld shop(kind.make());
    const auto is_shown = [&](const std::string& name, Timestamp at) {
        CHECK(shop.updated_at() == at);
        const auto copies = shop.shown();
        CHECK(copies.size() >= 9);
        for (std::size_t i = 0; i < copies.size(); ++i) {
            CAPTURE(i);
            CHECK(copies[i].id == shop.alice);
            CHECK(copies[i].name == name);
            CHECK(copies[i].updated_at == at);
        }
    };
    const Timestamp made = shop.updated_at();
    is_shown("Name of alice", made);
    const Timestamp renamed = shop.world.tick();
    shop.rename("Alicia", renamed);
    is_shown("Alicia", renamed);
    shop.world.reopen();
    is_shown("Alicia", renamed);
    // Nothing is shown differently: the same again, and what concerns the user but is not shown of it.
    CHECK_FALSE(shop.rename("Alicia", shop.world.tick()).changed);
    shop.world.run(mutation::RecordLastSeen{.users = {{.user = shop.alice, .at = shop.world.tick()}}});
    shop.world.run(shop.world.unsilencing(shop.alice, shop.quiet));
    shop.world.run(shop.world.silencing(shop.alice, shop.quiet));
    is_shown("Alicia", renamed);
}

STORAGE_TEST("each change of a user is later than the one before, whatever the clock says") {
    ShownWorld shop(kind.make());
    const Timestamp at = shop.world.tick();
    shop.rename("one", at);
    CHECK(object<CommittedUser>(shop.rename("two", at)).user.updated_at.milliseconds == at.milliseconds + 1);
    CHECK(object<CommittedUser>(shop.rename("three", {at.milliseconds - 3'600'000})).user.updated_at.milliseconds == at.milliseconds + 2);
    CHECK(shop.updated_at().milliseconds == at.milliseconds + 2);
    // Also where a change and a send are committed together.
    mutation::UpdateUser rename{.workspace = shop.world.workspace, .user = shop.alice, .name = "four", .at = at};
    const auto answers = shop.world.commit({shop.world.message(shop.group, shop.alice), rename, shop.world.message(shop.group, shop.alice)});
    CHECK(object<Message>(must(answers.at(0))).user.updated_at.milliseconds == at.milliseconds + 2);
    CHECK(object<Message>(must(answers.at(2))).user.updated_at.milliseconds == at.milliseconds + 3);
    CHECK(object<Message>(must(answers.at(2))).user.name == "four");
}

}  // namespace cariosan::test
