// How many statements a batch takes: a hundred mutations of a kind take hardly more than two.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/postgres_kind.hpp"
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// Ids of messages are asked for in blocks.
constexpr std::int64_t kMore = 1;

/// A group of two in a storage that counts the statements it sends.
struct CountedGroup {
    std::shared_ptr<std::int64_t> sent = std::make_shared<std::int64_t>();
    World world{std::make_unique<Postgres>(), {.fail_step = [sent = sent](std::int64_t step) {
                    *sent = step;
                    return false;
                }}};
    std::vector<UserId> users = world.add_users(2);
    ChannelId channel = world.add_group(users);

    std::int64_t statements_of(const std::vector<Mutation>& batch) {
        const std::int64_t before = *sent;
        for (const auto& answer : world.commit(batch)) REQUIRE(answer.ok());
        return *sent - before;
    }
    mutation::SendMessage import(int number, std::optional<int> parent = std::nullopt) {
        mutation::SendMessage send =
            with_key(world.message(channel, users[number % 2 == 0 ? 0 : 1]), "line " + std::to_string(number));
        send.imported = true;
        send.author_is_member = send.as_user = false;
        send.parent_follows = true;
        if (parent) send.parent_key = "line " + std::to_string(*parent);
        return send;
    }
    /// A batch of mutations made of the numbers from `first` on.
    template <class Make>
    static std::vector<Mutation> batch(int first, int count, const Make& make) {
        std::vector<Mutation> made;
        for (int number = first; number < first + count; ++number) made.push_back(make(number));
        return made;
    }
};

}  // namespace

TEST_CASE("postgres: an import, its repetition, and the linking of replies that came first take few statements") {
    if (!Postgres::available()) return;
    CountedGroup group;
    const auto alone = [&](int number) { return group.import(number); };
    const auto early = [&](int number) { return group.import(number, number + 2); };
    const std::int64_t few = group.statements_of(group.batch(0, 2, alone));
    CHECK(group.statements_of(group.batch(100, 100, alone)) <= few + kMore);
    const std::int64_t few_again = group.statements_of(group.batch(0, 2, alone));
    CHECK(group.statements_of(group.batch(100, 100, alone)) <= few_again + kMore);
    // Each replies to the one after the next.
    const std::int64_t few_early = group.statements_of(group.batch(1000, 2, early));
    CHECK(group.statements_of(group.batch(1002, 100, early)) <= few_early + kMore);
    const std::int64_t few_linked = group.statements_of(group.batch(1000, 2, early));
    CHECK(group.statements_of(group.batch(1002, 98, early)) <= few_linked + kMore);
    const auto history = group.world.messages(group.channel);
    CHECK(history.size() == 204);
    CHECK(std::ranges::count_if(history, [](const Message& message) { return message.parent_id.has_value(); }) == 100);
}

TEST_CASE("postgres: a key that many users have used finds the message of each") {
    if (!Postgres::available()) return;
    World world(std::make_unique<Postgres>());
    const auto users = world.add_users(8);
    const ChannelId channel = world.add_group(users);
    std::vector<Mutation> batch;
    for (const UserId user : users) batch.push_back(with_key(world.message(channel, user), "same"));
    for (const auto& answer : world.commit(batch)) REQUIRE(answer.ok());
    // Repeated together, and each with its own new one.
    for (const UserId user : users) batch.push_back(with_key(world.message(channel, user), "new"));
    for (const auto& answer : world.commit(batch)) CHECK(answer.ok());
    CHECK(world.messages(channel).size() == 2 * users.size());
}

TEST_CASE("postgres: deletions take few statements, whatever hangs on the messages") {
    if (!Postgres::available()) return;
    CountedGroup group;
    std::vector<Message> plain;
    std::vector<Message> rich;
    for (int i = 0; i < 102; ++i) {
        plain.push_back(group.world.send(group.channel, group.users[0]));
        mutation::SendMessage send = group.world.message(group.channel, group.users[0]);
        send.mentions = {{group.users[1], "", ""}};
        send.parent = plain.front().id;
        rich.push_back(object<Message>(group.world.run(send)));
        group.world.run(group.world.reacting(rich.back(), group.users[1], "a"));
    }
    for (const auto& messages : {plain, rich}) {
        const auto deleting = [&](int number) {
            return group.world.deleting(messages[static_cast<std::size_t>(number)], group.users[0]);
        };
        const std::int64_t few = group.statements_of(group.batch(0, 2, deleting));
        CHECK(group.statements_of(group.batch(2, 100, deleting)) <= few + kMore);
    }
    for (const Message& message : group.world.messages(group.channel)) {
        CHECK(message.deleted_at);
        CHECK(message.content.empty());
        CHECK(message.mentions.empty());
        CHECK(message.reactions.empty());
    }
}

}  // namespace cariosan::test
