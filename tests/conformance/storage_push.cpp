// Push jobs: one for each message that should be pushed, and its recipients.
#include <algorithm>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

constexpr std::int64_t kMany = 100;

class PushWorld : public World {
  public:
    explicit PushWorld(std::unique_ptr<StorageKind> kind) : World(std::move(kind)) {}

    /// Each user has one device, whose token is their `external_id`.
    std::vector<UserId> add_people(int count) {
        const auto users = add_users(count);
        for (const UserId user : users) run(registering(user, token_of(user)));
        return users;
    }
    std::string token_of(UserId user) const { return "t-" + user.to_string(); }

    Message push(ChannelId channel, UserId author, std::vector<UserId> mentions = {}) {
        auto send = message(channel, author);
        send.push = true;
        for (const UserId user : mentions) send.mentions.push_back({user, "", ""});
        return object<Message>(run(send));
    }
    std::vector<PushJob> lease(std::int64_t limit = kMany) { return lease_at(tick(), limit); }
    std::vector<PushJob> lease_at(Timestamp now, std::int64_t limit = kMany) {
        const Committed done = run(mutation::LeasePushJobs{
            .owner = owner, .now = now, .until = {now.milliseconds + 1000}, .limit = limit});
        auto jobs = object<LeasedPushJobs>(done).jobs;
        CHECK(done.changed == !jobs.empty());
        return jobs;
    }
    PushPart part(std::int64_t row, const PushRange& range = {}) {
        return read([&](Reader& r) { return must(r.push().part(row, range)); });
    }
    PushBacklog backlog() {
        return read([](Reader& r) { return must(r.push().backlog()); });
    }
    mutation::FinishPushPart finishing(const PushJob& job) { return {.row = job.row, .owner = owner}; }

    Uuid owner = id_of<UserId>(1'000'000).uuid;
};

/// The recipients of a part, by their tokens.
std::vector<std::string> tokens(const PushPart& part) {
    std::vector<std::string> list;
    for (const PushTarget& target : part.targets) list.push_back(target.token);
    std::ranges::sort(list);
    return list;
}

std::vector<std::string> tokens(const PushWorld& world, std::vector<UserId> users) {
    std::vector<std::string> list;
    for (const UserId user : users) list.push_back(world.token_of(user));
    std::ranges::sort(list);
    return list;
}

}  // namespace

STORAGE_TEST("a message to be pushed creates one job, and another creates none") {
    PushWorld world(kind.make());
    const auto users = world.add_people(2);
    const ChannelId group = world.add_group(users);
    world.send(group, users[0]);
    CHECK(world.backlog().pending == 0);
    CHECK_FALSE(world.backlog().next_due);
    auto keyed = world.message(group, users[0]);
    keyed.push = true;
    keyed.idempotency_key = "key";
    world.run(keyed);
    CHECK(world.run(keyed).duplicate);
    auto refused = world.message(group, world.add_user("stranger"));
    refused.push = true;
    CHECK_FALSE(world.attempt(refused).ok());
    world.reopen();
    CHECK(world.backlog().pending == 1);
    CHECK(world.backlog().next_due == keyed.at);
    const auto jobs = world.lease();
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].created_at == keyed.at);
    CHECK(jobs[0].attempts == 0);
    const PushPart part = world.part(jobs[0].row);
    CHECK(part.channel == group);
    CHECK(part.message == keyed.id);
    CHECK(part.sender_name.starts_with("Name of"));
}

STORAGE_TEST("a push goes to all other members who neither muted the channel nor blocked the author") {
    PushWorld world(kind.make());
    const auto users = world.add_people(6);
    const UserId silent = world.add_user("without a device");
    const ChannelId group = world.add_group({users[0], users[1], users[2], users[3], users[4], silent});
    world.run(world.registering(users[1], "second"));
    world.push(group, users[0]);
    // The recipients are determined when they are read.
    world.run(mutation::SetPreferences{.workspace = world.workspace, .channel = group, .user = users[2], .muted = true});
    world.run(world.blocking(users[3], users[0]));
    world.run(world.blocking(users[4], users[1]));
    auto expected = tokens(world, {users[1], users[4]});
    expected.emplace_back("second");
    std::ranges::sort(expected);
    const auto jobs = world.lease();
    REQUIRE(jobs.size() == 1);
    CHECK(tokens(world.part(jobs[0].row)) == expected);
    world.run(world.removing(group, users[4]));
    world.run(world.adding(group, {users[5]}));
    world.run(world.unregistering(users[1], "second"));
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[1], .at = world.tick()});
    const PushPart part = world.part(jobs[0].row);
    CHECK(tokens(part) == tokens(world, {users[5]}));
    CHECK_FALSE(part.next);
}

STORAGE_TEST("in a large channel only mentioned users get a push") {
    PushWorld world(kind.make());
    const auto users = world.add_people(4);
    const ChannelId group = world.add_group(users);
    world.push(group, users[0], {users[2], users[3], users[0]});
    world.run(mutation::SetPreferences{.workspace = world.workspace, .channel = group, .user = users[3], .muted = true});
    const auto jobs = world.lease();
    CHECK(tokens(world.part(jobs[0].row, {.everyone = 3})) == tokens(world, {users[2]}));
    CHECK(tokens(world.part(jobs[0].row, {.everyone = 4})) == tokens(world, {users[1], users[2]}));
}

STORAGE_TEST("a push for something deleted meanwhile goes to nobody") {
    PushWorld world(kind.make());
    const auto users = world.add_people(3);
    const ChannelId kept = world.add_group(users);
    const ChannelId lost = world.add_group(users);
    const Message unsent = world.push(kept, users[0]);
    world.push(lost, users[0]);
    world.push(kept, users[1]);
    world.run(world.deleting(unsent, users[0]));
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = lost, .at = world.tick()});
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[1], .at = world.tick()});
    for (int purges = 0; purges < 2; ++purges) {
        for (const PushJob& job : world.lease_at({world.tick().milliseconds + purges * 10'000})) {
            const PushPart part = world.part(job.row);
            CHECK(part.targets.empty());
            CHECK_FALSE(part.next);
        }
        while (must(world.storage().maintain())) {
        }
    }
    CHECK(world.part(12345).targets.empty());
}

STORAGE_TEST("a push continues after its last part, with all devices of a user together") {
    PushWorld world(kind.make());
    const auto users = world.add_people(6);
    const ChannelId group = world.add_group(users);
    for (const UserId user : users) world.run(world.registering(user, "2-" + user.to_string()));
    world.push(group, users[0]);
    std::vector<std::string> tokens;
    for (int parts = 0; parts < 3; ++parts) {
        const auto jobs = world.lease();
        REQUIRE(jobs.size() == 1);
        const PushPart part = world.part(jobs[0].row, {.devices = 3});
        CHECK(part.targets.size() == (parts < 2 ? 4 : 2));
        for (const PushTarget& target : part.targets) tokens.push_back(target.token);
        CHECK(part.next.has_value() == (parts < 2));
        auto finish = world.finishing(jobs[0]);
        finish.next = part.next;
        CHECK(world.run(finish).changed);
        world.reopen();
        CHECK(world.backlog().pending == (parts < 2 ? 1 : 0));
    }
    std::ranges::sort(tokens);
    CHECK(tokens.size() == 10);
    CHECK(std::ranges::adjacent_find(tokens) == tokens.end());
}

STORAGE_TEST("retries become a job of their own, and the rest of the channel continues") {
    PushWorld world(kind.make());
    const auto users = world.add_people(4);
    const ChannelId group = world.add_group(users);
    world.push(group, users[0]);
    auto jobs = world.lease();
    REQUIRE(jobs.size() == 1);
    PushPart part = world.part(jobs[0].row, {.devices = 2});
    REQUIRE(part.targets.size() == 2);
    auto finish = world.finishing(jobs[0]);
    finish.next = part.next;
    finish.retry = {part.targets[0].device, part.targets[1].device};
    finish.attempts = 3;
    finish.retry_at = {world.tick().milliseconds + 60'000};
    world.run(finish);
    CHECK(world.backlog().pending == 2);

    jobs = world.lease();
    REQUIRE(jobs.size() == 1);
    CHECK(world.part(jobs[0].row, {.devices = 2}).targets.size() == 1);
    world.run(world.finishing(jobs[0]));
    CHECK(world.backlog().next_due == finish.retry_at);
    CHECK(world.lease().empty());

    // One of the two now belongs to another member, for whom this push was not meant.
    world.run(world.registering(users[3], part.targets[1].token));
    jobs = world.lease_at(finish.retry_at);
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].attempts == 3);
    const PushPart again = world.part(jobs[0].row);
    CHECK(tokens(again) == std::vector<std::string>{part.targets[0].token});
    CHECK(again.message == part.message);
    CHECK_FALSE(again.next);
    world.run(world.finishing(jobs[0]));
    CHECK(world.backlog().pending == 0);
}

STORAGE_TEST("a leased job belongs to its owner until the lease ends") {
    PushWorld world(kind.make());
    const auto users = world.add_people(2);
    const ChannelId group = world.add_group(users);
    for (int i = 0; i < 3; ++i) world.push(group, users[0]);
    const Timestamp now = world.tick();
    const auto mine = world.lease_at(now, 2);
    REQUIRE(mine.size() == 2);
    CHECK(mine[0].created_at < mine[1].created_at);
    world.owner = id_of<UserId>(2'000'000).uuid;
    CHECK(world.lease_at(now).size() == 1);
    CHECK(world.backlog().next_due == Timestamp{now.milliseconds + 1000});
    const auto theirs = world.lease_at({now.milliseconds + 1000});
    REQUIRE(theirs.size() == 3);
    // A worker whose lease has ended can no longer change the job.
    auto late = world.finishing(mine[0]);
    late.owner = id_of<UserId>(1'000'000).uuid;
    CHECK_FALSE(world.run(late).changed);
    CHECK(world.backlog().pending == 3);
    for (const PushJob& job : theirs) CHECK(world.run(world.finishing(job)).changed);
    CHECK(world.backlog().pending == 0);
    CHECK_FALSE(world.run(world.finishing(theirs[0])).changed);
}

STORAGE_TEST("unregistered devices are removed together, unless they have changed hands") {
    PushWorld world(kind.make());
    const auto users = world.add_people(4);
    const ChannelId group = world.add_group(users);
    world.push(group, users[0]);
    auto jobs = world.lease();
    const PushPart part = world.part(jobs[0].row);
    REQUIRE(part.targets.size() == 3);
    world.run(world.registering(users[0], world.token_of(users[1])));
    auto finish = world.finishing(jobs[0]);
    finish.owner = id_of<UserId>(3'000'000).uuid;  // even if the job belongs to another worker by now
    for (const PushTarget& target : part.targets) finish.gone.push_back(target.device);
    CHECK(world.run(finish).changed);
    CHECK_FALSE(world.run(finish).changed);
    CHECK(world.backlog().pending == 1);
    CHECK(world.part(jobs[0].row).targets.empty());
    world.push(group, users[3]);
    jobs = world.lease();
    REQUIRE(jobs.size() == 1);
    auto left = tokens(world, {users[0], users[1]});
    CHECK(tokens(world.part(jobs[0].row)) == left);
}

STORAGE_TEST("a restart ends the previous leases") {
    PushWorld world(kind.make());
    const auto users = world.add_people(2);
    const ChannelId group = world.add_group(users);
    world.push(group, users[0]);
    const Timestamp now = world.tick();
    REQUIRE(world.lease_at(now).size() == 1);
    CHECK(world.lease_at(now).empty());
    world.reopen();
    CHECK(world.lease_at(now).size() == (world.kind().persistent() && !kind.shared ? 1 : 0));
}

STORAGE_TEST("a push that is due, or leased, for longer than any schedule allows is due now") {
    PushWorld world(kind.make());
    const auto users = world.add_people(2);
    const ChannelId group = world.add_group(users);
    world.push(group, users[0]);
    world.push(group, users[0]);
    const Timestamp ahead = world.tick();
    REQUIRE(world.lease_at(ahead).size() == 2);
    const std::int64_t until = ahead.milliseconds + 1000;
    const Timestamp possible{until - kPushLongestDelay.count()};
    CHECK(world.lease_at(possible).empty());
    CHECK(world.lease_at({possible.milliseconds - 1}, 1).size() == 1);
    CHECK(world.lease_at({possible.milliseconds - 1}).size() == 1);
}

}  // namespace cariosan::test
