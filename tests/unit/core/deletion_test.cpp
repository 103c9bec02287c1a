#include <doctest/doctest.h>

#include "core/events/events_of.hpp"
#include "unit/core/stage.hpp"

using namespace cariosan;
using namespace cariosan::test;

namespace {

/// Deletes a user as storage does: no reader finds them, and mentions of them have no name.
void delete_user(Stage& stage, const User& user) {
    std::erase_if(stage.world.users, [&](const auto& each) { return each.second.id == user.id; });
    for (StoredSend& send : stage.world.row(stage.orders).sends) {
        for (Mention& mention : send.message.mentions) {
            if (mention.user_id == user.id) mention = {.user_id = user.id, .external_id = {}, .name = {}};
        }
    }
}

SendMessage mentioning(std::vector<NamedMention> mentions, std::string content = "hello") {
    return {.channel = "orders",
            .content = std::move(content),
            .mentions = std::move(mentions),
            .idempotency_key = "key"};
}

/// Plans the send and stores it as if it had been committed.
StoredSend& committed_send(Stage& stage, const SendMessage& command) {
    const auto send = stage.mutation<mutation::SendMessage>(command, stage.as(stage.alice));
    Message message = stage.world.add_message(send.channel, stage.alice, send.content);
    message.idempotency_key = send.idempotency_key;
    message.mentions = send.mentions;
    auto& sends = stage.world.row(send.channel).sends;
    sends.push_back({.message = message, .request_hash = send.request_hash});
    return sends.back();
}

}  // namespace

TEST_CASE("a backend deletes a user by either id") {
    Stage stage;
    const auto remove = stage.mutation<mutation::DeleteUser>(DeleteUser{.user = "budi"}, stage.backend());
    CHECK(remove.workspace == stage.shop);
    CHECK(remove.user == stage.budi.id);
    CHECK_FALSE(remove.erase);
    CHECK(remove.at == stage.clock.wall);
    const DeleteUser erasing{.user = stage.budi.id.to_string(), .erase_messages = true};
    CHECK(stage.mutation<mutation::DeleteUser>(erasing, stage.backend()).erase);
    CHECK(stage.error(DeleteUser{.user = "budi"}, stage.as(stage.budi)).code == ErrorCode::forbidden);
    CHECK(stage.error(DeleteUser{.user = "budi"}, Caller::host()).code == ErrorCode::forbidden);
    const Error unknown = stage.error(DeleteUser{.user = "nobody"}, stage.backend());
    CHECK(unknown.code == ErrorCode::not_found);
    CHECK(text_detail(unknown, "field") == "user");
    const WorkspaceId elsewhere = stage.world.add_workspace();
    CHECK(stage.error(DeleteUser{.user = stage.budi.id.to_string()}, Caller::backend(elsewhere)).code ==
          ErrorCode::not_found);
}

TEST_CASE("deleting a user or a workspace is one event, without a revision") {
    Stage stage;
    Committed committed;
    CommittedUser user;
    user.user.id = stage.budi.id;
    user.channels = {stage.orders, stage.pair};
    committed.object = user;
    auto events = core::events_of(mutation::DeleteUser{.workspace = stage.shop, .user = stage.budi.id}, committed);
    REQUIRE(events.size() == 1);
    CHECK(events[0]->rev == 0);
    CHECK(events[0]->workspace == stage.shop);
    const auto* deleted = std::get_if<UserDeleted>(&events[0]->body);
    REQUIRE(deleted != nullptr);
    CHECK(deleted->user_id == stage.budi.id);
    CHECK(deleted->channels == user.channels);
    events = core::events_of(mutation::DeleteWorkspace{.workspace = stage.shop}, Committed{});
    REQUIRE(events.size() == 1);
    CHECK(events[0]->workspace == stage.shop);
    CHECK(std::holds_alternative<WorkspaceDeleted>(events[0]->body));
    CHECK(core::events_of(mutation::FinishDeletion{.workspace = stage.shop}, Committed{}).empty());
}

TEST_CASE("a repeated send is recognised even if somebody it mentions was deleted meanwhile") {
    Stage stage;
    stage.world.add_member(stage.orders, stage.citra);
    const Message first = committed_send(stage, mentioning({"budi", "citra"})).message;
    delete_user(stage, stage.budi);
    const Caller alice = stage.as(stage.alice);
    for (const auto& names : {std::vector<std::string>{"budi", "citra"}, {"citra", stage.budi.id.to_string()}}) {
        const Outcome outcome = stage.outcome(mentioning({names.begin(), names.end()}), alice);
        CHECK(outcome.duplicate);
        CHECK(std::get<Message>(outcome.answer).id == first.id);
    }
    // A different request with the same key is still distinguished.
    CHECK(stage.error(mentioning({"budi"}), alice).code == ErrorCode::conflict);
    CHECK(stage.error(mentioning({"budi", "citra"}, "other"), alice).code == ErrorCode::conflict);
    CHECK(stage.error(mentioning({"citra"}), alice).code == ErrorCode::conflict);
    // After the message was unsent, its mentions are no longer known.
    Message& stored = stage.world.row(stage.orders).sends[0].message;
    stored.deleted_at = stage.clock.wall;
    stored.mentions.clear();
    CHECK(stage.outcome(mentioning({"budi", "citra"}), alice).duplicate);
    SendMessage fresh = mentioning({"budi"});
    fresh.idempotency_key = "another";
    CHECK(is_invalid(stage.error(fresh, alice), "mentions"));
}

TEST_CASE("an export contains the user first, then each kind of record, up to the last page") {
    Stage stage;
    stage.world.add_message(stage.orders, stage.alice, "mine");
    stage.world.add_message(stage.orders, stage.budi, "not mine");
    stage.world.reports.push_back({.reason = "rude", .reporter_note = "see above", .moderator_note = "again"});
    ExportUser command{.user = "alice"};
    std::vector<std::size_t> kinds;
    std::vector<Report> reports;
    do {
        const auto page = stage.answer(command, stage.backend());
        for (const UserRecord& record : page.items) {
            kinds.push_back(record.index());
            if (const auto* report = std::get_if<Report>(&record)) reports.push_back(*report);
        }
        command.cursor = page.next_cursor;
        REQUIRE(kinds.size() < 10);
    } while (!command.cursor.empty());
    CHECK(kinds == std::vector<std::size_t>{0, 1, 1, 2, 9});
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].reporter_note == "see above");
    CHECK_FALSE(reports[0].moderator_note);
}

TEST_CASE("only a backend may export, only existing users, and only with cursors of the export") {
    Stage stage;
    CHECK(stage.error(ExportUser{.user = "alice"}, stage.as(stage.alice)).code == ErrorCode::forbidden);
    CHECK(stage.error(ExportUser{.user = "nobody"}, stage.backend()).code == ErrorCode::not_found);
    for (const std::string cursor :
         {"x", "e", "e0", "e0.1", "e0.1.", "e0.1.2x", "e9.0.0", "e-1.0.0", "e0.-1.0", "u0.0.0", "e0.1.2.3"}) {
        CAPTURE(cursor);
        CHECK(is_invalid(stage.error(ExportUser{.user = "alice", .cursor = cursor}, stage.backend()), "cursor"));
    }
}
