// The outbox: deliveries are stored with the change that causes them, and are ordered and counted.
#include <chrono>
#include <string>
#include <vector>

#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

using Outcome = DeliveryResult::Outcome;

constexpr WebhookEvents kAllEvents = WebhookEvents::of_bits(0xffff);
constexpr std::int64_t kEver = 4'000'000'000'000;

/// A workspace with one webhook, and a worker that leases it.
struct WebhookWorld {
    explicit WebhookWorld(std::unique_ptr<StorageKind> kind, WebhookEvents events = kAllEvents)
        : world(std::move(kind)), users(world.add_users(2)), group(world.add_group(users)) {
        webhook = object<WebhookCredentials>(world.run(world.webhook(events))).id;
    }

    std::vector<DueDelivery> due(WebhookId of, Timestamp now = {kEver}, std::vector<std::int64_t> except = {},
                                 bool oldest_only = false, std::int64_t limit = 100) {
        return world.read([&](Reader& r) { return must(r.outbox().due(of, now, except, oldest_only, limit)); });
    }
    std::vector<DueDelivery> due() { return due(webhook); }
    std::vector<WebhookEvent> events() {
        std::vector<WebhookEvent> kinds;
        for (const DueDelivery& each : due()) kinds.push_back(each.event.event);
        return kinds;
    }
    std::vector<LeasedWebhook> lease(Uuid owner, Timestamp now = {kEver}, Timestamp until = {kEver + 1}) {
        return object<LeasedWebhooks>(world.run(mutation::LeaseWebhooks{owner, now, until, 10})).webhooks;
    }
    Committed finish(std::vector<DeliveryResult> results) {
        return world.run(mutation::FinishDeliveries{webhook, me, std::move(results)});
    }
    DeliveryResult result(std::int64_t row, Outcome outcome) {
        DeliveryResult result;
        result.row = row;
        result.outcome = outcome;
        result.at = world.tick();
        if (outcome != Outcome::delivered) {
            result.status_code = 500;
            result.error = "status 500";
        }
        if (outcome == Outcome::retry) result.next_attempt_at = Timestamp{kEver + 30'000};
        return result;
    }
    Webhook state() {
        return world.read([&](Reader& r) { return must_find(r.outbox().find(world.workspace, webhook)); });
    }
    std::vector<Delivery> deliveries() {
        return world.read([&](Reader& r) { return must(r.outbox().deliveries(webhook, std::nullopt, 100)).items; });
    }
    std::optional<Timestamp> next_due() {
        return world.read([&](Reader& r) { return must(r.outbox().next_due()); });
    }

    World world;
    std::vector<UserId> users;
    ChannelId group;
    WebhookId webhook;
    const Uuid me = id_of<UserId>(1'000'001).uuid;
    const Uuid other = id_of<UserId>(1'000'002).uuid;
};

}  // namespace

STORAGE_TEST("an event is stored once per webhook that subscribes to it, with the same id") {
    WebhookWorld hooked(kind.make());
    World& world = hooked.world;
    const WebhookId few = object<WebhookCredentials>(world.run(world.webhook({WebhookEvent::message_mentioned}))).id;
    const WorkspaceId elsewhere = world.add_workspace();
    const WebhookId foreign = object<WebhookCredentials>(world.run(world.webhook(kAllEvents, elsewhere))).id;
    mutation::SendMessage send = world.message(hooked.group, hooked.users[0]);
    send.mentions = {{hooked.users[1], "", ""}};
    send.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const Committed done = world.run(send);
    CHECK(done.outbox);
    const auto all = hooked.due();
    REQUIRE(all.size() == 2);
    CHECK(all[0].event.event == WebhookEvent::message_created);
    CHECK(all[1].event.event == WebhookEvent::message_mentioned);
    CHECK(all[0].row < all[1].row);
    CHECK(all[0].event.id != all[1].event.id);
    for (const DueDelivery& each : all) {
        CHECK(each.event.workspace == world.workspace);
        CHECK(each.event.channel == hooked.group);
        CHECK(each.event.channel_external_id == world.channel(hooked.group).external_id);
        CHECK(each.event.message == object<Message>(done).id);
        CHECK(each.event.rev == done.rev);
        CHECK(each.event.traceparent == send.traceparent);
        CHECK(each.attempts == 0);
    }
    CHECK(all[1].event.user == hooked.users[0]);
    CHECK(all[1].event.mentions == std::vector<UserId>{hooked.users[1]});
    const auto some = hooked.due(few);
    REQUIRE(some.size() == 1);
    CHECK(some[0].event.id == all[1].event.id);
    CHECK(hooked.due(foreign).empty());
}

STORAGE_TEST("imports and writes that change nothing cause no delivery") {
    WebhookWorld hooked(kind.make());
    World& world = hooked.world;
    mutation::SendMessage imported = world.message(hooked.group, hooked.users[0]);
    imported.imported = true;
    CHECK_FALSE(world.run(imported).outbox);
    CHECK(hooked.due().empty());
    mutation::SendMessage send = world.message(hooked.group, hooked.users[0]);
    send.idempotency_key = "key";
    const Message message = object<Message>(world.run(send));
    CHECK(hooked.events() == std::vector{WebhookEvent::message_created});
    CHECK_FALSE(world.run(send).outbox);
    CHECK_FALSE(world.run(world.editing(message, hooked.users[0], message.content)).outbox);
    CHECK_FALSE(world.run(world.unreacting(message, hooked.users[0], "a")).outbox);
    CHECK_FALSE(world.attempt(world.message(hooked.group, world.add_user("stranger"))).ok());
    CHECK(hooked.events() == std::vector{WebhookEvent::message_created, WebhookEvent::user_created});
}

STORAGE_TEST("every kind of change causes its own event") {
    WebhookWorld hooked(kind.make());
    World& world = hooked.world;
    const Message message = world.send(hooked.group, hooked.users[0]);
    world.run(world.editing(message, hooked.users[0], "edited"));
    world.run(world.reacting(message, hooked.users[1], "a"));
    world.run(world.unreacting(message, hooked.users[1], "a"));
    world.run(world.deleting(message, hooked.users[0]));
    const UserId third = world.add_user("third");
    world.run(world.adding(hooked.group, {third}));
    world.run(world.role(hooked.group, third, Role::admin));
    world.run(world.removing(hooked.group, third));
    const ChannelId other = world.add_group(hooked.users);
    world.run(mutation::UpdateChannel{.workspace = world.workspace, .channel = other, .name = "new", .at = world.tick()});
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = other, .at = world.tick()});
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = third, .at = world.tick()});
    using enum WebhookEvent;
    const std::vector<WebhookEvent> expected = {message_created, message_updated, reaction_added,  reaction_removed,
                                                message_deleted, user_created,    member_joined,   member_updated,
                                                member_left,     channel_created, channel_updated, channel_deleted,
                                                user_deleted};
    const auto all = hooked.due();
    REQUIRE(hooked.events() == expected);
    CHECK(all[2].event.detail == "a");
    CHECK(all[2].event.user == hooked.users[1]);
    CHECK(all[6].event.user == third);
    CHECK(all[7].event.detail == "admin");
    CHECK(all[8].event.detail == "admin");
    CHECK(all[11].event.name == "new");
    CHECK(all[11].event.detail == "group");
    CHECK(all[12].event.external_id == "third");
    CHECK(all[12].event.name.starts_with("Name of"));
}

STORAGE_TEST("a mutation that fails inside a batch causes no delivery") {
    WebhookWorld hooked(kind.make());
    World& world = hooked.world;
    mutation::SendMessage good = world.message(hooked.group, hooked.users[0]);
    mutation::SendMessage bad = world.message(hooked.group, hooked.users[0]);
    bad.parent = world.template next_id<MessageId>();
    const auto answers = world.commit({good, bad, world.message(hooked.group, hooked.users[1])});
    CHECK(answers[0].ok());
    CHECK_FALSE(answers[1].ok());
    CHECK(answers[2].ok());
    CHECK(hooked.due().size() == 2);
}

STORAGE_TEST("a lease excludes others until it ends, and only its owner renews it") {
    WebhookWorld hooked(kind.make());
    hooked.world.send(hooked.group, hooked.users[0]);
    const Timestamp start{kEver};
    const auto leased = hooked.lease(hooked.me, start, {kEver + 100});
    REQUIRE(leased.size() == 1);
    CHECK(leased[0].id == hooked.webhook);
    CHECK(leased[0].workspace == hooked.world.workspace);
    CHECK(leased[0].url == "https://shop.example/hook");
    CHECK(leased[0].secrets == std::vector<SigningSecret>{{.text = "whsec_secret"}});
    CHECK(hooked.lease(hooked.other, {kEver + 99}, {kEver + 200}).empty());
    CHECK(hooked.lease(hooked.me, {kEver + 99}, {kEver + 300}).size() == 1);
    CHECK(hooked.lease(hooked.other, {kEver + 299}, {kEver + 400}).empty());
    CHECK(hooked.lease(hooked.other, {kEver + 300}, {kEver + 400}).size() == 1);
    // A worker that lost it may still report the result of an attempt, but learns that it must stop.
    const auto row = hooked.due().front().row;
    const Committed done = hooked.finish({hooked.result(row, Outcome::delivered)});
    CHECK(std::holds_alternative<Done>(done.object));
    CHECK(hooked.due().empty());
    CHECK(hooked.lease(hooked.other).empty());
}

STORAGE_TEST("opening the storage ends the leases of dead workers") {
    WebhookWorld hooked(kind.make());
    hooked.world.send(hooked.group, hooked.users[0]);
    CHECK(hooked.lease(hooked.me).size() == 1);
    if (!hooked.world.kind().persistent()) return;
    hooked.world.reopen();
    // Where other nodes share the storage, the worker may live: its lease has to end.
    CHECK(hooked.lease(hooked.other).size() == (kind.shared ? 0 : 1));
}

STORAGE_TEST("a delivered event is finished, and a failed one is due at its retry time") {
    WebhookWorld hooked(kind.make());
    hooked.world.send(hooked.group, hooked.users[0]);
    hooked.world.send(hooked.group, hooked.users[0]);
    CHECK(hooked.lease(hooked.me).size() == 1);
    const auto rows = hooked.due();
    REQUIRE(rows.size() == 2);
    CHECK(hooked.due(hooked.webhook, {kEver}, {rows[0].row}).size() == 1);
    CHECK(hooked.due(hooked.webhook, {kEver}, {}, false, 1).front().row == rows[0].row);
    const LeasedWebhook after = object<LeasedWebhook>(
        hooked.finish({hooked.result(rows[0].row, Outcome::retry), hooked.result(rows[1].row, Outcome::delivered)}));
    CHECK(after.failed_attempts == 0);
    CHECK(hooked.due().empty());
    CHECK(hooked.next_due() == Timestamp{kEver + 30'000});
    const auto again = hooked.due(hooked.webhook, {kEver + 30'000});
    REQUIRE(again.size() == 1);
    CHECK(again[0].row == rows[0].row);
    CHECK(again[0].attempts == 1);
    CHECK(again[0].event.id == rows[0].event.id);
    const auto list = hooked.deliveries();
    REQUIRE(list.size() == 2);
    CHECK(list[0].status == DeliveryStatus::delivered);
    CHECK(list[0].attempts == 1);
    CHECK(list[0].delivered_at.has_value());
    CHECK_FALSE(list[0].next_attempt_at.has_value());
    CHECK(list[1].status == DeliveryStatus::pending);
    CHECK(list[1].last_status_code == 500);
    CHECK(list[1].last_error == "status 500");
    CHECK(list[1].next_attempt_at == Timestamp{kEver + 30'000});
    // The same result again changes nothing: the row is no longer pending.
    hooked.finish({hooked.result(rows[1].row, Outcome::failed)});
    CHECK(hooked.deliveries()[0].status == DeliveryStatus::delivered);
}

STORAGE_TEST("new deliveries and retries share the places") {
    WebhookWorld hooked(kind.make());
    for (int i = 0; i < 6; ++i) hooked.world.send(hooked.group, hooked.users[0]);
    CHECK(hooked.lease(hooked.me).size() == 1);
    const auto rows = hooked.due();
    REQUIRE(rows.size() == 6);
    std::vector<DeliveryResult> results;
    for (int i = 0; i < 3; ++i) results.push_back(hooked.result(rows[static_cast<std::size_t>(i)].row, Outcome::retry));
    hooked.finish(std::move(results));
    const auto four = hooked.due(hooked.webhook, {kEver + 30'000}, {}, false, 4);
    REQUIRE(four.size() == 4);
    CHECK(four[0].row == rows[0].row);
    CHECK(four[1].row == rows[1].row);
    CHECK(four[2].row == rows[3].row);
    CHECK(four[3].row == rows[4].row);
    CHECK(hooked.due(hooked.webhook, {kEver + 30'000}).size() == 6);
}

STORAGE_TEST("while an endpoint is down, only its oldest delivery is due") {
    WebhookWorld hooked(kind.make());
    for (int i = 0; i < 7; ++i) hooked.world.send(hooked.group, hooked.users[0]);
    CHECK(hooked.lease(hooked.me).size() == 1);
    const auto rows = hooked.due();
    std::vector<DeliveryResult> results;
    for (int i = 0; i < 5; ++i) results.push_back(hooked.result(rows[static_cast<std::size_t>(i)].row, Outcome::retry));
    CHECK(object<LeasedWebhook>(hooked.finish(std::move(results))).is_down());
    CHECK(hooked.next_due() == Timestamp{kEver + 30'000});
    CHECK(hooked.lease(hooked.me, {kEver + 29'999}, {kEver + 40'000}).empty());
    CHECK(hooked.due(hooked.webhook, {kEver + 29'999}, {}, true).empty());
    const auto oldest = hooked.due(hooked.webhook, {kEver + 30'000}, {}, true);
    REQUIRE(oldest.size() == 1);
    CHECK(oldest[0].row == rows[0].row);
    CHECK(hooked.due(hooked.webhook, {kEver + 30'000}, {rows[0].row}, true).empty());
    CHECK(hooked.lease(hooked.me, {kEver + 30'000}, {kEver + 40'000}).size() == 1);
    CHECK_FALSE(object<LeasedWebhook>(hooked.finish({hooked.result(rows[0].row, Outcome::delivered)})).is_down());
}

STORAGE_TEST("twenty-four deliveries in a row that finally failed disable a webhook") {
    WebhookWorld hooked(kind.make());
    for (int i = 0; i < 26; ++i) hooked.world.send(hooked.group, hooked.users[0]);
    CHECK(hooked.lease(hooked.me).size() == 1);
    const auto rows = hooked.due();
    for (std::size_t i = 0; i < 23; ++i) hooked.finish({hooked.result(rows[i].row, Outcome::failed)});
    CHECK(hooked.state().enabled);
    CHECK(std::holds_alternative<Done>(hooked.finish({hooked.result(rows[23].row, Outcome::failed)}).object));
    const Webhook disabled = hooked.state();
    CHECK_FALSE(disabled.enabled);
    CHECK(disabled.disabled_reason == "24 deliveries in a row failed, the last one with: status 500");
    CHECK(disabled.disabled_at.has_value());
    // Pending deliveries wait, none is added, and nobody leases the webhook.
    CHECK(hooked.due().size() == 2);
    CHECK_FALSE(hooked.world.run(hooked.world.message(hooked.group, hooked.users[0])).outbox);
    CHECK(hooked.due().size() == 2);
    CHECK(hooked.lease(hooked.me).empty());
    CHECK_FALSE(hooked.next_due().has_value());
    const Committed enabled = hooked.world.run(mutation::UpdateWebhook{
        .workspace = hooked.world.workspace, .webhook = hooked.webhook, .enabled = true, .at = hooked.world.tick()});
    CHECK(enabled.outbox);
    CHECK_FALSE(object<Webhook>(enabled).disabled_reason.has_value());
    const auto leased = hooked.lease(hooked.me);
    REQUIRE(leased.size() == 1);
    CHECK(leased[0].failed_attempts == 0);
    hooked.finish({hooked.result(rows[24].row, Outcome::failed)});
    CHECK(hooked.state().enabled);
}

STORAGE_TEST("an endpoint that is gone disables its webhook at once") {
    WebhookWorld hooked(kind.make());
    hooked.world.send(hooked.group, hooked.users[0]);
    CHECK(hooked.lease(hooked.me).size() == 1);
    hooked.finish({hooked.result(hooked.due().front().row, Outcome::disable)});
    CHECK_FALSE(hooked.state().enabled);
    CHECK(hooked.state().disabled_reason == "the endpoint answered 410 Gone");
    CHECK(hooked.deliveries().front().status == DeliveryStatus::failed);
}

STORAGE_TEST("a ping goes to one webhook, whatever it subscribes to") {
    WebhookWorld hooked(kind.make(), {WebhookEvent::user_created});
    World& world = hooked.world;
    const Committed done =
        world.run(mutation::PingWebhook{.workspace = world.workspace, .webhook = hooked.webhook, .at = world.tick()});
    CHECK(done.outbox);
    const Delivery delivery = object<Delivery>(done);
    CHECK(delivery.event == WebhookEvent::ping);
    CHECK(hooked.events() == std::vector{WebhookEvent::ping});
    CHECK(hooked.due().front().event.id == delivery.event_id);
    CHECK(hooked.lease(hooked.me).size() == 1);
    mutation::UpdateWebhook off{.workspace = world.workspace, .webhook = hooked.webhook, .enabled = false};
    off.at = world.tick();
    world.run(off);
    mutation::PingWebhook again{.workspace = world.workspace, .webhook = hooked.webhook, .at = world.tick()};
    CHECK(code_of(world.attempt(again)) == ErrorCode::conflict);
    again.workspace = world.add_workspace();
    CHECK(code_of(world.attempt(again)) == ErrorCode::not_found);
}

STORAGE_TEST("a delivery can be retried, finished or not") {
    WebhookWorld hooked(kind.make());
    World& world = hooked.world;
    world.send(hooked.group, hooked.users[0]);
    const DueDelivery first = hooked.due().front();
    CHECK(hooked.lease(hooked.me).size() == 1);
    hooked.finish({hooked.result(first.row, Outcome::retry)});
    mutation::RetryDelivery retry{
        .workspace = world.workspace, .webhook = hooked.webhook, .event = first.event.id, .at = world.tick()};
    CHECK(hooked.due().empty());
    CHECK(world.run(retry).outbox);
    REQUIRE(hooked.due().size() == 1);
    CHECK(hooked.due().front().attempts == 1);
    hooked.finish({hooked.result(first.row, Outcome::failed)});
    CHECK(hooked.due().empty());
    const Delivery retried = object<Delivery>(world.run(retry));
    CHECK(retried.status == DeliveryStatus::pending);
    CHECK(retried.attempts == 0);
    CHECK_FALSE(retried.last_error.has_value());
    CHECK(hooked.due().front().attempts == 0);
    CHECK(hooked.next_due().has_value());
    retry.event = world.template next_id<EventId>();
    CHECK(code_of(world.attempt(retry)) == ErrorCode::not_found);
}

STORAGE_TEST("webhooks are limited, changed, listed and deleted within their workspace") {
    WebhookWorld hooked(kind.make());
    World& world = hooked.world;
    mutation::CreateWebhook second = world.webhook({WebhookEvent::user_deleted});
    second.max_webhooks = 1;
    CHECK(code_of(world.attempt(second)) == ErrorCode::validation_error);
    second.max_webhooks = 2;
    world.run(second);
    const auto list = [&](WorkspaceId workspace, std::optional<WebhookId> after, std::int64_t limit) {
        return world.read([&](Reader& r) { return must(r.outbox().list(workspace, after, limit)); });
    };
    REQUIRE(list(world.workspace, std::nullopt, 10).size() == 2);
    CHECK(list(world.workspace, hooked.webhook, 10).front().id == second.id);
    CHECK(list(world.workspace, std::nullopt, 1).front().id == hooked.webhook);
    const WorkspaceId elsewhere = world.add_workspace();
    CHECK(list(elsewhere, std::nullopt, 10).empty());

    mutation::UpdateWebhook update{.workspace = world.workspace, .webhook = hooked.webhook, .url = "http://other/"};
    update.events = WebhookEvents{WebhookEvent::channel_deleted};
    update.at = world.tick();
    const Webhook changed = object<Webhook>(world.run(update));
    CHECK(changed.url == "http://other/");
    CHECK(hooked.state().events == WebhookEvents{WebhookEvent::channel_deleted});
    CHECK_FALSE(world.run(update).changed);
    CHECK_FALSE(world.run(world.message(hooked.group, hooked.users[0])).outbox);
    update.workspace = elsewhere;
    CHECK(code_of(world.attempt(update)) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(mutation::DeleteWebhook{elsewhere, hooked.webhook})) == ErrorCode::not_found);

    world.run(mutation::PingWebhook{.workspace = world.workspace, .webhook = hooked.webhook, .at = world.tick()});
    world.run(mutation::DeleteWebhook{world.workspace, hooked.webhook});
    CHECK(list(world.workspace, std::nullopt, 10).size() == 1);
    CHECK(hooked.due().empty());
    CHECK(hooked.deliveries().empty());
    CHECK(hooked.lease(hooked.me).empty());
    CHECK(code_of(world.attempt(mutation::DeleteWebhook{world.workspace, hooked.webhook})) == ErrorCode::not_found);
    while (must(world.storage().maintain())) {
    }
}

STORAGE_TEST("deliveries are listed in pages, newest first") {
    WebhookWorld hooked(kind.make());
    for (int i = 0; i < 5; ++i) hooked.world.send(hooked.group, hooked.users[0]);
    std::vector<EventId> seen;
    std::optional<std::int64_t> before;
    do {
        const auto page =
            hooked.world.read([&](Reader& r) { return must(r.outbox().deliveries(hooked.webhook, before, 2)); });
        CHECK(page.items.size() <= 2);
        for (const Delivery& each : page.items) seen.push_back(each.event_id);
        before = page.next;
    } while (before);
    const auto rows = hooked.due();
    REQUIRE(seen.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) CHECK(seen[i] == rows[4 - i].event.id);
    const auto found = hooked.world.read(
        [&](Reader& r) { return must(r.outbox().find_delivery(hooked.webhook, rows[3].event.id)); });
    CHECK(found->event_id == rows[3].event.id);
}

STORAGE_TEST("a delivery due later than any schedule allows is due now, because the clock was wrong") {
    WebhookWorld hooked(kind.make());
    hooked.world.send(hooked.group, hooked.users[0]);
    hooked.world.send(hooked.group, hooked.users[0]);
    REQUIRE(hooked.lease(hooked.me).size() == 1);
    const auto rows = hooked.due();
    REQUIRE(rows.size() == 2);
    hooked.finish({hooked.result(rows[0].row, Outcome::retry), hooked.result(rows[1].row, Outcome::retry)});
    const auto first = hooked.next_due();
    REQUIRE(first);
    const std::int64_t delay = kWebhookLongestDelay.count();
    const Timestamp possible{first->milliseconds - delay};
    const Timestamp too_far{possible.milliseconds - 1};
    const auto until = [](Timestamp now) { return Timestamp{now.milliseconds + 1000}; };
    for (const bool oldest_only : {false, true}) {
        CHECK(hooked.due(hooked.webhook, possible, {}, oldest_only).empty());
        CHECK(hooked.due(hooked.webhook, too_far, {}, oldest_only).size() == (oldest_only ? 1U : 2U));
        CHECK(hooked.due(hooked.webhook, {}, {rows[0].row}, oldest_only).size() == (oldest_only ? 0U : 1U));
        CHECK(hooked.due(hooked.webhook, {}, {}, oldest_only, 1).size() == 1);
    }
    CHECK(hooked.lease(hooked.me, possible, until(possible)).empty());
    CHECK(hooked.lease(hooked.me, too_far, until(too_far)).size() == 1);
    // The same holds for the end of a lease.
    CHECK(hooked.lease(hooked.other, too_far, until(too_far)).empty());
    const Timestamp set_back{until(too_far).milliseconds - delay - 1};
    CHECK(hooked.lease(hooked.other, set_back, until(set_back)).size() == 1);
}

}  // namespace cariosan::test
