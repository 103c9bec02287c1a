// No statement scans a whole table, or sorts where an index has the order.
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <set>
#include <string_view>
#include <thread>

#include "conformance/fault_scenario.hpp"
#include "conformance/searching.hpp"

namespace cariosan::test {
namespace {

/// Records every statement that any connection of this process runs during its lifetime.
class StatementRecorder {
  public:
    StatementRecorder() {
        statements().clear();
        sqlite3_auto_extension(reinterpret_cast<void (*)()>(&watch));
    }
    ~StatementRecorder() { sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(&watch)); }
    StatementRecorder(const StatementRecorder&) = delete;
    StatementRecorder& operator=(const StatementRecorder&) = delete;

    /// SQLite passes no context to the function that it calls for a new connection.
    static std::set<std::string>& statements() {
        static std::set<std::string> all;
        return all;
    }
    /// The search index has its own thread.
    static std::mutex& mutex() {
        static std::mutex one;
        return one;
    }

  private:
    static int watch(sqlite3* db, char**, const void*) {
        return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, &record, nullptr);
    }
    static int record(unsigned, void*, void* statement, void*) {
        auto* prepared = static_cast<sqlite3_stmt*>(statement);
        // The file of the search index has other tables.
        const char* file = sqlite3_db_filename(sqlite3_db_handle(prepared), "main");
        if (file == nullptr || std::string_view(file).ends_with("-search")) return 0;
        const std::lock_guard lock(mutex());
        statements().insert(sqlite3_sql(prepared));
        return 0;
    }
};

std::vector<std::string> plan_of(sqlite3* db, const std::string& sql) {
    std::vector<std::string> lines;
    sqlite3_stmt* statement = nullptr;
    const std::string explain = "EXPLAIN QUERY PLAN " + sql;
    REQUIRE(sqlite3_prepare_v2(db, explain.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        lines.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 3)));
    }
    sqlite3_finalize(statement);
    return lines;
}

bool is_query(const std::string& sql) {
    return std::ranges::any_of(std::vector<std::string>{"SELECT", "INSERT", "UPDATE", "DELETE"},
                               [&](const std::string& word) { return sql.starts_with(word); });
}

/// Scans of something short: a few parameters, a page that was already cut, lists of what waits for a purge or is leased.
bool is_harmless(const std::string& line) {
    const std::vector<std::string> known{"SCAN j VIRTUAL TABLE",
                                         "SCAN page",
                                         "SCAN few",
                                         "SCAN CONSTANT ROW",
                                         "SCAN sqlite_master",
                                         "SCAN sqlite_sequence",
                                         "SCAN (subquery",
                                         "SCAN channels USING INDEX channels_deleted",
                                         "SCAN workspaces USING INDEX workspaces_deleted",
                                         "SCAN u USING INDEX users_in_deletion",
                                         // Webhooks with pending deliveries, to be cleared, or leased: few among all.
                                         "SCAN webhooks USING INDEX webhooks_leased",
                                         "SCAN webhooks USING INDEX webhooks_to_clear",
                                         "SCAN webhooks USING COVERING INDEX webhooks_leased",
                                         "SCAN h USING INDEX webhooks_with_work",
                                         "SCAN push_jobs USING COVERING INDEX push_jobs_leased",
                                         "SCAN push_jobs USING INDEX push_jobs_leased",
                                         // Only reads its first row.
                                         "SCAN push_jobs USING COVERING INDEX push_jobs_by_due"};
    return !line.starts_with("SCAN") ||
           std::ranges::any_of(known, [&](const std::string& start) { return line.starts_with(start); });
}

void use_push(World& world, const std::vector<UserId>& users, ChannelId group) {
    auto device = world.registering(users[1], "one");
    device.max_devices = 2;
    world.run(device);
    device.platform = DevicePlatform::web;
    world.run(device);
    world.run(world.registering(users[0], "one"));
    world.run(world.registering(users[1], "two"));
    world.run(world.unregistering(users[1], "two"));
    mutation::SendMessage send = world.message(group, users[0]);
    send.push = true;
    world.run(send);
    for (int round = 0; round < 3; ++round) {
        const mutation::LeasePushJobs lease{.now = send.at, .until = {send.at.milliseconds + 1}, .limit = 10};
        for (const PushJob& job : object<LeasedPushJobs>(world.run(lease)).jobs) {
            world.read([&](Reader& r) {
                must(r.push().part(job.row, {.everyone = 0}));
                must(r.push().part(job.row, {}));
                return must(r.push().backlog());
            });
            mutation::FinishPushPart finish{.row = job.row, .retry_at = send.at};
            if (round == 0) finish.next = users[0];
            if (round == 1) finish.retry = {DeviceRow{1}};
            world.run(finish);
        }
    }
    world.run(mutation::LeasePushJobs{.now = send.at, .until = send.at, .limit = 10});
    world.reopen({.search = true});
    world.read([&](Reader& r) { return must(r.user_data().devices(world.workspace, users[0], {}, 10)); });
}

void use_files(World& world, const std::vector<UserId>& users, ChannelId group) {
    mutation::SendMessage send = world.message(group, users[0]);
    send.attachment_url = "https://chat.example.com/v1/files/shop/2026/01/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/a.png";
    world.run(world.deleting(object<Message>(world.run(send)), users[0]));
    world.read([&](Reader& r) {
        must(r.messages().names_file("shop/2026/01/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/a.png"));
        return must(r.messages().erased_files(0, 10)).size();
    });
    world.run(mutation::ForgetErasedFiles{{1}});
}

void use_webhooks(World& world) {
    mutation::CreateWebhook create = world.webhook(WebhookEvents::of_bits(0xffff));
    create.max_webhooks = 20;
    world.run(create);
    const Delivery ping = std::get<Delivery>(
        world.run(mutation::PingWebhook{.workspace = world.workspace, .webhook = create.id, .at = world.tick()}).object);
    const mutation::RetryDelivery retry{
        .workspace = world.workspace, .webhook = create.id, .event = ping.event_id, .at = world.tick()};
    world.run(retry);
    const auto rows = world.read([&](Reader& r) {
        OutboxReader& outbox = r.outbox();
        must(outbox.find(world.workspace, create.id));
        must(outbox.list(world.workspace, std::nullopt, 10));
        must(outbox.deliveries(create.id, std::nullopt, 10));
        must(outbox.find_delivery(create.id, ping.event_id));
        must(outbox.next_due());
        must(outbox.due(create.id, world.tick(), {}, true, 1));
        return must(outbox.due(create.id, world.tick(), {}, false, 10));
    });
    mutation::FinishDeliveries finish{.webhook = create.id};
    for (const DueDelivery& each : rows) {
        finish.results.push_back(
            {.row = each.row, .outcome = DeliveryResult::Outcome::disable, .at = world.tick()});
    }
    world.run(finish);
    mutation::RotateWebhookSecret rotate{.workspace = world.workspace, .webhook = create.id, .secret = "whsec_new", .at = world.tick()};
    rotate.key = mutation::RequestKey{.text = "rotate", .hash = {}};
    world.run(rotate);
    world.run(rotate);
    mutation::UpdateWebhook enable{.workspace = world.workspace, .webhook = create.id, .enabled = true};
    enable.at = world.tick();
    world.run(enable);
    world.run(retry);
    world.run(mutation::DeleteWebhook{world.workspace, create.id});
    while (must(world.storage().maintain())) {
    }
}

void use_everything(World& world) {
    FaultScenario scenario(world);
    scenario.prepare();
    scenario.run();
    scenario.check();
    const auto users = world.add_users(2);
    world.add_direct(users[0], users[1]);
    const ChannelId group = world.add_group(users);
    mutation::SendMessage parent = world.message(group, users[0]);
    parent.idempotency_key = "key";
    parent.mentions = {{users[1], "", ""}};
    world.run(parent);
    mutation::SendMessage reply = world.message(group, users[1]);
    reply.parent_key = "key";
    world.run(reply);
    mutation::SendMessage early = world.message(group, users[1]);
    early.idempotency_key = "early";
    early.parent_key = "later";
    early.parent_follows = true;
    world.run(early);
    mutation::SendMessage later = world.message(group, users[1]);
    later.idempotency_key = "later";
    world.run(later);
    world.run(early);
    const Message reacted = world.send(group, users[0]);
    mutation::AddReaction react = world.reacting(reacted, users[1], "a");
    react.max_emoji = 2;
    world.run(react);
    world.run(world.reacting(reacted, users[1], "b"));
    world.run(world.unreacting(reacted, users[1], "b"));
    world.run(world.reacting(reacted, users[1], "a"));
    mutation::EditMessage edit = world.editing(reacted, users[0], "edited");
    edit.mentions = {users[1]};
    world.run(edit);
    edit.mentions = {users[0]};
    world.run(edit);
    world.run(world.deleting(reacted, users[0]));
    use_files(world, users, group);
    const Message unread = world.send(group, users[0]);
    world.run(world.deleting(unread, users[0]));
    world.run(world.reading(group, users[1], 1));
    world.run(mutation::UpdateUser{.workspace = world.workspace, .user = users[0], .name = "New", .at = world.tick()});
    use_webhooks(world);
    world.run(mutation::RecordLastSeen{{{users[0], world.tick()}}});
    mutation::AddMembers add = world.adding(group, {world.add_user("third")});
    add.max_memberships = 1;
    world.run(add);
    mutation::CreateChannel limited = world.group(users);
    limited.max_memberships = 1;
    CHECK_FALSE(world.attempt(limited).ok());
    world.run(world.silencing(users[1]));
    world.run(world.silencing(users[1], group));
    CHECK_FALSE(world.attempt(world.message(group, users[1])).ok());
    world.run(world.unsilencing(users[1]));
    const ModerationMatch found{.id = world.next_id<ModerationRecordId>(), .excerpt = "***"};
    mutation::SendMessage refused = world.message(group, users[1]);
    refused.as_user = false;
    refused.matches = {found};
    const mutation::RecordModeration refusal{.refused = refused, .silence_until = Timestamp{1}};
    world.run(refusal);
    world.run(world.blocking(users[0], users[1]));
    mutation::SendMessage hidden = world.message(group, users[1]);
    hidden.as_user = false;
    hidden.mentions = {{users[0], "", ""}};
    world.run(hidden);
    world.run(world.reading(group, users[0], 1));
    world.run(world.blocking(users[1], users[0]));
    world.run(world.unblocking(users[1], users[0]));
    use_push(world, users, group);
    const UserId leaving = world.add_user("leaving");
    const ChannelId pair = world.add_direct(users[0], leaving);
    const ChannelId own = world.add_group({leaving, users[0]});
    const Message last = world.send(own, leaving);
    world.run(world.reacting(last, leaving, "a"));
    world.run(world.silencing(leaving));
    world.run(mutation::DeleteUser{.workspace = world.workspace, .user = leaving, .erase = true, .at = world.tick()});
    CHECK_FALSE(world.attempt(world.message(pair, users[0])).ok());
    CHECK_FALSE(world.attempt(world.removing(own, leaving)).ok());
    world.read([&](Reader& r) {
        UserDataReader& data = r.user_data();
        must(data.deletions(10));
        must(data.ending_memberships(world.workspace, leaving, 10));
        must(data.erasable_messages(world.workspace, leaving, {}, 10));
        must(data.memberships(world.workspace, leaving, {}, 10));
        must(data.messages(world.workspace, leaving, {}, 10));
        must(data.reactions(world.workspace, leaving, {}, 10));
        must(data.mentions(world.workspace, users[1], {}, 10));
        must(data.silences(world.workspace, users[1], {}, 10));
        must(data.moderation(world.workspace, users[1], {}, 10));
        must(data.reports(world.workspace, users[1], {}, 10));
        return 0;
    });
    for (int i = 0; i < 2; ++i) world.run(mutation::FinishDeletion{world.workspace, leaving});
    const WorkspaceId other = world.add_workspace();
    world.add_user("x", other);
    world.run(mutation::RotateSecret{.workspace = other, .api_key = "pk_other", .at = world.tick()});
    world.run(mutation::UpdateWorkspace{.workspace = other, .name = "Other", .moderation = ModerationPatch{.enabled = true}});
    world.run(mutation::DeleteWorkspace{.workspace = other, .at = world.tick()});
    while (must(world.storage().maintain())) {
    }
    world.read([&](Reader& r) {
        must(r.workspaces().list(std::nullopt, 10));
        must(r.workspaces().find_api_key("pk"));
        must(r.workspaces().present_api_key(world.workspace));
        must(r.workspaces().idempotency_secret(world.workspace));
        must(r.users().list(world.workspace, std::nullopt, 10));
        must(r.users().find_external(world.workspace, "x"));
        must(r.users().find(world.workspace, users[0]));
        WorkBudget budget(1'000);
        must(r.users().sharing(world.workspace, users[0], users, budget));
        must(r.channels().list(world.workspace, std::nullopt, 10));
        must(r.channels().find_external(world.workspace, "x"));
        must(r.channels().list_of(world.workspace, users[0], {.limit = 10, .members = 5}));
        must(r.channels().positions_of(world.workspace, users[0]));
        must(r.channels().unread_total(world.workspace, users[0]));
        must(r.channels().preferences_of(world.workspace, users[1], 0, 10));
        must(r.messages().find(group, parent.id));
        must(r.messages().reactions(group, reacted.id, {}, 10));
        must(r.messages().find_sent(group, users[0], "key"));
        must(r.messages().page(group, {.from = 1, .to = 10}));
        must(r.changes().count(group, 0, 10));
        must(r.members().receipts(group, std::nullopt, 10));
        const Channel channel = *must(r.channels().find(world.workspace, group));
        must(r.changes().page(channel, users[0], {.receipts_since = -1, .own_receipt_only = true}));
        must(r.changes().page(channel, users[0], {.receipts_since = -1}));
        must(r.blocks().of(world.workspace, users[0]));
        must(r.blocks().list(world.workspace, users[0], std::nullopt, 10));
        must(r.workspaces().moderation(world.workspace));
        must(r.moderation().list(world.workspace, {}));
        must(r.moderation().list(world.workspace, {.user = users[1]}));
        must(r.moderation().list(world.workspace, {.channel = group}));
        must(r.moderation().find(world.workspace, found.id));
        must(r.silences().find(group, users[1], Timestamp{}));
        must(r.silences().list(world.workspace, std::nullopt, 10, Timestamp{}));
        // Unavailable until the index has its file; later searches use the same statements.
        for (int i = 0; i < 1000; ++i) {
            SearchRange range{.terms = {{"hello", true}}, .channel = {}};
            const auto everywhere = search(r, world.workspace, users[0], range);
            range.channel = group;
            if (everywhere && !everywhere->found.empty() && search(r, world.workspace, users[0], range)) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return 0;
    });
}

}  // namespace

TEST_CASE("sqlite: every statement finds its rows by an index") {
    const StatementRecorder recorder;
    World world(std::make_unique<SqliteFile>(), {.search = true});
    use_everything(world);
    world.close();
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(world.kind().path("chat.db").c_str(), &db) == SQLITE_OK);
    const std::set<std::string> statements = StatementRecorder::statements();
    int queries = 0;
    int sorts = 0;
    for (const std::string& sql : statements) {
        if (!is_query(sql)) continue;
        ++queries;
        CAPTURE(sql);
        for (const std::string& line : plan_of(db, sql)) {
            CAPTURE(line);
            CHECK(is_harmless(line));
            // A user has up to ten thousand channels: whoever goes over them seeks only those that are wanted.
            if (line.find("members_of_user") != std::string::npos) CHECK(line.find("COVERING") != std::string::npos);
            if (line.starts_with("USE TEMP B-TREE")) ++sorts;
        }
    }
    sqlite3_close(db);
    CHECK(queries > 60);
    // A user's channels, the mentions and the reactions of a page, the receipts of a small channel, the first of several
    // messages with one key, the successor of a last admin, the longest waiting deliveries, mentioned users with devices,
    // retried pushes, which of a user's few devices were used last, and which of a workspace's few secrets expire last.
    CHECK(sorts == 11);
}

}  // namespace cariosan::test
