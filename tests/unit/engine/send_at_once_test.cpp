// A send or an import whose names are cached goes to the writer without a snapshot, and otherwise behaves the same.
#include <cariosan/engine.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <cariosan/adapters/memory.hpp>
#include <chrono>
#include <cstdint>
#include <latch>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/cache/plan_cache.hpp"
#include "support/manual_clock.hpp"
#include "unit/engine/gate_storage.hpp"

using namespace cariosan;
using namespace std::chrono_literals;

namespace {

SendMessage keyed(std::string text, std::string key) {
    SendMessage command = Shop::message(std::move(text));
    command.idempotency_key = std::move(key);
    return command;
}

EngineOptions with_sends_per_minute(std::int64_t sends) {
    EngineOptions options;
    options.rates.sends_per_minute = sends;
    options.rates.reads_per_second = 5;
    return options;
}

template <class C>
ErrorCode refusal(Shop& shop, const Caller& caller, const C& command) {
    const auto answer = shop.engine->run(caller, command);
    REQUIRE_FALSE(answer.ok());
    return answer.error().code;
}

}  // namespace

TEST_CASE("at once: a send whose names are cached begins no snapshot, with or without other nodes") {
    bool among_nodes = false;
    SUBCASE("one node") {}
    SUBCASE("several nodes") { among_nodes = true; }
    EngineOptions options;
    const auto clock = std::make_shared<test::ManualClock>();  // time stands still, so nothing cached expires
    if (among_nodes) {
        options.event_bus = memory_cluster()->event_bus();
        options.clock = clock;
    }
    Shop shop(std::move(options));
    const Caller by_id = Caller::user(shop.workspace, shop.engine->run(shop.alice(), GetMe{}).value().user.id);
    SendMessage to_id = Shop::message("to the id");
    to_id.channel = shop.channel.to_string();
    SendMessage mentioning = Shop::message("@budi");
    mentioning.mentions = {"budi"};
    SendMessage by_backend = Shop::message("from the backend");
    by_backend.user = "alice";
    const auto send_all = [&](const std::string& round) {
        (void)shop.engine->run(shop.alice(), Shop::message("plain")).value();
        (void)shop.engine->run(shop.alice(), keyed("keyed", round)).value();
        (void)shop.engine->run(by_id, Shop::message("by id")).value();
        (void)shop.engine->run(shop.alice(), to_id).value();
        CHECK(shop.engine->run(shop.alice(), mentioning).value().mentions.size() == 1);
        (void)shop.engine->run(Caller::backend(shop.workspace), by_backend).value();
    };
    send_all("first");
    // What the engine reads by itself at its start may begin late, but only once.
    bool without = false;
    for (int round = 0; round < 5 && !without; ++round) {
        const int before = shop.read_gate->snapshots();
        send_all(std::to_string(round));
        without = shop.read_gate->snapshots() == before;
    }
    CHECK(without);
}

TEST_CASE("at once: the next send knows about a change") {
    Shop shop;
    (void)shop.engine->run(shop.alice(), Shop::message("known")).value();
    const Caller backend = Caller::backend(shop.workspace);

    UpdateUser rename;
    rename.user = "alice";
    rename.name = "Alice B.";
    (void)shop.engine->run(backend, rename).value();
    CHECK(shop.engine->run(shop.alice(), Shop::message("renamed")).value().user.name == "Alice B.");

    UpdateWorkspace moderate;
    moderate.moderation = ModerationPatch{};
    moderate.moderation->enabled = true;
    moderate.moderation->blocklist = std::vector<std::string>{"kambing"};
    (void)shop.engine->run(backend, moderate).value();
    CHECK(shop.engine->run(shop.alice(), Shop::message("Halo lagi")).ok());
    const Result<Message> judged = shop.engine->run(shop.alice(), Shop::message("kambing"));
    CHECK((!judged || judged->content != "kambing"));

    const Caller budi = Caller::user(shop.workspace, "budi");
    (void)shop.engine->run(budi, Shop::message("still here")).value();
    RemoveMember remove;
    remove.channel = "order_1";
    remove.user = "budi";
    (void)shop.engine->run(backend, remove).value();
    CHECK(refusal(shop, budi, Shop::message("gone")) == ErrorCode::not_a_member);

    (void)shop.engine->run(backend, DeleteUser{.user = "budi"}).value();
    CHECK(refusal(shop, budi, Shop::message("deleted")) == ErrorCode::unauthorized);

    (void)shop.engine->run(backend, DeleteChannel{.channel = "order_1"}).value();
    CHECK(refusal(shop, shop.alice(), Shop::message("nowhere")) == ErrorCode::not_found);
}

TEST_CASE("at once: a user created again with an external id is the new one") {
    Shop shop;
    (void)shop.engine->run(shop.alice(), Shop::message("the first")).value();
    const Caller backend = Caller::backend(shop.workspace);
    (void)shop.engine->run(backend, DeleteUser{.user = "alice"}).value();
    shop.backend().upsert("alice");
    CHECK(refusal(shop, shop.alice(), Shop::message("no member")) == ErrorCode::not_a_member);
    AddMembers add;
    add.channel = "order_1";
    add.external_ids = {"alice"};
    (void)shop.engine->run(backend, add).value();
    const Message sent = shop.engine->run(shop.alice(), Shop::message("the second")).value();
    CHECK_FALSE(sent.user.deleted);
    CHECK(sent.user.external_id == "alice");
}

TEST_CASE("at once: a repeat is answered as one, and charged as a read, not as a send") {
    Shop shop(with_sends_per_minute(4), true);
    const Message first = shop.engine->run(shop.alice(), keyed("Halo", "k1")).value();
    for (int i = 0; i < 4; ++i) {
        CHECK(shop.engine->run(shop.alice(), keyed("Halo", "k1")).value().id == first.id);
    }
    CHECK(refusal(shop, shop.alice(), keyed("other", "k1")) == ErrorCode::conflict);
    for (int i = 0; i < 3; ++i) CHECK(shop.engine->run(shop.alice(), Shop::message("new")).ok());
    CHECK(refusal(shop, shop.alice(), Shop::message("one too many")) == ErrorCode::rate_limited);
    // A repeat above the rate is still answered.
    CHECK(shop.engine->run(shop.alice(), keyed("Halo", "k1")).ok());
}

TEST_CASE("at once: endless repeats are limited by the rate of reads") {
    Shop shop(with_sends_per_minute(1000), true);
    (void)shop.engine->run(shop.alice(), keyed("Halo", "k1")).value();
    bool limited = false;
    for (int i = 0; i < 200 && !limited; ++i) {
        const auto again = shop.engine->run(shop.alice(), keyed("Halo", "k1"));
        limited = !again && again.error().code == ErrorCode::rate_limited;
    }
    CHECK(limited);
}

TEST_CASE("at once: a send refused by the commit costs nothing") {
    Shop shop(with_sends_per_minute(3), true);
    const Caller budi = Caller::user(shop.workspace, "budi");
    const Caller backend = Caller::backend(shop.workspace);
    (void)shop.engine->run(budi, Shop::message("known")).value();
    RemoveMember remove;
    remove.channel = "order_1";
    remove.user = "budi";
    (void)shop.engine->run(backend, remove).value();
    for (int i = 0; i < 10; ++i) {
        CHECK(refusal(shop, budi, Shop::message("no member")) == ErrorCode::not_a_member);
    }
    AddMembers add;
    add.channel = "order_1";
    add.external_ids = {"budi"};
    (void)shop.engine->run(backend, add).value();
    CHECK(shop.engine->run(budi, Shop::message("back")).ok());
    CHECK(shop.engine->run(budi, Shop::message("and again")).ok());
    CHECK(refusal(shop, budi, Shop::message("one too many")) == ErrorCode::rate_limited);
}

TEST_CASE("at once: a cached send never overtakes one that is still being read") {
    Shop shop;
    (void)shop.engine->run(shop.alice(), Shop::message("known")).value();
    // This one needs a reader, because the channel's id is not cached yet. The readers are blocked meanwhile.
    shop.read_gate->shut(ReadGate::Place::begin);
    SendMessage slow = Shop::message("first");
    slow.channel = shop.channel.to_string();
    std::latch done(2);
    std::int64_t first = 0;
    std::int64_t second = 0;
    shop.engine->submit(shop.alice(), slow, [&](Result<Message> sent) {
        first = sent.value().seq;
        done.count_down();
    });
    shop.read_gate->wait_until_reached();
    shop.engine->submit(shop.alice(), Shop::message("second"), [&](Result<Message> sent) {
        second = sent.value().seq;
        done.count_down();
    });
    shop.read_gate->open();
    done.wait();
    CHECK(first < second);
}

TEST_CASE("at once: sends that wait behind an earlier write of their caller need no snapshot when it is their turn") {
    Shop shop;
    const Caller backend = Caller::backend(shop.workspace);
    SendMessage known = Shop::message("known");
    known.user = "alice";
    (void)shop.engine->run(backend, known).value();
    const int before = shop.read_gate->snapshots();
    shop.read_gate->shut(ReadGate::Place::begin);
    SendMessage unknown = known;
    unknown.channel = shop.channel.to_string();
    constexpr int kBehind = 160;
    std::latch done(kBehind + 1);
    std::vector<std::int64_t> order;
    const auto submit = [&](const SendMessage& send) {
        shop.engine->submit(backend, send, [&](Result<Message> sent) {
            order.push_back(sent.value().seq);
            done.count_down();
        });
    };
    submit(unknown);
    shop.read_gate->wait_until_reached();
    for (int i = 0; i < kBehind; ++i) submit(known);
    shop.read_gate->open();
    done.wait();
    // One for the first of them; what the engine reads by itself at its start may come late.
    CHECK(shop.read_gate->snapshots() <= before + 3);
    CHECK(std::ranges::is_sorted(order));
}

TEST_CASE("at once: an import whose names are known begins no snapshot, and answers like one that does") {
    bool among_nodes = false;
    SUBCASE("one node") {}
    SUBCASE("several nodes") { among_nodes = true; }
    EngineOptions options;
    options.clock = std::make_shared<test::ManualClock>();  // time stands still, so nothing cached expires
    if (among_nodes) options.event_bus = memory_cluster()->event_bus();
    Shop shop(std::move(options));
    const Caller backend = Caller::backend(shop.workspace);
    ImportMessage first{.channel = "order_1", .user = "alice", .text = "first", .idempotency_key = "k1"};
    ImportMessage reply{.channel = "order_1", .user = "budi", .text = "reply", .idempotency_key = "k2", .parent_key = "k1"};
    const Message made = shop.engine->run(backend, first).value();
    const Message answer = shop.engine->run(backend, reply).value();
    CHECK(answer.parent_id == made.id);

    const auto import_again = [&](const std::string& round) {
        const auto again = shop.engine->run_any(backend, first).value();
        CHECK_FALSE(again.created);
        CHECK(again.duplicate);
        CHECK(std::get<Message>(again.answer).id == made.id);
        ImportMessage other = first;
        other.text = "other";
        CHECK(shop.engine->run(backend, other).error().code == ErrorCode::conflict);
        other.idempotency_key = "new " + round;
        CHECK(shop.engine->run_any(backend, other).value().created);
        ImportMessage dry = reply;
        dry.idempotency_key = "dry " + round;
        dry.dry_run = true;
        CHECK(shop.engine->run(backend, dry).value().parent_id == made.id);
    };
    // What the engine reads by itself at its start may begin late, but only once.
    int before = -1;
    for (int round = 0; round < 5 && shop.read_gate->snapshots() != before; ++round) {
        before = shop.read_gate->snapshots();
        import_again(std::to_string(round));
    }
    CHECK(shop.read_gate->snapshots() == before);

    // Only where other nodes may have changed something does a reader confirm a refusal.
    reply.idempotency_key = "refused";
    reply.parent_key = "nobody";
    CHECK(shop.engine->run(backend, reply).error().code == ErrorCode::validation_error);
    CHECK((shop.read_gate->snapshots() > before) == among_nodes);
}

TEST_CASE("at once: a snapshot from before a change adds nothing outdated") {
    core::PlanCache cache;
    const WorkspaceId shop{Uuid::parse("0190a7c2-0000-7000-8000-000000000001").value()};
    User alice;
    alice.id = UserId{Uuid::parse("0190a7c2-0000-7000-8000-000000000002").value()};
    alice.external_id = "alice";
    alice.name = "Alice";
    const auto before = cache.ticket(0ms);
    Committed renamed;
    renamed.object = CommittedUser{alice, {}};
    cache.forget(mutation::UpdateUser{.workspace = shop, .user = alice.id}, renamed);
    cache.keep(shop, "alice", alice, before);
    CHECK_FALSE(cache.user(shop, "alice"));
    cache.keep(shop, "alice", alice, cache.ticket(0ms));
    CHECK(cache.user(shop, "alice")->name == "Alice");
}

TEST_CASE("at once: the settings of a workspace are used for a limited time after their snapshot") {
    Workspace shop;
    shop.id = WorkspaceId{Uuid::parse("0190a7c2-0000-7000-8000-000000000001").value()};
    core::PlanCache alone;
    alone.keep(shop, alone.ticket(5ms));
    CHECK(alone.workspace(shop.id, std::chrono::hours(24 * 365)));
    core::PlanCache shared(1s);
    shared.keep(shop, shared.ticket(5ms));
    CHECK(shared.workspace(shop.id, 1004ms));
    CHECK_FALSE(shared.workspace(shop.id, 1005ms));
}

TEST_CASE("at once: an event from another node clears the cache like a local commit") {
    const WorkspaceId shop{Uuid::parse("0190a7c2-0000-7000-8000-000000000001").value()};
    core::PlanCache cache;
    User alice;
    alice.id = UserId{Uuid::parse("0190a7c2-0000-7000-8000-000000000002").value()};
    alice.external_id = "alice";
    Channel order;
    order.id = ChannelId{Uuid::parse("0190a7c2-0000-7000-8000-000000000003").value()};
    order.external_id = "order_1";
    Workspace workspace;
    workspace.id = shop;
    const auto learn = [&] {
        const auto ticket = cache.ticket(0ms);
        cache.keep(workspace, ticket);
        cache.keep(shop, "alice", alice, ticket);
        cache.keep(shop, alice.id.to_string(), alice, ticket);
        cache.keep(shop, "order_1", order.id, ticket);
        cache.keep(shop, order.id.to_string(), order.id, ticket);
    };
    const auto knows = [&] {
        std::string known;
        if (cache.workspace(shop, 0ms)) known += "w";
        if (cache.user(shop, "alice")) known += "u";
        if (cache.user(shop, alice.id.to_string())) known += "U";
        if (cache.channel(shop, "order_1")) known += "c";
        if (cache.channel(shop, order.id.to_string())) known += "C";
        return known;
    };
    const auto after = [&](EventBody body) {
        learn();
        CHECK(knows() == "wuUcC");
        const auto before = cache.ticket(0ms);
        cache.forget(Event{.workspace = shop, .channel = {}, .channel_external_id = {}, .rev = 0, .body = std::move(body)});
        const std::string known = knows();
        cache.keep(workspace, before);
        CHECK(knows() == known);  // nothing outdated is cached
        return known;
    };
    CHECK(after(WorkspaceUpdated{}) == "uUcC");
    CHECK(after(WorkspaceDeleted{}) == "uUcC");
    CHECK(after(UserUpdated{alice, {}}) == "wcC");
    CHECK(after(UserDeleted{alice.id, {}}) == "wcC");
    CHECK(after(ChannelDeleted{order}) == "wuU");
    learn();
    cache.forget_workspace(shop);
    CHECK(knows() == "uUcC");
    learn();
    cache.forget_workspaces();
    CHECK(knows() == "uUcC");
}
