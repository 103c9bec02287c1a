// How much there is in a workspace, counted to a bound.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

WorkspaceFigures figures_of(World& world, std::int64_t most) {
    return world.read([&](Reader& r) { return must(r.workspaces().figures(world.workspace, most)); });
}
mutation::FileReport reported(World& world, UserId reporter, UserId user) {
    return {.workspace = world.workspace,
            .id = world.next_id<ReportId>(),
            .reporter = reporter,
            .user = user,
            .reason = "spam",
            .at = world.tick()};
}
mutation::CreateWebhook any_webhook(World& world) { return world.webhook(WebhookEvents::of_bits(1)); }

}  // namespace

STORAGE_TEST("the figures of a workspace count what is there, and nothing of another workspace") {
    World world(kind.make());
    const WorkspaceFigures none = figures_of(world, 100);
    CHECK(none.users == 0);
    CHECK(none.channels == 0);
    CHECK(none.messages == 0);
    CHECK(none.open_reports == 0);
    CHECK(none.webhooks == 0);
    CHECK(none.webhooks_disabled == 0);
    CHECK(none.pending_deliveries == 0);
    CHECK(none.counted_to == 100);

    const auto users = world.add_users(4);
    world.add_user("elsewhere", world.add_workspace());
    const ChannelId group = world.add_group(users);
    const ChannelId gone = world.add_group({users[0], users[1]});
    const mutation::CreateWebhook on = any_webhook(world);
    const mutation::CreateWebhook off = any_webhook(world);
    world.run(on);
    world.run(off);
    world.run(mutation::UpdateWebhook{.workspace = world.workspace, .webhook = off.id, .enabled = false});
    for (int i = 0; i < 3; ++i) world.send(group, users[0]);
    world.send(gone, users[0]);
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = gone, .at = world.tick()});
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = users[3], .at = world.tick()});
    const auto resolved = reported(world, users[0], users[1]);
    world.run(resolved);
    world.run(reported(world, users[2], users[1]));
    world.run(mutation::UpdateReport{
        .workspace = world.workspace, .id = resolved.id, .status = ReportStatus::resolved, .at = world.tick()});

    const WorkspaceFigures some = figures_of(world, 100);
    CHECK(some.users == 3);
    CHECK(some.channels == 1);
    CHECK(some.messages == 3);
    CHECK(some.open_reports == 1);
    CHECK(some.webhooks == 2);
    CHECK(some.webhooks_disabled == 1);
    CHECK(some.pending_deliveries > 0);
}

STORAGE_TEST("the figures of a workspace end at their bound") {
    World world(kind.make());
    const auto users = world.add_users(5);
    for (int i = 0; i < 3; ++i) {
        world.send(world.add_group(users), users[0]);
        world.run(any_webhook(world));
        world.run(reported(world, users[static_cast<std::size_t>(i)], users[4]));
    }
    const WorkspaceFigures bounded = figures_of(world, 2);
    CHECK(bounded.users == 2);
    CHECK(bounded.channels == 2);
    CHECK(bounded.messages == 2);
    CHECK(bounded.open_reports == 2);
    CHECK(bounded.webhooks == 2);
    CHECK(bounded.counted_to == 2);
}

}  // namespace cariosan::test
