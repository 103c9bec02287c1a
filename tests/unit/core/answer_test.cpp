#include <doctest/doctest.h>

#include "core/use_case.hpp"

using namespace cariosan;

namespace {

Member member(std::uint8_t user, std::int64_t rev) {
    Member made;
    made.user.id.uuid.bytes[15] = user;
    made.rev = rev;
    return made;
}

template <class T>
T answered(std::optional<Answer> prepared, Committed committed) {
    auto outcome = core::answer({.prepared = std::move(prepared)}, std::move(committed));
    REQUIRE(outcome);
    REQUIRE(std::holds_alternative<T>(outcome->answer));
    return std::get<T>(std::move(outcome->answer));
}

}  // namespace

TEST_CASE("the answer is what was committed") {
    Committed committed;
    committed.rev = 5;
    committed.object = CommittedUser{.user = {.id = {}, .external_id = "alice"}, .channels = {}};
    CHECK(answered<User>({}, committed).external_id == "alice");
    committed.object = CommittedChannel{};
    answered<Channel>({}, committed);
    committed.object = Workspace{};
    answered<Workspace>({}, committed);
    committed.object = CommittedReceipt{.state = {.receipt = {}, .receipt_rev = 3}};
    CHECK(answered<ReceiptState>({}, committed).receipt_rev == 3);
    committed.object = CommittedMembers{.channel = {}, .members = {member(1, 5)}};
    CHECK(answered<MembersChanged>({}, committed).rev == 5);
}

TEST_CASE("the answer contains a hidden quote with its id only") {
    Message message;
    message.quoted_message.emplace();
    message.quoted_message->id.uuid.bytes[15] = 5;
    message.quoted_message->content = "text";
    message.quoted_message->user_name = "name";
    Committed committed;
    committed.object = message;
    CHECK(answered<Message>({}, committed).quoted_message->content == "text");
    message.quoted_message->hidden = true;
    committed.object = message;
    const Message hidden = answered<Message>({}, committed);
    CHECK(hidden.quoted_message->id == message.quoted_message->id);
    CHECK(hidden.quoted_message->hidden);
    CHECK(hidden.quoted_message->content.empty());
    CHECK(hidden.quoted_message->user_name.empty());
}

TEST_CASE("a block returns its entry, and lifting it returns nothing") {
    Committed committed;
    committed.object = CommittedBlock{.block = {}, .blocked = true, .blocks_rev = 3};
    CHECK(answered<BlockMade>({}, committed).blocks_rev == 3);
    committed.object = CommittedBlock{.block = {}, .blocked = false, .blocks_rev = 4};
    answered<Done>({}, committed);
}

TEST_CASE("a sent message is new and a duplicate is not") {
    Committed committed;
    committed.rev = 5;
    committed.created = true;
    committed.object = Message{};
    auto outcome = core::answer({}, Committed(committed));
    REQUIRE(outcome);
    CHECK(outcome->created);
    CHECK(outcome->rev == 5);
    committed.created = false;
    committed.duplicate = true;
    outcome = core::answer({}, Committed(committed));
    REQUIRE(outcome);
    CHECK_FALSE(outcome->created);
    CHECK(outcome->duplicate);
}

TEST_CASE("a prepared answer takes precedence over what was committed") {
    Committed committed;
    committed.object = Workspace{};
    WorkspaceCredentials credentials;
    credentials.api_secret = "sk_x";
    CHECK(answered<WorkspaceCredentials>(credentials, committed).api_secret == "sk_x");
    committed.object = CommittedMembers{};
    answered<Done>(Done{}, committed);
}

TEST_CASE("the answer to adding members includes existing ones") {
    Committed committed;
    committed.rev = 8;
    committed.object = CommittedMembers{.channel = {}, .members = {member(2, 8), member(3, 8)}};
    // The second user left between the snapshot and the commit, and was added again.
    const MembersChanged prepared{.members = {member(1, 4), member(2, 4)}, .rev = 0};
    const auto changed = answered<MembersChanged>(prepared, committed);
    CHECK(changed.rev == 8);
    REQUIRE(changed.members.size() == 3);
    CHECK(changed.members[0].rev == 4);
    CHECK(changed.members[1].rev == 8);
    CHECK(changed.members[2].rev == 8);
}

TEST_CASE("a storage that commits the wrong object is an internal error") {
    Committed committed;
    committed.object = Workspace{};
    const auto outcome = core::answer({.prepared = MembersChanged{}}, std::move(committed));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::internal);
}
