// What users report, and what became of it.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

mutation::FileReport reporting(World& world, UserId reporter, UserId user) {
    return {.workspace = world.workspace,
            .id = world.next_id<ReportId>(),
            .reporter = reporter,
            .user = user,
            .reason = "spam",
            .at = world.tick()};
}
mutation::FileReport reporting(World& world, UserId reporter, const Message& message) {
    auto report = reporting(world, reporter, message.user.id);
    report.channel = message.channel_id;
    report.message = message.id;
    return report;
}
ReportPage reports_of(World& world, const ReportRange& range) {
    return world.read([&](Reader& r) { return must(r.moderation().reports(world.workspace, range)); });
}

}  // namespace

STORAGE_TEST("a message is reported once by each member who sees it") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group({users[0], users[1], users[2]});
    const Message message = world.send(group, users[1]);
    auto report = reporting(world, users[0], message);
    report.note = kOddText;
    const Committed done = world.run(report);
    CHECK(done.changed);
    CHECK(done.created);
    CHECK_FALSE(world.run(reporting(world, users[0], message)).changed);
    CHECK(world.run(reporting(world, users[2], message)).changed);
    CHECK(code_of(world.attempt(reporting(world, users[3], message))) == ErrorCode::not_a_member);

    world.reopen();
    const auto stored = world.read([&](Reader& r) { return must_find(r.moderation().find_report(world.workspace, report.id)); });
    CHECK(stored.at == report.at);
    CHECK(stored.reporter.id == users[0]);
    CHECK(stored.user.id == users[1]);
    CHECK(stored.channel_id == group);
    CHECK(stored.channel_external_id == world.channel(group).external_id);
    CHECK(stored.message_id == message.id);
    CHECK(stored.reason == "spam");
    CHECK(stored.reporter_note == kOddText);
    CHECK_FALSE(stored.moderator_note);
    CHECK(stored.status == ReportStatus::open);

    world.run(world.deleting(message, users[1]));
    const Message other = world.send(group, users[1]);
    world.run(world.deleting(other, users[1]));
    CHECK(code_of(world.attempt(reporting(world, users[0], other))) == ErrorCode::not_found);
}

STORAGE_TEST("a user is reported once by each other, and a report is listed by what became of it") {
    World world(kind.make());
    const auto users = world.add_users(3);
    std::vector<mutation::FileReport> filed;
    for (const UserId& user : {users[0], users[1]}) {
        filed.push_back(reporting(world, user, users[2]));
        CHECK(world.run(filed.back()).changed);
        CHECK_FALSE(world.run(reporting(world, user, users[2])).changed);
    }
    CHECK(code_of(world.attempt(reporting(world, users[0], UserId{world.next_id<ReportId>().uuid}))) == ErrorCode::not_found);

    const ReportPage newest = reports_of(world, {.limit = 1});
    REQUIRE(newest.reports.size() == 1);
    CHECK(newest.reports[0].id == filed[1].id);
    CHECK_FALSE(newest.reports[0].message_id);
    REQUIRE(newest.next);
    const ReportPage rest = reports_of(world, {.before = newest.next, .limit = 1});
    REQUIRE(rest.reports.size() == 1);
    CHECK(rest.reports[0].id == filed[0].id);
    CHECK_FALSE(rest.next);

    mutation::UpdateReport update{.workspace = world.workspace,
                                  .id = filed[0].id,
                                  .status = ReportStatus::resolved,
                                  .note = "warned",
                                  .at = world.tick()};
    const Committed done = world.run(update);
    CHECK(done.changed);
    CHECK(object<CommittedReport>(done).moderator_note == "warned");
    CHECK_FALSE(world.run(update).changed);
    CHECK(reports_of(world, {.status = ReportStatus::open}).reports.size() == 1);
    const auto resolved = reports_of(world, {.status = ReportStatus::resolved}).reports;
    REQUIRE(resolved.size() == 1);
    CHECK(resolved[0].moderator_note == "warned");
    update.id = world.next_id<ReportId>();
    CHECK(code_of(world.attempt(update)) == ErrorCode::not_found);
}

STORAGE_TEST("what a user reported is part of their export, page by page, and not what others reported") {
    World world(kind.make());
    const auto users = world.add_users(4);
    const ChannelId group = world.add_group(users);
    const Message message = world.send(group, users[1]);
    std::vector<ReportId> filed;
    for (const auto& report : {reporting(world, users[0], users[3]), reporting(world, users[0], message), reporting(world, users[0], users[2])}) {
        world.run(report);
        filed.push_back(report.id);
        world.run(reporting(world, users[3], report.user));
    }
    const auto exported = [&](WorkspaceId workspace, RecordPosition after) {
        return world.read([&](Reader& r) { return must(r.user_data().reports(workspace, users[0], after, 2)); });
    };
    const auto first = exported(world.workspace, {});
    REQUIRE(first.records.size() == 2);
    REQUIRE(first.next);
    const auto second = exported(world.workspace, *first.next);
    REQUIRE(second.records.size() == 1);
    CHECK_FALSE(second.next);
    CHECK(std::vector{first.records[0].id, first.records[1].id, second.records[0].id} == filed);
    CHECK(first.records[1].message_id == message.id);
    CHECK(first.records[1].user.id == users[1]);
    CHECK(exported(world.add_workspace(), {}).records.empty());
}

STORAGE_TEST("reports go with their channel, and those of an erased user with the user") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    const Message message = world.send(group, users[1]);
    world.run(reporting(world, users[0], message));
    world.run(reporting(world, users[0], users[1]));
    world.run(reporting(world, users[2], users[1]));
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = group, .at = world.tick()});
    while (must(world.storage().maintain())) {
    }
    CHECK(reports_of(world, {}).reports.size() == 2);

    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[0], .erase = true, .at = world.tick()});
    while (world.run(mutation::FinishDeletion{world.workspace, users[0]}).changed) {
    }
    const auto left = reports_of(world, {}).reports;
    REQUIRE(left.size() == 1);
    CHECK(left[0].reporter.id == users[2]);
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[1], .at = world.tick()});
    CHECK(reports_of(world, {}).reports[0].user.deleted);
}

}  // namespace cariosan::test
