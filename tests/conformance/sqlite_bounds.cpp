// Every reading method of the storage contract: its cost in steps of SQLite's virtual machine must not change while
// everything grows that it was not asked for. The test fails for a method without a line in the table, or without a stated
// bound in its comment.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>

#include "conformance/step_counter.hpp"
#include "conformance/world.hpp"
#include "support/source_folder.hpp"

namespace cariosan::test {
namespace {

/// A user whose own channels, blocks, devices and so on stay the same, surrounded by everything that others can create.
struct GrowingWorld {
    GrowingWorld() : world(std::make_unique<SqliteFile>()) {
        users = world.add_users(4);
        group = world.add_group(users);
        elsewhere = world.add_group(users);
        world.run(world.blocking(users[0], users[3]));
        mutation::SendMessage send = world.message(group, users[1]);
        send.idempotency_key = "key";
        message = object<Message>(world.run(send));
        world.run(mutation::PinMessage{.workspace = world.workspace,
                                       .channel = group,
                                       .message = message.id,
                                       .actor = users[0],
                                       .at = world.tick()});
        world.run(world.reacting(message, users[1], "a"));
        world.run(world.silencing(users[1], group));
        world.run(world.registering(users[1], "token"));
        hook = world.webhook(WebhookEvents::of_bits(0xffff)).id;
        mutation::CreateWebhook create = world.webhook(WebhookEvents::of_bits(0xffff));
        create.id = hook;
        world.run(create);
        mutation::SendMessage pushed = world.message(group, users[0]);
        pushed.push = true;
        pushed.mentions.push_back({users[1], "", ""});
        pushed.mentions.push_back({users[2], "", ""});
        world.run(pushed);
        world.run(world.registering(users[2], "another token"));
        far = world.tick();
        const Committed leased = world.run(mutation::LeasePushJobs{
            .owner = id_of<UserId>(1'000'000).uuid, .now = far, .until = far, .limit = 1});
        push_job = object<LeasedPushJobs>(leased).jobs.at(0).row;
        world.run(refused(group, users[2]));
    }

    void commit(const std::vector<Mutation>& batch) {
        for (const auto& each : world.commit(batch)) REQUIRE(each.ok());
    }
    /// A message refused by moderation; `record` keeps the last such record.
    mutation::RecordModeration refused(ChannelId channel, UserId author) {
        mutation::SendMessage send = world.message(channel, author);
        record = world.next_id<ModerationRecordId>();
        send.matches = {{.id = record, .rule = ModerationRule::flood, .action = ModerationAction::mask, .excerpt = "***"}};
        return {.refused = send};
    }
    /// Webhooks without deliveries, followed by as many deleted ones.
    void grow_webhooks(int count, std::vector<Mutation>& batch, std::vector<Mutation>& ends) {
        for (int i = 0; i < count; ++i) {
            last_hook = world.next_id<WebhookId>();
            mutation::CreateWebhook kept = world.webhook(WebhookEvents::of_bits(0));
            kept.id = last_hook;
            batch.emplace_back(kept);
        }
        for (int i = 0; i < count; ++i) {
            mutation::CreateWebhook deleted = world.webhook(WebhookEvents::of_bits(0));
            deleted.id = world.next_id<WebhookId>();
            batch.emplace_back(deleted);
            ends.emplace_back(mutation::DeleteWebhook{.workspace = world.workspace, .webhook = deleted.id});
        }
    }
    /// `count` each of messages, reactions, members with devices, former members, deleted users and channels, expired
    /// silences, webhooks, moderation records and push jobs.
    void grow(int count) {
        std::vector<Mutation> batch;
        std::vector<Mutation> ends;
        for (int i = 0; i < count; ++i) {
            const UserId other = world.add_user("other" + std::to_string(++number));
            const mutation::CreateChannel left = world.group({other, users[0]});
            batch.emplace_back(left);
            last_user = other;
            last_channel = left.new_id;
            batch.emplace_back(world.adding(group, {other}));
            batch.emplace_back(world.registering(other, "token" + std::to_string(number)));
            mutation::SendMessage said = world.message(group, users[2]);
            said.push = true;
            batch.emplace_back(said);
            batch.emplace_back(refused(group, users[2]));
            batch.emplace_back(refused(elsewhere, users[2]));
            batch.emplace_back(world.reacting(message, other, "a"));
            report = world.next_id<ReportId>();
            batch.emplace_back(mutation::FileReport{.workspace = world.workspace,
                                                    .id = report,
                                                    .reporter = other,
                                                    .user = users[2],
                                                    .reason = "spam",
                                                    .at = world.tick()});
            for (const std::optional<ChannelId> where : {std::optional<ChannelId>(), std::optional(group), std::optional(left.new_id)}) {
                auto over = world.silencing(other, where);
                over.until = far;
                batch.emplace_back(over);
            }
            ends.emplace_back(world.removing(left.new_id, users[0]));
        }
        grow_webhooks(count, batch, ends);
        // Deleted ones come after all others, in order of ids.
        for (int i = 0; i < count; ++i) {
            const UserId gone = world.add_user("gone" + std::to_string(++number));
            const mutation::CreateChannel deleted = world.group({last_user});
            batch.emplace_back(deleted);
            ends.emplace_back(mutation::DeleteChannel{.workspace = world.workspace, .channel = deleted.new_id, .at = world.tick()});
            ends.emplace_back(mutation::DeleteUser{.workspace = world.workspace, .user = gone, .at = world.tick()});
            ends.emplace_back(mutation::FinishDeletion{world.workspace, gone});
        }
        commit(batch);
        commit(ends);
        // Nothing is unread, so counting costs nothing.
        world.run(world.reading(group, users[0]));
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
    ChannelId elsewhere;
    Message message;
    ModerationRecordId record;
    ReportId report;
    std::int64_t push_job = 0;
    WebhookId hook;
    WebhookId last_hook;
    Timestamp far;
    UserId last_user;
    ChannelId last_channel;
    int number = 0;
};

using Reads = std::map<std::string, std::function<void(Reader&)>>;

Reads talk_reads(const GrowingWorld& w) {
    const WorkspaceId in = w.world.workspace;
    const UserId me = w.users[0];
    const auto channel = [in, group = w.group](Reader& r) { return *must(r.channels().find(in, group)); };
    return {
        {"ChannelReader.find", [=](Reader& r) { channel(r); }},
        {"ChannelReader.find_external", [=](Reader& r) { must(r.channels().find_external(in, "order")); }},
        {"ChannelReader.list", [=, &w](Reader& r) { CHECK(must(r.channels().list(in, w.last_channel, 1)).empty()); }},
        {"ChannelReader.list, of a type",
         [=, &w](Reader& r) {
             CHECK(must(r.channels().list(in, w.last_channel, 1, {.member = {}, .type = ChannelType::group})).empty());
         }},
        {"ChannelReader.list, of a user",
         [=, user = w.users[3]](Reader& r) { must(r.channels().list(in, std::nullopt, 10, {.member = user, .type = {}})); }},
        {"ChannelReader.list_of", [=](Reader& r) { must(r.channels().list_of(in, me, {.limit = 10, .members = 5})); }},
        {"ChannelReader.find_of", [=, group = w.group](Reader& r) { must(r.channels().find_of(in, me, group, 5)); }},
        {"ChannelReader.positions_of", [=](Reader& r) { must(r.channels().positions_of(in, me)); }},
        {"ChannelReader.unread_total", [=](Reader& r) { must(r.channels().unread_total(in, me)); }},
        {"ChannelReader.unread_by", [=, author = w.users[1]](Reader& r) { must(r.channels().unread_by(in, me, author, 10)); }},
        {"ChannelReader.preferences_of", [=](Reader& r) { must(r.channels().preferences_of(in, me, 0, 4)); }},
        {"MemberReader.find", [=, group = w.group](Reader& r) { must(r.members().find(group, me)); }},
        {"MemberReader.list", [group = w.group](Reader& r) { must(r.members().list(group, std::nullopt, 4)); }},
        {"MemberReader.receipts", [group = w.group](Reader& r) { must(r.members().receipts(group, std::nullopt, 4)); }},
        {"MessageReader.find", [=, m = w.message](Reader& r) { must(r.messages().find(m.channel_id, m.id, me)); }},
        {"MessageReader.find_sent",
         [group = w.group, author = w.users[1]](Reader& r) { must(r.messages().find_sent(group, author, "key")); }},
        {"MessageReader.page",
         [=, group = w.group](Reader& r) { must(r.messages().page(group, {.from = 1, .to = 10, .limit = 5}, me)); }},
        {"MessageReader.pins", [=, group = w.group](Reader& r) { CHECK(must(r.messages().pins(group, me)).size() == 1); }},
        {"MessageReader.erased_files", [=](Reader& r) { must(r.messages().erased_files(0, 1)); }},
        {"MessageReader.names_file",
         [=](Reader& r) { CHECK_FALSE(must(r.messages().names_file("shop/2026/01/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/a.png"))); }},
        {"MessageReader.reactions",
         [=, m = w.message](Reader& r) { must(r.messages().reactions(m.channel_id, m.id, {}, 1, me)); }},
        {"ChangeReader.count", [group = w.group](Reader& r) { must(r.changes().count(group, 0, 4)); }},
        {"ChangeReader.page",
         [=](Reader& r) { must(r.changes().page(channel(r), me, {.own_receipt_only = true, .max_items = 3})); }},
    };
}

Reads people_reads(const GrowingWorld& w) {
    const WorkspaceId in = w.world.workspace;
    const UserId me = w.users[0];
    const Timestamp later{w.far.milliseconds + 1};
    return {
        {"WorkspaceReader.find", [=](Reader& r) { must(r.workspaces().find(in)); }},
        {"WorkspaceReader.list", [](Reader& r) { must(r.workspaces().list(std::nullopt, 1)); }},
        {"WorkspaceReader.find_api_key", [](Reader& r) { must(r.workspaces().find_api_key("pk_live_1")); }},
        {"WorkspaceReader.present_api_key", [=](Reader& r) { must(r.workspaces().present_api_key(in)); }},
        {"WorkspaceReader.idempotency_secret",
         [=](Reader& r) { must(r.workspaces().idempotency_secret(in)); }},
        {"WorkspaceReader.figures", [=](Reader& r) { must(r.workspaces().figures(in, 3)); }},
        {"WorkspaceReader.moderation", [=](Reader& r) { must(r.workspaces().moderation(in)); }},
        {"UserReader.find", [=](Reader& r) { must(r.users().find(in, me)); }},
        {"UserReader.find_external", [=](Reader& r) { must(r.users().find_external(in, "user1")); }},
        {"UserReader.list", [=, &w](Reader& r) { CHECK(must(r.users().list(in, w.last_user, 1)).empty()); }},
        {"UserReader.sharing",
         [=, users = w.users](Reader& r) {
             WorkBudget budget(1'000);
             CHECK(must(r.users().sharing(in, me, users, budget)).found.size() == 3);
         }},
        {"SilenceReader.find",
         [=, group = w.group](Reader& r) { must(r.silences().find(group, me, later)); }},
        {"SilenceReader.list", [=](Reader& r) { must(r.silences().list(in, std::nullopt, 2, later)); }},
        {"BlockReader.of", [=](Reader& r) { must(r.blocks().of(in, me)); }},
        {"BlockReader.list", [=](Reader& r) { must(r.blocks().list(in, me, std::nullopt, 10)); }},
        {"ModerationReader.list",
         [=](Reader& r) { CHECK(must(r.moderation().list(in, {.limit = 3})).records.size() == 3); }},
        {"ModerationReader.list, of a user",
         [=, user = w.users[2]](Reader& r) { must(r.moderation().list(in, {.user = user, .limit = 3})); }},
        {"ModerationReader.list, of a channel",
         [=, group = w.group](Reader& r) { must(r.moderation().list(in, {.channel = group, .limit = 3})); }},
        {"ModerationReader.list, of a user in a channel",
         [=, user = w.users[2], group = w.group](Reader& r) {
             must(r.moderation().list(in, {.user = user, .channel = group, .limit = 500}));
         }},
        {"ModerationReader.reports",
         [=](Reader& r) { CHECK(must(r.moderation().reports(in, {.limit = 3})).reports.size() == 3); }},
        {"ModerationReader.reports, open ones",
         [=](Reader& r) {
             CHECK(must(r.moderation().reports(in, {.status = ReportStatus::open, .limit = 3})).reports.size() == 3);
         }},
        {"ModerationReader.find_report", [=, id = w.report](Reader& r) { must_find(r.moderation().find_report(in, id)); }},
        {"ModerationReader.find", [=, id = w.record](Reader& r) { must_find(r.moderation().find(in, id)); }},
        {"UserDataReader.memberships", [=](Reader& r) { must(r.user_data().memberships(in, me, {}, 1)); }},
        {"UserDataReader.messages", [=](Reader& r) { must(r.user_data().messages(in, me, {}, 1)); }},
        {"UserDataReader.reactions", [=](Reader& r) { must(r.user_data().reactions(in, me, {}, 1)); }},
        {"UserDataReader.mentions", [=](Reader& r) { must(r.user_data().mentions(in, me, {}, 1)); }},
        {"UserDataReader.silences", [=](Reader& r) { must(r.user_data().silences(in, me, {}, 1)); }},
        {"UserDataReader.devices", [=](Reader& r) { must(r.user_data().devices(in, me, {}, 1)); }},
        {"UserDataReader.moderation", [=](Reader& r) { must(r.user_data().moderation(in, me, {}, 1)); }},
        {"UserDataReader.reports", [=](Reader& r) { must(r.user_data().reports(in, me, {}, 1)); }},
        {"UserDataReader.deletions", [](Reader& r) { must(r.user_data().deletions(1)); }},
        {"UserDataReader.ending_memberships",
         [=](Reader& r) { must(r.user_data().ending_memberships(in, me, 10)); }},
        {"UserDataReader.erasable_messages",
         [=](Reader& r) { must(r.user_data().erasable_messages(in, me, {}, 1)); }},
    };
}

Reads outbox_reads(const GrowingWorld& w) {
    const WorkspaceId in = w.world.workspace;
    const WebhookId hook = w.hook;
    const Timestamp later{w.far.milliseconds + 1'000'000};
    return {
        {"OutboxReader.find", [=](Reader& r) { must(r.outbox().find(in, hook)); }},
        {"OutboxReader.list", [=](Reader& r) { CHECK(must(r.outbox().list(in, std::nullopt, 10)).size() == 10); }},
        {"OutboxReader.list, behind the last", [=, &w](Reader& r) { CHECK(must(r.outbox().list(in, w.last_hook, 10)).empty()); }},
        {"OutboxReader.deliveries",
         [=](Reader& r) { CHECK(must(r.outbox().deliveries(hook, std::nullopt, 3)).items.size() == 3); }},
        {"OutboxReader.find_delivery", [=](Reader& r) { must(r.outbox().find_delivery(hook, EventId{})); }},
        {"OutboxReader.next_due", [](Reader& r) { must(r.outbox().next_due()); }},
        {"OutboxReader.due", [=](Reader& r) { must(r.outbox().due(hook, later, {}, false, 3)); }},
        {"PushReader.backlog", [](Reader& r) { must(r.push().backlog()); }},
        {"PushReader.part",
         [job = w.push_job](Reader& r) {
             CHECK(must(r.push().part(job, {.devices = 3, .everyone = 1'000'000})).targets.size() == 3);
         }},
        {"PushReader.part, of the mentioned",
         [job = w.push_job](Reader& r) { CHECK(must(r.push().part(job, {.everyone = 1})).targets.size() == 2); }},
    };
}

/// Tested elsewhere, because they have a budget of their own or their cost may grow up to a limit.
const std::set<std::string> kElsewhere{"SearchReader.candidates",     // storage_search.cpp
                                       // At most 20,000 messages of all users: storage_deletion.cpp.
                                       "UserDataReader.messages", "UserDataReader.erasable_messages"};

/// `Class.method` of every reading method declared in the headers, and whether its comment states a bound.
std::map<std::string, bool> declared_methods() {
    std::map<std::string, bool> methods;
    const std::regex type(R"(^class (\w+Reader) \{)");
    const std::regex method(R"(^\s+virtual Result<.*>\s+(\w+)\()");
    const std::regex comment(R"(^\s+/// )");
    for (const auto& header : std::filesystem::directory_iterator(source_folder() / "include/cariosan")) {
        if (header.path().extension() != ".hpp") continue;
        std::ifstream file(header.path());
        REQUIRE(file.good());
        std::string reader;
        bool bound = false;
        for (std::string line; std::getline(file, line);) {
            std::smatch found;
            if (std::regex_search(line, found, type)) reader = found[1];
            if (line == "};") reader.clear();
            if (!reader.empty() && std::regex_search(line, found, method)) methods[reader + "." + found[1].str()] = bound;
            bound = std::regex_search(line, comment) && (bound || line.find("Bound: ") != std::string::npos);
        }
    }
    return methods;
}

}  // namespace

TEST_CASE("sqlite steps: rows that it was not asked for do not make a reading method more expensive") {
    GrowingWorld grown;
    // So many that pages are full and cannot grow further.
    grown.grow(20);
    Reads reads = talk_reads(grown);
    reads.merge(people_reads(grown));
    reads.merge(outbox_reads(grown));
    std::map<std::string, std::int64_t> before;
    for (const auto& [name, read] : reads) before[name] = grown.steps_of(read);
    grown.grow(200);
    for (const auto& entry : reads) {
        const std::string& name = entry.first;
        if (kElsewhere.contains(name)) continue;
        CAPTURE(name);
        const std::int64_t steps = grown.steps_of(entry.second);
        MESSAGE(name << ": " << before[name] << ", with ten times as much: " << steps);
        // Skips up to 500 that were not asked for.
        if (name == "SilenceReader.list" || name == "ModerationReader.list, of a user in a channel") {
            CHECK(steps < 501 * 52);
            continue;
        }
        CHECK(steps <= before[name] + before[name] / 5 + 20);
    }
}

TEST_CASE("sqlite steps: every reading method states its bound and has a line in the table") {
    GrowingWorld world;
    Reads reads = talk_reads(world);
    reads.merge(people_reads(world));
    reads.merge(outbox_reads(world));
    const std::map<std::string, bool> declared = declared_methods();
    CHECK(declared.size() > 40);
    for (const auto& entry : declared) {
        const std::string& name = entry.first;
        CAPTURE(name);
        CHECK(entry.second);
        CHECK((reads.contains(name) || kElsewhere.contains(name)));
    }
}

}  // namespace cariosan::test
