// Step 5 of sends and edits, and the log of matches.
#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;
using test::text_detail;

namespace {

/// A shop with moderation, with the defaults of the protocol unless a test changes them.
struct ModeratedStage : Stage {
    int sent = 0;

    ModeratedStage() { set([](ModerationSettings& settings) { settings.enabled = true; }); }

    template <class F>
    void set(F&& change) {
        change(world.moderation);
        world.workspaces[0].moderation_enabled = world.moderation.enabled;
        ++world.workspaces[0].moderation_rev;
    }

    static SendMessage saying(std::string text) { return {.channel = "orders", .content = std::move(text)}; }

    core::PlannedMutation planned(const Command& command, const Caller& caller) {
        auto planned = plan(command, caller);
        REQUIRE(planned.ok());
        REQUIRE(std::holds_alternative<core::PlannedMutation>(*planned));
        return std::get<core::PlannedMutation>(std::move(*planned));
    }

    /// What is recorded instead of a message, and `details.rule` of the answer.
    mutation::RecordModeration refused(const Command& command, std::string_view rule) {
        core::PlannedMutation write = planned(command, as(alice));
        REQUIRE(write.refusal);
        CHECK(write.refusal->code == ErrorCode::message_rejected);
        CHECK_FALSE(write.refusal->retryable);
        CHECK(text_detail(*write.refusal, "rule") == rule);
        REQUIRE(std::holds_alternative<mutation::RecordModeration>(write.mutation));
        return std::get<mutation::RecordModeration>(std::move(write.mutation));
    }

    /// Plans a send and reports to it that it was committed.
    void store(const Command& command, const Caller& caller) {
        core::PlannedMutation write = planned(command, caller);
        CHECK_FALSE(write.refusal);
        Committed committed;
        committed.object = world.add_message(orders, alice, "stored");
        CHECK(core::answer(std::move(write), std::move(committed)));
    }

    EditMessage editing(const Message& message, std::string text) const {
        return {.channel = "orders", .message_id = message.id.to_string(), .content = std::move(text)};
    }
};

}  // namespace

TEST_CASE_FIXTURE(ModeratedStage, "a masked text is stored with its matches") {
    const auto send = mutation<mutation::SendMessage>(saying("dasar anjing kau"), as(alice));
    CHECK(send.content == "dasar *** kau");
    REQUIRE(send.matches.size() == 1);
    CHECK(send.matches[0].rule == ModerationRule::profanity);
    CHECK(send.matches[0].action == ModerationAction::mask);
    CHECK(send.matches[0].excerpt == "dasar *** kau");
    CHECK_FALSE(send.matches[0].id.is_nil());
    const auto clean = mutation<mutation::SendMessage>(saying("pantai santai"), as(alice));
    CHECK(clean.content == "pantai santai");
    CHECK(clean.matches.empty());
}

TEST_CASE_FIXTURE(ModeratedStage, "a flagged text is stored unchanged") {
    set([](ModerationSettings& settings) { settings.link.enabled = true; });
    const auto send = mutation<mutation::SendMessage>(saying("lihat https://example.com"), as(alice));
    CHECK(send.content == "lihat https://example.com");
    REQUIRE(send.matches.size() == 1);
    CHECK(send.matches[0].action == ModerationAction::flag);
}

TEST_CASE_FIXTURE(ModeratedStage, "a rejected text becomes a record and an error") {
    set([](ModerationSettings& settings) { settings.profanity.action = ModerationAction::reject; });
    SendMessage command = saying("anjing");
    command.idempotency_key = "key-1";
    const auto record = refused(command, "profanity");
    CHECK_FALSE(record.silence_until);
    const auto& send = std::get<mutation::SendMessage>(record.refused);
    CHECK(send.workspace == shop);
    CHECK(send.channel == orders);
    CHECK(send.author == alice.id);
    CHECK(send.at == clock.wall);
    REQUIRE(send.matches.size() == 1);
    CHECK(send.matches[0].excerpt == "***");
    // So that the commit can return a message that was accepted meanwhile.
    CHECK(send.idempotency_key == "key-1");
    CHECK(send.request_hash != Digest{});
}

TEST_CASE_FIXTURE(ModeratedStage, "the answer is the refusal, unless the commit found that the message already exists") {
    set([](ModerationSettings& settings) { settings.profanity.action = ModerationAction::reject; });
    Committed committed;
    auto outcome = core::answer(planned(saying("anjing"), as(alice)), Committed(committed));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::message_rejected);
    committed.changed = false;
    committed.duplicate = true;
    committed.object = world.add_message(orders, alice, "anjing");
    outcome = core::answer(planned(saying("anjing"), as(alice)), std::move(committed));
    REQUIRE(outcome);
    CHECK(outcome->duplicate);
    CHECK(std::get<Message>(outcome->answer).content == "anjing");
}

TEST_CASE_FIXTURE(ModeratedStage, "auto_mute silences for as long as the workspace says") {
    set([](ModerationSettings& settings) {
        settings.profanity.action = ModerationAction::auto_mute;
        settings.auto_mute_seconds = 90;
    });
    const auto record = refused(saying("anjing"), "profanity");
    REQUIRE(record.silence_until);
    CHECK(record.silence_until->milliseconds == clock.wall.milliseconds + 90'000);
}

TEST_CASE_FIXTURE(ModeratedStage, "the fourth equal text within the window is refused, and edits do not count") {
    const Message mine = world.add_message(orders, alice, "before");
    for (int i = 0; i < 3; ++i) store(saying("beli"), as(alice));
    for (int i = 0; i < 9; ++i) {
        CHECK(mutation<mutation::EditMessage>(editing(mine, "beli"), as(alice)).content == "beli");
    }
    refused(saying("BELI"), "flood");
    CHECK(mutation<mutation::SendMessage>(saying("beli"), as(budi)).content == "beli");
    CHECK(mutation<mutation::SendMessage>(SendMessage{.channel = "pair", .content = "beli"}, as(alice)).content == "beli");
    clock.running += std::chrono::seconds(30);
    CHECK(mutation<mutation::SendMessage>(saying("beli"), as(alice)).content == "beli");
}

TEST_CASE_FIXTURE(ModeratedStage, "a message that was not stored does not count, and retries of one send count once") {
    SendMessage command = saying("beli");
    command.idempotency_key = "key-1";
    for (int i = 0; i < 9; ++i) mutation<mutation::SendMessage>(command, as(alice));  // the commit fails
    std::vector<core::PlannedMutation> in_flight;
    for (int i = 0; i < 9; ++i) in_flight.push_back(planned(command, as(alice)));
    store(saying("beli"), as(alice));
    command.idempotency_key = "key-2";
    in_flight.push_back(planned(command, as(alice)));
    refused(saying("beli"), "flood");
    in_flight.clear();
    store(saying("beli"), as(alice));
    store(saying("beli"), as(alice));
    refused(saying("beli"), "flood");
}

TEST_CASE_FIXTURE(ModeratedStage, "a known key is answered without moderation or counting, compared by the text that the client sent") {
    SendMessage command = saying("dasar anjing");
    command.idempotency_key = "key-1";
    const auto send = mutation<mutation::SendMessage>(command, as(alice));
    CHECK(send.content == "dasar ***");
    Message stored = world.add_message(orders, alice, send.content);
    stored.idempotency_key = "key-1";
    world.row(orders).sends.push_back({.message = stored, .request_hash = send.request_hash});
    set([](ModerationSettings& settings) { settings.profanity.action = ModerationAction::reject; });
    for (int i = 0; i < 9; ++i) {
        const Outcome again = outcome(command, as(alice));
        CHECK(again.duplicate);
        CHECK(std::get<Message>(again.answer).content == "dasar ***");
    }
    command.content = "dasar ***";
    CHECK(error(command, as(alice)).code == ErrorCode::conflict);
}

TEST_CASE_FIXTURE(ModeratedStage, "backends and imports are not moderated") {
    set([](ModerationSettings& settings) { settings.profanity.action = ModerationAction::reject; });
    SendMessage command = saying("anjing");
    command.user = "alice";
    for (int i = 0; i < 9; ++i) CHECK(mutation<mutation::SendMessage>(command, backend()).content == "anjing");
    const ImportMessage import{
        .channel = "orders", .user = "alice", .text = "anjing", .at = clock.wall, .idempotency_key = "i"};
    CHECK(mutation<mutation::SendMessage>(import, backend()).content == "anjing");
}

TEST_CASE_FIXTURE(ModeratedStage, "an edit is moderated, and the commit receives the requested text") {
    const Message mine = world.add_message(orders, alice, "before");
    const auto edit = mutation<mutation::EditMessage>(editing(mine, "dasar anjing"), as(alice));
    CHECK(edit.content == "dasar ***");
    CHECK(edit.original == "dasar anjing");
    CHECK(edit.matches.size() == 1);
    CHECK_FALSE(mutation<mutation::EditMessage>(editing(mine, "baik"), as(alice)).original);
    set([](ModerationSettings& settings) { settings.profanity.action = ModerationAction::auto_mute; });
    const auto record = refused(editing(mine, "dasar anjing"), "profanity");
    CHECK(record.silence_until);
    const auto& refused_edit = std::get<mutation::EditMessage>(record.refused);
    CHECK(refused_edit.actor == alice.id);
    CHECK(refused_edit.message == mine.id);
    CHECK(refused_edit.content == "dasar anjing");
    CHECK(refused_edit.matches.size() == 1);
}

TEST_CASE_FIXTURE(ModeratedStage, "a mask may make a text longer than a client may send") {
    set([](ModerationSettings& settings) { settings.blocklist = {"qx"}; });
    limits.message_bytes = 8;
    CHECK(mutation<mutation::SendMessage>(saying("qx qx qx"), as(alice)).content == "*** *** ***");
    CHECK(error(saying("*** *** ***"), as(alice)).code == ErrorCode::payload_too_large);
}

TEST_CASE_FIXTURE(ModeratedStage, "the settings are read once per revision, and not at all without moderation") {
    for (int i = 0; i < 3; ++i) CHECK(plan(saying("text " + std::to_string(i)), as(alice)).ok());
    CHECK(world.moderation_reads == 1);
    set([](ModerationSettings& settings) { settings.blocklist = {"rahasia"}; });
    CHECK(mutation<mutation::SendMessage>(saying("ini rahasia"), as(alice)).content == "ini ***");
    CHECK(world.moderation_reads == 2);
    set([](ModerationSettings& settings) { settings.enabled = false; });
    CHECK(mutation<mutation::SendMessage>(saying("anjing"), as(alice)).content == "anjing");
    CHECK(world.moderation_reads == 2);
}

TEST_CASE("compiled rules: the most recently used workspaces are kept, and never an older revision") {
    using namespace core::moderation;
    RuleCache cache(2);
    int loads = 0;
    const auto get = [&](std::uint8_t number, std::int64_t rev) {
        WorkspaceId id;
        id.uuid.bytes[0] = number;
        const auto rules = cache.get(id, rev, [&]() -> Result<ModerationSettings> {
            ++loads;
            return ModerationSettings{.enabled = true, .auto_mute_seconds = rev};
        });
        REQUIRE(rules);
        return (*rules)->rules().auto_mute_seconds;
    };
    CHECK(get(1, 5) == 5);
    CHECK(get(1, 5) == 5);
    CHECK(loads == 1);
    CHECK(get(1, 4) == 4);
    CHECK(loads == 2);
    CHECK(get(1, 5) == 5);
    CHECK(loads == 2);
    CHECK(get(2, 1) == 1);
    CHECK(get(1, 5) == 5);
    CHECK(get(3, 1) == 1);
    CHECK(cache.size() == 2);
    CHECK(loads == 4);
    CHECK(get(1, 5) == 5);
    CHECK(loads == 4);
    CHECK(get(2, 1) == 1);
    CHECK(loads == 5);
    const auto failed = cache.get({}, 1, [] { return Result<ModerationSettings>(Error(ErrorCode::unavailable, "x")); });
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == ErrorCode::unavailable);
}

TEST_CASE("moderation settings are checked field by field") {
    Stage stage;
    const auto error = [&](auto change) {
        UpdateWorkspace command;
        change(command.moderation.emplace());
        return stage.error(command, stage.backend());
    };
    const std::string repeats = "moderation.rules.flood.max_repeats";
    CHECK(is_invalid(error([](auto& m) { m.flood.max_repeats = 0; }), repeats));
    CHECK(is_over(error([](auto& m) { m.flood.max_repeats = 101; }), repeats, 100));
    CHECK(is_invalid(error([](auto& m) { m.flood.window_seconds = 0; }), "moderation.rules.flood.window_seconds"));
    CHECK(is_over(error([](auto& m) { m.flood.window_seconds = 3601; }), "moderation.rules.flood.window_seconds", 3600));
    CHECK(is_invalid(error([](auto& m) { m.auto_mute_seconds = 0; }), "moderation.auto_mute_seconds"));
    CHECK(is_over(error([](auto& m) { m.auto_mute_seconds = 316'224'001; }), "moderation.auto_mute_seconds", 316'224'000));
    const std::vector<std::string> faults{"", "  ", "\u200B", "a\nb", "a\tb", "\u0085", "\xFF", std::string("a\0", 2)};
    for (const std::string& term : faults) {
        CAPTURE(term);
        CHECK(is_invalid(error([&](auto& m) { m.blocklist = {{"fine", term}}; }), "moderation.blocklist"));
        CHECK(is_invalid(error([&](auto& m) { m.allowlist = {{term}}; }), "moderation.allowlist"));
    }
    std::string longest;
    for (int i = 0; i < 64; ++i) longest += "é";
    UpdateWorkspace command;
    command.moderation.emplace().allowlist = {{longest}};
    CHECK(stage.plan(command, stage.backend()).ok());
    CHECK(is_over(error([&](auto& m) { m.blocklist = {{longest + "e"}}; }), "moderation.blocklist", 64));
    CHECK(is_over(error([&](auto& m) { m.blocklist = {{std::string(1'000'000, 'x')}}; }), "moderation.blocklist", 64));
    command.moderation->blocklist = std::vector<std::string>(5000, "x");
    CHECK(stage.plan(command, stage.backend()).ok());
    CHECK(is_over(error([](auto& m) { m.allowlist = std::vector<std::string>(5001, "x"); }), "moderation.allowlist", 5000));
}

TEST_CASE("a patch changes only the given fields") {
    ModerationSettings settings;
    merge(settings, {});
    CHECK(settings == ModerationSettings{});
    ModerationPatch patch{.enabled = true, .blocklist = {{"a", "b"}}};
    patch.link.enabled = true;
    patch.flood.max_repeats = 9;
    merge(settings, patch);
    ModerationSettings wanted;
    wanted.enabled = true;
    wanted.blocklist = {"a", "b"};
    wanted.link.enabled = true;
    wanted.flood.max_repeats = 9;
    CHECK(settings == wanted);
    merge(settings, {.blocklist = std::vector<std::string>{"c"}});
    CHECK(settings.blocklist == std::vector<std::string>{"c"});
    CHECK(settings.flood.max_repeats == 9);
}

TEST_CASE("the log is listed newest first, in pages, by user and by channel") {
    Stage stage;
    for (int i = 0; i < 3; ++i) stage.world.records.push_back({.excerpt = std::to_string(i)});
    ListModerationActions command{.user = "alice", .channel = "orders", .range = {.limit = 2}};
    auto page = stage.answer(command, stage.backend());
    REQUIRE(page.items.size() == 2);
    CHECK(page.items[0].excerpt == "2");
    CHECK(stage.world.last_moderation_range.user == stage.alice.id);
    CHECK(stage.world.last_moderation_range.channel == stage.orders);
    REQUIRE(page.has_more());
    command.range.cursor = page.next_cursor;
    page = stage.answer(command, stage.backend());
    REQUIRE(page.items.size() == 1);
    CHECK(page.items[0].excerpt == "0");
    CHECK_FALSE(page.has_more());
    command.range.cursor = "u00";
    CHECK(is_invalid(stage.error(command, stage.backend()), "cursor"));
    CHECK(stage.error(ListModerationActions{.user = "nobody"}, stage.backend()).code == ErrorCode::not_found);
    CHECK(stage.error(ListModerationActions{.channel = "nowhere"}, stage.backend()).code == ErrorCode::not_found);
    CHECK(stage.error(ListModerationActions{}, stage.as(stage.alice)).code == ErrorCode::forbidden);
}
