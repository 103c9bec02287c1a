// SQLite only: when deliveries leave the file, and webhooks with too many of them.
#include <sqlite3.h>

#include <chrono>
#include <memory>
#include <string>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

constexpr WebhookEvents kEverything = WebhookEvents::of_bits(0xffff);

/// Runs SQL on the database of a world, which is closed meanwhile.
void with_closed(World& world, const std::string& path, const std::string& sql,
                 std::shared_ptr<Clock> clock = std::make_shared<ManualClock>()) {
    world.close();
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(db);
    REQUIRE(code == SQLITE_OK);
    world.reopen({.clock = std::move(clock)});
}

void maintain_to_the_end(World& world) {
    while (must(world.storage().maintain())) {
    }
}

std::size_t listed(World& world, WebhookId webhook) {
    return world.read([&](Reader& r) { return must(r.outbox().deliveries(webhook, std::nullopt, 1000)).items.size(); });
}

}  // namespace

TEST_CASE("one delivery too many disables a webhook, and its pending deliveries fail") {
    auto kind = std::make_unique<SqliteFile>();
    const std::string path = kind->path("chat.db");
    // As old as everything the world writes, so nothing has been finished for long.
    World world(std::move(kind), {.clock = std::make_shared<ManualClock>()});
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const auto webhook = world.webhook(kEverything);
    world.run(webhook);
    world.send(group, users[0]);
    with_closed(world, path, "UPDATE webhooks SET pending = 99999");
    CHECK(world.run(world.message(group, users[0])).outbox);
    CHECK_FALSE(world.run(world.message(group, users[0])).outbox);
    const Webhook state = world.read([&](Reader& r) { return must_find(r.outbox().find(world.workspace, webhook.id)); });
    CHECK_FALSE(state.enabled);
    CHECK(state.disabled_reason == "more than 100,000 deliveries were pending");
    maintain_to_the_end(world);
    const auto list = world.read([&](Reader& r) { return must(r.outbox().deliveries(webhook.id, std::nullopt, 9)).items; });
    REQUIRE(list.size() == 2);
    for (const Delivery& each : list) {
        CHECK(each.status == DeliveryStatus::failed);
        CHECK(each.last_error == "too many deliveries were pending");
    }
}

TEST_CASE("pings and retries are refused while a webhook has as many pending deliveries as it may have") {
    auto kind = std::make_unique<SqliteFile>();
    const std::string path = kind->path("chat.db");
    World world(std::move(kind), {.clock = std::make_shared<ManualClock>()});
    const auto webhook = world.webhook(kEverything);
    world.run(webhook);
    mutation::PingWebhook ping{.workspace = world.workspace, .webhook = webhook.id, .at = world.tick()};
    const EventId finished = object<Delivery>(world.run(ping)).event_id;
    const EventId pending = object<Delivery>(world.run(ping)).event_id;
    with_closed(world, path,
                "UPDATE webhooks SET pending = 99999; UPDATE deliveries SET status = 2, finished_at = created_at WHERE id = 1");
    CHECK(world.run(ping).outbox);
    const auto refused = world.attempt(ping);
    CHECK(code_of(refused) == ErrorCode::conflict);
    CHECK(std::get<std::int64_t>(refused.error().detail("limit")->value) == kWebhookMaxPending);
    mutation::RetryDelivery retry{.workspace = world.workspace, .webhook = webhook.id, .event = finished, .at = world.tick()};
    CHECK(code_of(world.attempt(retry)) == ErrorCode::conflict);
    retry.event = pending;
    CHECK(world.run(retry).outbox);
    const Webhook state = world.read([&](Reader& r) { return must_find(r.outbox().find(world.workspace, webhook.id)); });
    CHECK(state.enabled);
}

TEST_CASE("week-old deliveries leave the file, including those waiting for a disabled webhook") {
    const auto clock = std::make_shared<ManualClock>();
    World world(std::make_unique<SqliteFile>(), {.clock = clock});
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    const auto webhook = world.webhook(kEverything);
    const auto disabled = world.webhook(kEverything);
    world.run(webhook);
    world.run(disabled);
    for (int i = 0; i < 3; ++i) world.send(group, users[0]);
    const auto rows = world.read(
        [&](Reader& r) { return must(r.outbox().due(webhook.id, Timestamp{4'000'000'000'000}, {}, false, 9)); });
    mutation::FinishDeliveries finish{.webhook = webhook.id};
    finish.results = {{.row = rows[0].row, .outcome = DeliveryResult::Outcome::delivered, .at = clock->now()},
                      {.row = rows[1].row, .outcome = DeliveryResult::Outcome::failed, .at = clock->now()}};
    world.run(finish);
    mutation::UpdateWebhook off{.workspace = world.workspace, .webhook = disabled.id, .enabled = false};
    off.at = clock->now();
    world.run(off);
    clock->advance(std::chrono::hours(7 * 24 - 1));
    maintain_to_the_end(world);
    CHECK(listed(world, webhook.id) == 3);
    CHECK(listed(world, disabled.id) == 3);
    clock->advance(std::chrono::hours(2));
    for (int i = 0; i < 3; ++i) maintain_to_the_end(world);
    CHECK(listed(world, webhook.id) == 1);
    CHECK(listed(world, disabled.id) == 0);
    mutation::UpdateWebhook on{.workspace = world.workspace, .webhook = disabled.id, .enabled = true};
    CHECK_FALSE(world.run(on).outbox);
}

TEST_CASE("secrets leave the file when they have expired, and the keys of a deleted webhook a day after it") {
    auto kind = std::make_unique<SqliteFile>();
    const std::string path = kind->path("chat.db");
    const auto clock = std::make_shared<ManualClock>();
    World world(std::move(kind), {.clock = clock});
    mutation::CreateWebhook create = world.webhook(kEverything);
    create.at = clock->now();
    create.key = mutation::RequestKey{.text = "made", .hash = {}};
    world.run(create);
    mutation::CreateWebhook deleted = world.webhook(kEverything);
    deleted.at = clock->now();
    deleted.key = mutation::RequestKey{.text = "deleted", .hash = {}};
    world.run(deleted);
    world.run(world.webhook(kEverything));  // without a key
    world.run(mutation::RotateWebhookSecret{
        .workspace = world.workspace, .webhook = create.id, .secret = "whsec_second", .at = clock->now()});
    world.run(mutation::DeleteWebhook{.workspace = world.workspace, .webhook = deleted.id, .at = clock->now()});
    const auto stored = [&](std::size_t rows) {
        maintain_to_the_end(world);
        with_closed(world, path,
                    "CREATE TEMP TABLE t (n INTEGER CHECK (n = 0)); INSERT INTO t SELECT count(*) - " + std::to_string(rows) +
                        " FROM webhook_secrets; INSERT INTO t SELECT count(*) FROM webhook_secrets WHERE secret = '' AND"
                        " idempotency_key IS NULL",
                    clock);
    };
    stored(4);
    clock->advance(std::chrono::hours(24) - std::chrono::milliseconds(1));
    stored(4);
    clock->advance(std::chrono::minutes(2));
    maintain_to_the_end(world);
    stored(2);
}

TEST_CASE("deleting a workspace deletes its webhooks") {
    auto kind = std::make_unique<SqliteFile>();
    const std::string path = kind->path("chat.db");
    World world(std::move(kind));
    const auto users = world.add_users(1);
    const ChannelId group = world.add_group(users);
    world.run(world.webhook(kEverything));
    world.send(group, users[0]);
    world.run(mutation::DeleteWorkspace{.workspace = world.workspace, .at = world.tick()});
    CHECK_FALSE(world.read([&](Reader& r) { return must(r.outbox().next_due()); }).has_value());
    maintain_to_the_end(world);
    with_closed(world, path,
                "CREATE TABLE t (n INTEGER CHECK (n = 0));"
                "INSERT INTO t SELECT count(*) FROM webhooks; INSERT INTO t SELECT count(*) FROM deliveries;"
                "INSERT INTO t SELECT count(*) FROM webhook_secrets");
}

}  // namespace cariosan::test
