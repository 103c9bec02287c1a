// What changed since a revision: pages, their bounds, receipts.
#include <set>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// Reads all pages and checks what is true of each: order, bounds, and that no revision is split.
std::vector<ChangePage> all_pages(World& world, ChannelId channel, UserId viewer, ChangeRange range) {
    std::vector<ChangePage> pages;
    const Channel present = world.channel(channel);
    const std::int64_t receipts_since = range.receipts_since;
    for (;;) {
        ChangePage page = world.changes(channel, viewer, range);
        REQUIRE(pages.size() < 10'000);
        std::int64_t last = range.since;
        for (const Message& message : page.messages) {
            CHECK(message.rev > range.since);
            CHECK(message.rev >= last);
            CHECK(message.rev <= page.rev);
            last = message.rev;
        }
        last = range.since;
        for (const Member& member : page.members) {
            CHECK(member.rev > range.since);
            CHECK(member.rev >= last);
            CHECK(member.rev <= page.rev);
            last = member.rev;
        }
        if (page.has_more) {
            CHECK(page.rev > range.since);
            CHECK(page.receipt_rev == receipts_since);
            CHECK(page.receipts.empty());
        } else {
            CHECK(page.rev == present.rev);
            CHECK(page.receipt_rev == present.receipt_rev);
        }
        range.since = page.rev;
        range.receipts_since = page.receipt_rev;
        pages.push_back(std::move(page));
        if (!pages.back().has_more) return pages;
    }
}

}  // namespace

STORAGE_TEST("changes list every object once, at its last change") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group({users[0], users[1]});
    world.send(group, users[0]);
    world.run(world.adding(group, {users[2], users[3]}));
    world.send(group, users[1]);
    world.run(world.removing(group, users[2]));
    world.run(world.role(group, users[1], Role::admin));
    CHECK(world.channel(group).rev == 6);
    const ChangePage page = world.changes(group, users[0], {});
    CHECK(page.rev == 6);
    CHECK_FALSE(page.has_more);
    REQUIRE(page.messages.size() == 2);
    CHECK(page.messages[0].rev == 2);
    CHECK(page.messages[1].rev == 4);
    REQUIRE(page.members.size() == 4);
    CHECK(page.members[0].rev == 1);
    CHECK(page.members[1].rev == 3);
    CHECK(page.members[1].user.id == users[3]);
    CHECK(page.members[2].left);
    CHECK(page.members[2].rev == 5);
    CHECK(page.members[3].rev == 6);
    CHECK(page.members[3].role == Role::admin);
    CHECK(page.changed == 6);
    const ChangePage first = world.changes(group, users[0], {.max_items = 2});
    CHECK(first.has_more);
    CHECK(first.changed == std::ssize(first.messages) + std::ssize(first.members));
    world.run(world.blocking(users[1], users[0]));
    CHECK(world.changes(group, users[1], {}).messages.size() == 1);
    CHECK(world.changes(group, users[1], {}).changed == 6);
    const ChangePage rest = world.changes(group, users[0], {.since = 4});
    CHECK(rest.changed == 2);
    CHECK(rest.messages.empty());
    CHECK(rest.members.size() == 2);
    const ChangePage none = world.changes(group, users[0], {.since = 6});
    CHECK(none.rev == 6);
    CHECK(none.messages.empty());
    CHECK(none.members.empty());
    CHECK(none.changed == 0);
    CHECK_FALSE(none.has_more);
    const auto count = [&](std::int64_t since, std::int64_t limit) {
        return world.read([&](Reader& r) { return must(r.changes().count(group, since, limit)); });
    };
    CHECK(count(0, 100) == 6);
    CHECK(count(4, 100) == 2);
    CHECK(count(6, 100) == 0);
    CHECK(count(0, 3) == 3);
    CHECK(count(0, 5) == 5);
}

STORAGE_TEST("a page never splits a revision") {
    World world(kind.make());
    const auto users = world.add_users(120);
    const ChannelId group = world.add_group({users[0], users[1], users[2]});
    world.run(world.adding(group, {users.begin() + 3, users.begin() + 80}));
    for (int i = 0; i < 5; ++i) world.send(group, users[0]);
    world.run(world.adding(group, {users.begin() + 80, users.end()}));
    for (const std::int64_t items : {1, 2, 5, 50, 1000}) {
        std::set<UserId> members;
        std::size_t messages = 0;
        for (const ChangePage& page : all_pages(world, group, users[0], {.max_items = items})) {
            for (const Member& member : page.members) CHECK(members.insert(member.user.id).second);
            messages += page.messages.size();
            // Everything with the same revision came with it.
            if (!page.members.empty() && page.members.back().rev == 2) CHECK(page.members.size() >= 77);
        }
        CHECK(members.size() == 120);
        CHECK(messages == 5);
    }
    const auto singles = all_pages(world, group, users[0], {.since = 2, .max_items = 2});
    REQUIRE(singles.size() == 3);
    CHECK(singles[0].messages.size() == 2);
    CHECK(singles[2].messages.size() == 1);
    CHECK(singles[2].members.size() == 40);
}

STORAGE_TEST("a page is bounded by bytes") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    for (int i = 0; i < 10; ++i) world.send(group, users[0], std::string(1000, 'x'));
    const auto pages = all_pages(world, group, users[0], {.since = 1, .max_bytes = 2500});
    CHECK(pages.size() == 4);
    std::size_t messages = 0;
    for (const ChangePage& page : pages) messages += page.messages.size();
    CHECK(messages == 10);
    // A single message larger than the bound is returned alone.
    world.send(group, users[0], std::string(5000, 'x'));
    CHECK(all_pages(world, group, users[0], {.since = 9, .max_bytes = 1}).size() == 3);
    CHECK(all_pages(world, group, users[0], {.since = 9}).size() == 1);
}

STORAGE_TEST("a full page at the end has no more") {
    World world(kind.make());
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    for (int i = 0; i < 4; ++i) world.send(group, users[0]);
    const ChangePage page = world.changes(group, users[0], {.since = 1, .max_items = 4});
    CHECK(page.messages.size() == 4);
    CHECK_FALSE(page.has_more);
    // The last revision may belong to no object: a change of settings.
    world.run(mutation::UpdateChannel{
        .workspace = world.workspace, .channel = group, .name = "X", .at = world.tick()});
    const ChangePage after = world.changes(group, users[0], {.since = 1, .max_items = 4});
    CHECK(after.messages.size() == 4);
    CHECK_FALSE(after.has_more);
    CHECK(after.rev == 6);
}

STORAGE_TEST("receipts follow the last object, in the order in which they moved") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group(users);
    for (int i = 0; i < 6; ++i) world.send(group, users[0]);
    world.run(world.delivering(group, users[2], 2));
    const auto move = world.reading(group, users[1], 4);
    world.run(move);
    world.run(world.reading(group, users[3]));
    world.run(world.removing(group, users[3]));
    const auto pages = all_pages(world, group, users[0], {.max_items = 2});
    REQUIRE(pages.size() > 1);
    REQUIRE(pages.back().receipts.size() == 2);  // former members have none
    CHECK(pages.back().receipts[0].user_id == users[2]);
    CHECK(pages.back().receipts[0].last_delivered_seq == 2);
    CHECK(pages.back().receipts[0].last_read_seq == 0);
    CHECK(pages.back().receipts[0].receipt_rev == 1);
    CHECK(pages.back().receipts[1].user_id == users[1]);
    CHECK(pages.back().receipts[1].last_read_at == move.at);
    CHECK(pages.back().receipts[1].receipt_rev == 2);
    CHECK(pages.back().receipt_rev == 3);
    CHECK(world.changes(group, users[0], {.since = 8, .receipts_since = 1}).receipts.size() == 1);
    CHECK(world.changes(group, users[0], {.since = 8, .receipts_since = 2}).receipts.empty());
}

STORAGE_TEST("only the viewer's own receipt, if requested") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    for (int i = 0; i < 6; ++i) world.send(group, users[0]);
    world.run(world.reading(group, users[1], 2));
    world.run(world.reading(group, users[2], 4));
    const auto own = [&](UserId user, std::int64_t since) {
        return world
            .changes(group, user, {.since = 7, .receipts_since = since, .own_receipt_only = true})
            .receipts;
    };
    REQUIRE(own(users[2], 0).size() == 1);
    CHECK(own(users[2], 0)[0].user_id == users[2]);
    CHECK(own(users[2], 0)[0].last_read_seq == 4);
    CHECK(own(users[2], 2).empty());
    CHECK(own(users[1], 1).empty());
    CHECK(own(users[1], 0).size() == 1);
    // Below every number, so the receipt comes whatever its revision.
    CHECK(own(users[0], -1).size() == 1);
    CHECK(own(id_of<UserId>(555555), -1).empty());
    // A send moves its author's receipt, which shows with the next receipt revision.
    world.send(group, users[2]);
    CHECK(own(users[2], 2).empty());
    CHECK(own(users[2], 1).at(0).last_read_seq == 7);
    CHECK(own(users[2], 1).at(0).last_delivered_seq == 7);
}

}  // namespace cariosan::test
