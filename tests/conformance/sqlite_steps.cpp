// The cost of a read in steps of SQLite's virtual machine, with any number of rows that it must not show.
#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "conformance/step_counter.hpp"
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

/// Two friends in a group. The first has blocked a third user, who keeps writing to it and mentioning it.
struct Flood {
    Flood() : world(std::make_unique<SqliteFile>()) {
        users = world.add_users(3);
        group = world.add_group(users);
        world.run(world.blocking(users[0], users[2]));
        world.send(group, users[1], "visible");
    }
    void write(int count) {
        std::vector<Mutation> batch;
        for (int i = 0; i < count; ++i) {
            mutation::SendMessage send = world.message(group, users[2], "hidden");
            send.mentions.resize(1);
            send.mentions[0].user_id = users[0];
            batch.emplace_back(std::move(send));
        }
        for (const auto& each : world.commit(batch)) REQUIRE(each.ok());
    }
    std::int64_t steps_of(const std::function<void(Reader&)>& read) {
        auto reader = must(world.storage().open_reader());
        must(reader->begin());
        read(*reader);  // prepares the statements
        const std::int64_t steps = StepCounter::of([&] { read(*reader); });
        reader->end();
        return steps;
    }

    StepCounter counter;
    World world;
    std::vector<UserId> users;
    ChannelId group;
};

}  // namespace

TEST_CASE("sqlite steps: messages of blocked users do not make the list of channels more expensive") {
    Flood flood;
    const auto list = [&](Reader& reader) {
        const auto mine = must(reader.channels().list_of(flood.world.workspace, flood.users[0], {.limit = 10, .members = 5}));
        REQUIRE(mine.size() == 1);
        CHECK_FALSE(mine[0].last_message);
        CHECK(mine[0].mention_count == 0);
    };
    // More than the counter of unread messages looks through, as well.
    flood.write(21'000);
    const std::int64_t few = flood.steps_of(list);
    flood.write(3'000);
    const std::int64_t many = flood.steps_of(list);
    MESSAGE("list of channels, steps: " << few << ", " << many);
    CHECK(few > 100);
    CHECK(many < few + 100);
}

TEST_CASE("sqlite steps: the cost of a page of history is what it looks through") {
    Flood flood;
    flood.write(3'000);
    const auto steps_of = [&](std::int64_t from, std::int64_t to) {
        return flood.steps_of([&](Reader& reader) {
            CHECK(must(reader.messages().page(flood.group, {.from = from, .to = to, .limit = 51}, flood.users[0])).empty());
        });
    };
    const std::int64_t short_stretch = steps_of(2'502, 3'001);
    const std::int64_t long_stretch = steps_of(1'002, 3'001);
    MESSAGE("history, steps: " << short_stretch << ", " << long_stretch);
    CHECK(long_stretch < 5 * short_stretch);
    CHECK(long_stretch < 2'000 * 100);
}

TEST_CASE("sqlite steps: moderation records in other channels make a channel's page short, not expensive") {
    Flood flood;
    const ChannelId other = flood.world.add_group(flood.users);
    const auto record = [&](ChannelId channel, int count) {
        std::vector<Mutation> batch;
        for (int i = 0; i < count; ++i) {
            mutation::SendMessage refused = flood.world.message(channel, flood.users[2]);
            refused.matches = {{.id = flood.world.next_id<ModerationRecordId>(),
                                .rule = ModerationRule::flood,
                                .action = ModerationAction::reject,
                                .excerpt = "again"}};
            batch.emplace_back(mutation::RecordModeration{.refused = std::move(refused)});
        }
        for (const auto& each : flood.world.commit(batch)) REQUIRE(each.ok());
    };
    record(flood.group, 3);
    record(other, 600);
    const auto find = [&] {
        std::int64_t steps = 0;
        std::size_t found = 0;
        ModerationRange range{.user = flood.users[2], .channel = flood.group, .limit = 10};
        for (int pages = 0; pages < 20; ++pages) {
            ModerationPage page;
            const std::int64_t taken = flood.steps_of(
                [&](Reader& reader) { page = must(reader.moderation().list(flood.world.workspace, range)); });
            steps = std::max(steps, taken);
            found += page.records.size();
            if (!page.next) break;
            range.before = page.next;
        }
        CHECK(found == 3);
        return steps;
    };
    const std::int64_t few = find();
    record(other, 3'000);
    const std::int64_t many = find();
    MESSAGE("records of a user in a channel, steps: " << few << ", " << many);
    CHECK(many < few + 100);
}

namespace {

/// The highest cost of a page in each part of an export, over all its pages of ten.
class ExportSteps {
  public:
    ExportSteps(Flood& flood, UserId user) : flood_(flood), user_(user) {}

    std::int64_t of(auto method) {
        return dearest([&](Reader& reader, RecordPosition after) {
            return must((reader.user_data().*method)(flood_.world.workspace, user_, after, 10)).next;
        });
    }
    std::vector<std::int64_t> of_all() {
        return {of(&UserDataReader::memberships), of(&UserDataReader::reactions),
                of(&UserDataReader::mentions),    of(&UserDataReader::silences),
                of(&UserDataReader::moderation),  of(&UserDataReader::devices),
                of(&UserDataReader::reports)};
    }

  private:
    std::int64_t dearest(const std::function<std::optional<RecordPosition>(Reader&, RecordPosition)>& page) {
        std::int64_t most = 0;
        std::optional<RecordPosition> after = RecordPosition{};
        while (after) {
            std::optional<RecordPosition> next;
            most = std::max(most, flood_.steps_of([&](Reader& reader) { next = page(reader, *after); }));
            after = next;
        }
        return most;
    }

    Flood& flood_;
    UserId user_;
};

/// Gives the user `count` records in each part of their export, but at most 20 devices; every other channel is deleted.
void store_records(Flood& flood, UserId user, int count) {
    World& world = flood.world;
    for (int i = 0; i < count; ++i) {
        const ChannelId channel = world.add_group({user});
        mutation::SendMessage send = world.message(channel, user);
        send.mentions = {{user, "", ""}};
        const Message message = object<Message>(world.run(send));
        mutation::SendMessage refused = world.message(channel, user);
        refused.as_user = false;
        refused.matches = {{.id = world.next_id<ModerationRecordId>(), .excerpt = "x"}};
        std::vector<Mutation> batch{world.reacting(message, user, "a"), world.silencing(user, channel),
                                    mutation::RecordModeration{.refused = std::move(refused)},
                                    mutation::FileReport{.workspace = world.workspace,
                                                         .id = world.next_id<ReportId>(),
                                                         .reporter = user,
                                                         .channel = channel,
                                                         .message = message.id,
                                                         .user = user,
                                                         .reason = "spam",
                                                         .at = world.tick()}};
        if (i < 20) batch.emplace_back(world.registering(user, std::to_string(i)));
        if (i % 2 == 1) batch.emplace_back(mutation::DeleteChannel{world.workspace, channel, world.tick()});
        for (const auto& each : world.commit(batch)) REQUIRE(each.ok());
    }
}

}  // namespace

TEST_CASE("sqlite steps: the cost of a page of an export is its rows, however many pages there are") {
    Flood flood;
    const UserId user = flood.world.add_user("exported");
    ExportSteps steps(flood, user);
    store_records(flood, user, 30);
    const auto few = steps.of_all();
    store_records(flood, user, 300);
    const auto many = steps.of_all();
    for (std::size_t i = 0; i < few.size(); ++i) {
        MESSAGE("part " << i << " of an export, steps of a page: " << few[i] << ", " << many[i]);
        CHECK(few[i] > 50);
        CHECK(many[i] < few[i] + 100);
    }
}

TEST_CASE("sqlite steps: a page of a user's messages looks at a stretch of everyone's") {
    Flood flood;
    flood.write(21'000);
    ExportSteps quiet(flood, flood.users[1]);
    ExportSteps busy(flood, flood.users[2]);
    const auto all = [&] {
        return std::vector{quiet.of(&UserDataReader::messages), quiet.of(&UserDataReader::erasable_messages),
                           flood.steps_of([&](Reader& reader) {
                               auto& data = reader.user_data();
                               CHECK(must(data.messages(flood.world.workspace, flood.users[2], {}, 10)).next);
                           })};
    };
    const auto few = all();
    flood.write(6'000);
    const auto many = all();
    for (std::size_t i = 0; i < few.size(); ++i) {
        MESSAGE("messages of a user, steps of a page: " << few[i] << ", " << many[i]);
        CHECK(many[i] < few[i] + 100);
        CHECK(few[i] < 20'000 * 20);
    }
    CHECK(few[2] < few[0] / 10);  // ten messages found at once end the page
}

TEST_CASE("sqlite steps: former users, channels and members do not make lists more expensive") {
    Flood flood;
    World& world = flood.world;
    const auto all = [&] {
        return std::vector{
            flood.steps_of([&](Reader& r) { must(r.users().list(world.workspace, flood.users[0], 10)); }),
            flood.steps_of([&](Reader& r) { must(r.channels().list(world.workspace, flood.group, 10)); }),
            flood.steps_of([&](Reader& r) { must(r.members().list(flood.group, flood.users[0], 10)); }),
        };
    };
    const auto leave = [&](int count) {
        for (int i = 0; i < count; ++i) {
            const UserId user = world.add_user("gone" + std::to_string(world.tick().milliseconds));
            const ChannelId channel = world.add_group({user});
            world.run(world.adding(flood.group, {user}));
            world.run(world.removing(flood.group, user));
            world.run(mutation::DeleteChannel{world.workspace, channel, world.tick()});
            world.run(mutation::DeleteUser{.workspace = world.workspace, .user = user, .at = world.tick()});
        }
    };
    leave(10);
    const auto few = all();
    leave(300);
    const auto many = all();
    for (std::size_t i = 0; i < few.size(); ++i) {
        MESSAGE("list " << i << ", steps of a page: " << few[i] << ", " << many[i]);
        CHECK(many[i] < few[i] + 100);
    }
}

TEST_CASE("sqlite steps: finding users who share a channel stays within a budget, whatever their numbers of channels") {
    const StepCounter counter;
    World world(std::make_unique<SqliteFile>());
    const auto users = world.add_users(22);
    const UserId viewer = users.front();
    const std::vector<UserId> others(users.begin() + 1, users.end());
    const std::vector<UserId> strangers(others.begin(), others.end() - 1);
    // None of them is in any of the viewer's channels, except the last one.
    const auto add_groups = [&](int count) {
        std::vector<Mutation> batch;
        for (int i = 0; i < count; ++i) {
            batch.emplace_back(world.group({viewer}));
            batch.emplace_back(world.group(strangers));
        }
        for (const auto& each : world.commit(batch)) REQUIRE(each.ok());
    };
    world.add_group({viewer, others.back()});
    constexpr std::int64_t kBudget = 2'000;
    const auto find = [&](std::int64_t& dearest) {
        std::vector<UserId> found;
        auto reader = must(world.storage().open_reader());
        must(reader->begin());
        for (std::size_t at = 0; at < others.size();) {
            WorkBudget budget(kBudget);
            SharingUsers page;
            const std::int64_t steps = StepCounter::of(
                [&] { page = must(reader->users().sharing(world.workspace, viewer, std::span(others).subspan(at), budget)); });
            dearest = std::max(dearest, steps);
            REQUIRE(page.judged > 0);
            at += page.judged;
            for (const UserPresence& each : page.found) found.push_back(each.user_id);
        }
        reader->end();
        CHECK(found == std::vector{others.back()});
    };
    std::int64_t few = 0;
    add_groups(200);
    find(few);
    std::int64_t many = 0;
    add_groups(1'000);
    find(many);
    MESSAGE("steps of a page of presence: " << few << ", " << many);
    // The budget, plus one pair.
    CHECK(few < 40 * kBudget);
    CHECK(many < few + 40 * 1'200);
}

}  // namespace cariosan::test
