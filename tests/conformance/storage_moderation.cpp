// Moderation: its settings, the records of matches, and the silences that follow.
#include "conformance/world.hpp"

namespace cariosan::test {
namespace {

ModerationSettings settings_of(World& world, WorkspaceId workspace) {
    return world.read([&](Reader& r) { return must(r.workspaces().moderation(workspace)); });
}

Workspace workspace_of(World& world, WorkspaceId workspace) {
    return world.read([&](Reader& r) { return must_find(r.workspaces().find(workspace)); });
}

WorkspaceSettings update(World& world, ModerationPatch patch) {
    return object<WorkspaceSettings>(
        world.run(mutation::UpdateWorkspace{.workspace = world.workspace, .moderation = std::move(patch)}));
}

ModerationMatch match(World& world, std::string excerpt, ModerationRule rule = ModerationRule::profanity) {
    return {.id = world.next_id<ModerationRecordId>(),
            .rule = rule,
            .action = ModerationAction::mask,
            .excerpt = std::move(excerpt)};
}

mutation::SendMessage& sent(mutation::RecordModeration& record) {
    return std::get<mutation::SendMessage>(record.refused);
}

mutation::RecordModeration refusing(World& world, ChannelId channel, UserId user, std::string excerpt = "***") {
    mutation::RecordModeration record{.refused = world.message(channel, user)};
    sent(record).matches = {match(world, std::move(excerpt), ModerationRule::flood)};
    return record;
}

ModerationPage page_of(World& world, ModerationRange range = {}) {
    return world.read([&](Reader& r) { return must(r.moderation().list(world.workspace, range)); });
}

/// The excerpts, newest first.
std::string excerpts(World& world, ModerationRange range = {}) {
    std::string all;
    for (const ModerationRecord& record : page_of(world, range).records) all += record.excerpt + " ";
    return all;
}

std::vector<Silence> silences(World& world, Timestamp now) {
    return world.read(
        [&](Reader& r) { return must(r.silences().list(world.workspace, std::nullopt, 100, now)).silences; });
}

}  // namespace

STORAGE_TEST("moderation settings are stored with a revision of their own") {
    World world(kind.make());
    CHECK(settings_of(world, world.workspace) == ModerationSettings{});
    CHECK_FALSE(workspace_of(world, world.workspace).moderation_enabled);
    CHECK(workspace_of(world, world.workspace).moderation_rev == 0);

    ModerationPatch patch{.enabled = true,
                          .blocklist = {{"satu", "dua kata", kOddText.substr(0, 4)}},
                          .allowlist = {{"example.com"}},
                          .auto_mute_seconds = 90};
    patch.profanity = {.rule = {.enabled = false, .action = ModerationAction::auto_mute},
                       .min_severity = ModerationSeverity::extreme};
    patch.link = {.enabled = true, .action = ModerationAction::reject};
    patch.phone = {.enabled = true, .action = ModerationAction::flag};
    patch.flood = {.rule = {.enabled = false, .action = ModerationAction::mask}, .max_repeats = 7, .window_seconds = 60};
    ModerationSettings wanted;
    merge(wanted, patch);
    const WorkspaceSettings made = update(world, patch);
    CHECK(made.id == world.workspace);
    CHECK(made.moderation == wanted);
    CHECK(made.moderation_enabled);
    CHECK(made.moderation_rev == 1);
    CHECK(settings_of(world, world.workspace) == wanted);

    // Equal settings are no change, and a partial change leaves the rest alone.
    CHECK_FALSE(world.run(mutation::UpdateWorkspace{.workspace = world.workspace, .moderation = patch}).changed);
    CHECK(workspace_of(world, world.workspace).moderation_rev == 1);
    const WorkspaceSettings named =
        object<WorkspaceSettings>(world.run(mutation::UpdateWorkspace{.workspace = world.workspace, .name = "New"}));
    CHECK(named.moderation == wanted);
    CHECK(named.moderation_rev == 1);
    wanted.enabled = false;
    wanted.blocklist = {};
    CHECK(update(world, {.enabled = false, .blocklist = std::vector<std::string>{}}).moderation == wanted);
    world.reopen();
    const Workspace after = workspace_of(world, world.workspace);
    CHECK_FALSE(after.moderation_enabled);
    CHECK(after.moderation_rev == 2);
    CHECK(settings_of(world, world.workspace) == wanted);

    const WorkspaceId other = world.add_workspace();
    CHECK(settings_of(world, other) == ModerationSettings{});
    world.read([&](Reader& r) {
        CHECK(code_of(r.workspaces().moderation(id_of<WorkspaceId>(999'999))) == ErrorCode::not_found);
        return 0;
    });
}

STORAGE_TEST("two changes of settings in one batch are both kept") {
    World world(kind.make());
    ModerationPatch link;
    link.link.enabled = true;
    const auto answers = world.commit(
        {mutation::UpdateWorkspace{.workspace = world.workspace, .moderation = ModerationPatch{.enabled = true}},
         mutation::UpdateWorkspace{.workspace = world.workspace, .moderation = link}});
    const WorkspaceSettings last = object<WorkspaceSettings>(must(answers[1]));
    CHECK(last.moderation.enabled);
    CHECK(last.moderation.link.enabled);
    CHECK(last.moderation_rev == 2);
}

STORAGE_TEST("records are written with their message, and with an edit that changes something") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    mutation::SendMessage send = world.message(group, users[1], "dasar ***");
    send.idempotency_key = "key";
    send.matches = {match(world, "one"), match(world, "two", ModerationRule::link)};
    const Message message = object<Message>(world.run(send));
    auto records = page_of(world).records;
    REQUIRE(records.size() == 2);
    const ModerationRecord& record = records[1];
    CHECK(record.id == send.matches[0].id);
    CHECK(record.at == send.at);
    CHECK(record.rule == ModerationRule::profanity);
    CHECK(record.action == ModerationAction::mask);
    CHECK(record.channel_id == group);
    CHECK(record.channel_external_id == world.channel(group).external_id);
    CHECK(record.user.id == users[1]);
    CHECK(record.message_id == message.id);
    CHECK(record.excerpt == "one");
    CHECK(records[0].rule == ModerationRule::link);

    // A duplicate, or an edit to the same text, writes none.
    send.id = world.next_id<MessageId>();
    send.matches = {match(world, "again")};
    CHECK(world.run(send).duplicate);
    mutation::EditMessage edit = world.editing(message, users[1], "dasar ***");
    edit.matches = {match(world, "same")};
    CHECK_FALSE(world.run(edit).changed);
    CHECK(excerpts(world) == "two one ");
    edit.content = "lain ***";
    edit.matches = {match(world, "edited")};
    CHECK(world.run(edit).changed);
    records = page_of(world).records;
    REQUIRE(records.size() == 3);
    CHECK(records[0].excerpt == "edited");
    CHECK(records[0].message_id == message.id);
    CHECK(records[0].at == edit.at);
    // Nor does a refused send or edit.
    edit.actor = users[0];
    edit.content = "fremd";
    edit.matches = {match(world, "foreign")};
    CHECK_FALSE(world.attempt(edit).ok());
    mutation::SendMessage outside = world.message(group, world.add_user("outside"));
    outside.matches = {match(world, "outside")};
    CHECK_FALSE(world.attempt(outside).ok());
    CHECK(page_of(world).records.size() == 3);
}

STORAGE_TEST("a refusal is recorded without a message and creates no revision") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const std::string before = world.dump(group);
    const Committed done = world.run(refusing(world, group, users[1], "no"));
    CHECK(done.changed);
    CHECK_FALSE(done.duplicate);
    CHECK(world.dump(group) == before);
    const auto records = page_of(world).records;
    REQUIRE(records.size() == 1);
    CHECK_FALSE(records[0].message_id);
    CHECK(records[0].rule == ModerationRule::flood);
    CHECK(silences(world, world.tick()).empty());
    // Any other reason to refuse the send takes precedence.
    CHECK(code_of(world.attempt(refusing(world, id_of<ChannelId>(777'777), users[1]))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(refusing(world, group, id_of<UserId>(777'777)))) == ErrorCode::not_found);
    CHECK(code_of(world.attempt(refusing(world, group, world.add_user("outside")))) == ErrorCode::not_a_member);
    world.run(world.silencing(users[1]));
    CHECK(code_of(world.attempt(refusing(world, group, users[1]))) == ErrorCode::muted);
    CHECK(page_of(world).records.size() == 1);
}

STORAGE_TEST("an edit that changes nothing is not recorded") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const Message message = world.send(group, users[1], "dasar anjing");
    const std::string before = world.dump(group);
    mutation::EditMessage edit = world.editing(message, users[1], "dasar ***");
    edit.original = "dasar anjing";
    edit.matches = {match(world, "masked")};
    const Committed masked = world.run(edit);
    CHECK_FALSE(masked.changed);
    CHECK(object<Message>(masked).content == "dasar anjing");
    edit.content = *std::exchange(edit.original, std::nullopt);
    mutation::RecordModeration refusal{.refused = edit,
                                       .silence_until = Timestamp{edit.at.milliseconds + 60'000}};
    const Committed same = world.run(refusal);
    CHECK_FALSE(same.changed);
    CHECK(object<Message>(same).id == message.id);
    CHECK(world.dump(group) == before);

    const auto attempt = [&](auto change) {
        refusal.refused = edit;
        change(std::get<mutation::EditMessage>(refusal.refused));
        return world.attempt(refusal);
    };
    CHECK(code_of(attempt([&](auto& e) { e.actor = users[0]; })) == ErrorCode::not_author);
    CHECK(code_of(attempt([&](auto& e) { e.message = id_of<MessageId>(777'777); })) == ErrorCode::not_found);
    CHECK(page_of(world).records.empty());
    CHECK(silences(world, edit.at).empty());
    CHECK(must(attempt([](auto& e) { e.content = "anjing"; })).changed);
    CHECK(excerpts(world) == "masked ");
    CHECK_FALSE(page_of(world).records[0].message_id);
    CHECK(silences(world, edit.at).size() == 1);
    CHECK(world.dump(group) == before);
}

STORAGE_TEST("a refused send with a known key returns its message, or a conflict") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    mutation::SendMessage send = world.message(group, users[1], "accepted");
    send.idempotency_key = "key";
    send.request_hash = {1};
    mutation::RecordModeration refusal = refusing(world, group, users[1]);
    sent(refusal).idempotency_key = "key";
    sent(refusal).request_hash = {1};
    refusal.silence_until = Timestamp{sent(refusal).at.milliseconds + 60'000};
    const auto answers = world.commit({send, refusal});
    const Committed known = must(answers[1]);
    CHECK(known.duplicate);
    CHECK_FALSE(known.changed);
    CHECK(object<Message>(known).id == send.id);
    CHECK(page_of(world).records.empty());
    CHECK(silences(world, sent(refusal).at).empty());
    sent(refusal).request_hash = {2};
    CHECK(code_of(world.attempt(refusal)) == ErrorCode::conflict);
    sent(refusal).idempotency_key = "another";
    CHECK(world.run(refusal).changed);
    CHECK(page_of(world).records.size() == 1);
}

STORAGE_TEST("an automatic silence applies to the whole workspace and never shortens a longer one") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const ChannelId other = world.add_group(users);
    mutation::RecordModeration refusal = refusing(world, group, users[1]);
    const Timestamp start = sent(refusal).at;
    refusal.silence_until = Timestamp{start.milliseconds + 600'000};
    const auto answers = world.commit({refusal, world.message(other, users[1])});
    CHECK(answers[0].ok());
    CHECK(code_of(answers[1]) == ErrorCode::muted);
    auto list = silences(world, start);
    REQUIRE(list.size() == 1);
    CHECK_FALSE(list[0].channel_id);
    CHECK(list[0].until == refusal.silence_until);
    CHECK(list[0].reason == "moderation");

    // A second one, for a send that was in flight before the silence: over an expired one, and over a manual one.
    const auto silence_over = [&](std::optional<Timestamp> there, std::int64_t seconds) {
        mutation::SilenceUser silence = world.silencing(users[1]);
        silence.until = there;
        silence.reason = "by hand";
        world.run(silence);
        mutation::RecordModeration again = refusing(world, group, users[1]);
        sent(again).as_user = false;
        again.silence_until = Timestamp{start.milliseconds + seconds * 1000};
        world.run(again);
        return silences(world, start).at(0);
    };
    const Timestamp minute{start.milliseconds + 60'000};
    const Silence kept = silence_over(minute, 59);
    CHECK(kept.until == minute);
    CHECK(kept.reason == "by hand");
    CHECK(silence_over(minute, 61).until->milliseconds == minute.milliseconds + 1000);
    CHECK(silence_over(std::nullopt, 1'000'000).reason == "by hand");
    CHECK(page_of(world).records.size() == 4);
}

STORAGE_TEST("the log is listed newest first, by user, by channel and by both") {
    World world(kind.make());
    const auto users = world.add_users(2);
    const ChannelId first = world.add_group(users);
    const ChannelId second = world.add_group(users);
    int number = 0;
    for (const ChannelId channel : {first, second}) {
        for (const UserId user : users) world.run(refusing(world, channel, user, std::to_string(++number)));
    }
    CHECK(excerpts(world) == "4 3 2 1 ");
    CHECK(excerpts(world, {.user = users[0]}) == "3 1 ");
    CHECK(excerpts(world, {.channel = second}) == "4 3 ");
    CHECK(excerpts(world, {.user = users[1], .channel = first}) == "2 ");
    CHECK(excerpts(world, {.user = id_of<UserId>(777'777)}).empty());
    CHECK(excerpts(world, {.channel = id_of<ChannelId>(777'777)}).empty());

    ModerationRange range{.limit = 3};
    ModerationPage page = page_of(world, range);
    CHECK(page.records.size() == 3);
    REQUIRE(page.next);
    range.before = page.next;
    // New records do not shift the pages.
    world.run(refusing(world, first, users[0], "5"));
    page = page_of(world, range);
    REQUIRE(page.records.size() == 1);
    CHECK(page.records[0].excerpt == "1");
    CHECK_FALSE(page.next);

    const ModerationRecordId id = page.records[0].id;
    const WorkspaceId other = world.add_workspace();
    world.read([&](Reader& r) {
        CHECK(must_find(r.moderation().find(world.workspace, id)).excerpt == "1");
        CHECK_FALSE(must(r.moderation().find(other, id)));
        CHECK_FALSE(must(r.moderation().find(world.workspace, id_of<ModerationRecordId>(777'777))));
        CHECK(must(r.moderation().list(other, {})).records.empty());
        CHECK(must(r.moderation().list(other, {.user = users[0]})).records.empty());
        CHECK(must(r.moderation().list(other, {.channel = first})).records.empty());
        return 0;
    });
}

STORAGE_TEST("records are deleted with their channel and their workspace") {
    World world(kind.make(), {.clock = std::make_shared<ManualClock>()});
    const auto users = world.add_users(2);
    const ChannelId first = world.add_group(users);
    const ChannelId second = world.add_group(users);
    for (int i = 0; i < 3; ++i) world.run(refusing(world, first, users[1], "gone"));
    world.run(refusing(world, second, users[1], "stays"));
    const ModerationRecordId gone = page_of(world, {.channel = first}).records[0].id;
    world.run(mutation::DeleteChannel{.workspace = world.workspace, .channel = first, .at = world.tick()});
    for (int i = 0; i < 2; ++i) {
        CHECK(excerpts(world) == "stays ");
        CHECK(excerpts(world, {.user = users[1]}) == "stays ");
        CHECK(excerpts(world, {.channel = first}).empty());
        world.read([&](Reader& r) {
            CHECK_FALSE(must(r.moderation().find(world.workspace, gone)));
            return 0;
        });
        while (must(world.storage().maintain())) {
        }
    }
    update(world, {.enabled = true});
    world.run(mutation::DeleteWorkspace{.workspace = world.workspace, .at = world.tick()});
    while (must(world.storage().maintain())) {
    }
    CHECK(page_of(world).records.empty());
}

STORAGE_TEST("records are dropped after 90 days, however many there are") {
    const auto clock = std::make_shared<ManualClock>();
    World world(kind.make(), {.clock = clock});
    const auto users = world.add_users(2);
    const ChannelId group = world.add_group(users);
    const auto record_at = [&](Timestamp at, const std::string& excerpt) {
        mutation::RecordModeration refusal = refusing(world, group, users[1], excerpt);
        sent(refusal).at = at;
        world.run(refusal);
    };
    const Timestamp start = clock->now();
    mutation::RecordModeration many = refusing(world, group, users[1]);
    sent(many).at = start;
    for (int i = 0; i < 1100; ++i) sent(many).matches.push_back(match(world, "old"));
    world.run(many);
    record_at({start.milliseconds + 1}, "younger");
    const auto maintain = [&] {
        int steps = 1;
        while (must(world.storage().maintain())) ++steps;
        return steps;
    };
    clock->advance(std::chrono::days(90));
    maintain();
    CHECK(page_of(world).records.size() == 50);
    clock->advance(std::chrono::minutes(1) + std::chrono::milliseconds(1));
    // In steps, so that none takes long.
    CHECK(maintain() >= 3);
    CHECK(excerpts(world).empty());
}

STORAGE_TEST("a deleted user's records stay, and lose their excerpts if the user is erased") {
    World world(kind.make());
    const auto users = world.add_users(3);
    const ChannelId group = world.add_group(users);
    mutation::RecordModeration many = refusing(world, group, users[2], "text");
    for (int i = 0; i < 700; ++i) sent(many).matches.push_back(match(world, "text"));
    world.run(many);
    world.run(refusing(world, group, users[1], "kept"));
    const auto exported = [&](UserId user, RecordPosition after) {
        return world.read([&](Reader& r) { return must(r.user_data().moderation(world.workspace, user, after, 500)); });
    };
    const auto first = exported(users[2], {});
    CHECK(first.records.size() == 500);
    REQUIRE(first.next);
    const auto second = exported(users[2], *first.next);
    CHECK(second.records.size() == 201);
    CHECK_FALSE(second.next);
    CHECK(second.records.back().id == sent(many).matches.back().id);
    CHECK(exported(users[1], {}).records.size() == 1);

    for (const bool erase : {false, true}) {
        const UserId user = users[erase ? 2 : 1];
        world.run(mutation::RemoveMember{.workspace = world.workspace, .channel = group, .user = user, .at = world.tick()});
        world.run(mutation::DeleteUser{
            .workspace = world.workspace, .user = user, .erase = erase, .at = world.tick()});
        // The commit hides them from readers; the rows are updated later.
        for (const ModerationRecord& record : exported(user, {}).records) {
            REQUIRE(record.excerpt.empty() == erase);
            REQUIRE(world.read([&](Reader& r) { return must_find(r.moderation().find(world.workspace, record.id)); }).excerpt ==
                    record.excerpt);
        }
        int steps = 0;
        while (world.run(mutation::FinishDeletion{world.workspace, user}).changed) REQUIRE(++steps < 10);
        CHECK(steps >= (erase ? 3 : 1));
    }
    const auto records = page_of(world, {.limit = 1000}).records;
    REQUIRE(records.size() == 702);
    CHECK(records[0].excerpt == "kept");
    CHECK(records[0].user.id == users[1]);
    CHECK(records[0].user.deleted);
    for (std::size_t i = 1; i < records.size(); ++i) REQUIRE(records[i].excerpt.empty());
}

}  // namespace cariosan::test
