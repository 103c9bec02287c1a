#include "core/permissions.hpp"

#include <doctest/doctest.h>

#include <string>

#include "unit/core/stage.hpp"

using namespace cariosan;
using namespace cariosan::core;
using test::Stage;

namespace {

/// A row as text: who may, and what a user must be.
template <class C>
std::string row() {
    const Permission& permission = permission_of<C>();
    std::string text;
    if (permission.host) text += "host ";
    if (permission.backend) text += "backend ";
    switch (permission.user) {
        case UserRight::never: break;
        case UserRight::self: text += "self "; break;
        case UserRight::member: text += "member "; break;
        case UserRight::admin: text += "admin "; break;
    }
    if (permission.user == UserRight::never) return text;
    return text + (permission.rate == RateKind::send    ? "send"
                   : permission.rate == RateKind::write ? "write"
                                                        : "read");
}

ErrorCode code(Stage& stage, const Command& command, const Caller& caller) {
    auto planned = stage.plan(command, caller);
    return planned ? ErrorCode::internal : planned.error().code;
}

}  // namespace

TEST_CASE("the table of permissions equals that of the protocol") {
    CHECK(row<CreateWorkspace>() == "host ");
    CHECK(row<ListWorkspaces>() == "host ");
    CHECK(row<DeleteWorkspace>() == "host ");
    CHECK(row<RotateSecret>() == "host ");
    CHECK(row<VerifyApiKey>() == "host ");
    CHECK(row<GetWorkspace>() == "backend ");
    CHECK(row<UpdateWorkspace>() == "backend ");
    CHECK(row<UpsertUser>() == "backend ");
    CHECK(row<UpdateUser>() == "backend ");
    CHECK(row<GetUser>() == "backend ");
    CHECK(row<ListUsers>() == "backend ");
    CHECK(row<CreateChannel>() == "backend ");
    CHECK(row<ListChannels>() == "backend ");
    CHECK(row<DeleteChannel>() == "backend ");
    CHECK(row<ImportMessage>() == "backend ");
    CHECK(row<SilenceUser>() == "backend ");
    CHECK(row<UnsilenceUser>() == "backend ");
    CHECK(row<ListSilences>() == "backend ");
    CHECK(row<GetChannel>() == "backend member read");
    CHECK(row<UpdateChannel>() == "backend admin write");
    CHECK(row<ListMembers>() == "backend member read");
    CHECK(row<AddMembers>() == "backend admin write");
    CHECK(row<UpdateMember>() == "backend admin write");
    CHECK(row<RemoveMember>() == "backend admin write");
    CHECK(row<SendMessage>() == "backend member send");
    CHECK(row<ListMessages>() == "backend member read");
    CHECK(row<GetMessage>() == "backend member read");
    CHECK(row<ListReactions>() == "backend member read");
    CHECK(row<GetMe>() == "self read");
    CHECK(row<ListMyChannels>() == "self read");
    CHECK(row<GetMyChannel>() == "member read");
    CHECK(row<UpdateMyChannel>() == "member write");
    CHECK(row<GetPreferences>() == "self read");
    CHECK(row<LeaveChannel>() == "member write");
    CHECK(row<MarkRead>() == "member write");
    CHECK(row<MarkDelivered>() == "member write");
    CHECK(row<MarkAllDelivered>() == "self write");
    CHECK(row<ListReceipts>() == "member read");
    CHECK(row<GetChanges>() == "member read");
    CHECK(row<Sync>() == "self read");
    CHECK(row<BlockUser>() == "self write");
    CHECK(row<UnblockUser>() == "self write");
    CHECK(row<ListBlocks>() == "self read");
    CHECK(row<RegisterDevice>() == "self write");
    CHECK(row<RemoveDevice>() == "self write");
    CHECK(row<ListDevices>() == "self read");
}

TEST_CASE("every command refuses the kinds of caller that may not run it") {
    Stage stage;
    const auto check = [&]<class C>(C command) {
        const Permission& permission = permission_of<C>();
        if (!permission.host) CHECK(code(stage, command, Caller::host()) == ErrorCode::forbidden);
        if (!permission.backend) CHECK(code(stage, command, stage.backend()) == ErrorCode::forbidden);
        if (permission.user == UserRight::never) {
            CHECK(code(stage, command, stage.as(stage.alice)) == ErrorCode::forbidden);
        }
    };
    [&]<std::size_t... index>(std::index_sequence<index...>) {
        (check(std::variant_alternative_t<index, Command::variant>{}), ...);
    }
    (std::make_index_sequence<std::variant_size_v<Command::variant>>());
}

TEST_CASE("permissions in a channel depend on membership and role") {
    const Membership member{.role = Role::member};
    const Membership admin{.role = Role::admin};
    const auto fails = [](UserRight right, ChannelType type, const std::optional<Membership>& membership) {
        const auto checked = check_right(right, type, membership);
        return checked ? std::nullopt : std::optional(checked.error().code);
    };
    CHECK(fails(UserRight::never, ChannelType::group, admin) == ErrorCode::forbidden);
    CHECK_FALSE(fails(UserRight::self, ChannelType::group, std::nullopt));
    CHECK(fails(UserRight::member, ChannelType::group, std::nullopt) == ErrorCode::not_a_member);
    CHECK(fails(UserRight::admin, ChannelType::group, std::nullopt) == ErrorCode::not_a_member);
    CHECK(fails(UserRight::admin, ChannelType::group, member) == ErrorCode::not_admin);
    CHECK_FALSE(fails(UserRight::member, ChannelType::group, member));
    CHECK_FALSE(fails(UserRight::admin, ChannelType::group, admin));
    CHECK_FALSE(fails(UserRight::admin, ChannelType::direct, member));
}

TEST_CASE("a missing user or workspace is unauthorized for users and not found for backends") {
    Stage stage;
    WorkspaceId nowhere;
    nowhere.uuid.bytes[0] = 9;
    CHECK(code(stage, GetMe{}, Caller::user(stage.shop, "nobody")) == ErrorCode::unauthorized);
    CHECK(code(stage, GetMe{}, Caller::user(nowhere, stage.alice.id)) == ErrorCode::unauthorized);
    CHECK(code(stage, GetWorkspace{}, Caller::backend(nowhere)) == ErrorCode::not_found);
}

TEST_CASE("a user of another workspace does not exist here") {
    Stage stage;
    const WorkspaceId other = stage.world.add_workspace();
    const User eve = stage.world.add_user(other, "eve");
    CHECK(code(stage, GetMe{}, Caller::user(stage.shop, eve.id)) == ErrorCode::unauthorized);
    CHECK(code(stage, GetChannel{.channel = stage.orders.to_string()}, Caller::user(other, eve.id)) ==
          ErrorCode::not_found);
    CHECK(code(stage, GetChannel{.channel = "orders"}, Caller::backend(other)) == ErrorCode::not_found);
    CHECK(code(stage, GetUser{.user = stage.alice.id.to_string()}, Caller::backend(other)) ==
          ErrorCode::not_found);
}

TEST_CASE("a user outside a channel gets that error, and an unknown channel is not found") {
    Stage stage;
    CHECK(code(stage, GetChannel{.channel = "orders"}, stage.as(stage.citra)) == ErrorCode::not_a_member);
    CHECK(code(stage, ListMessages{.channel = "orders"}, stage.as(stage.citra)) == ErrorCode::not_a_member);
    CHECK(code(stage, GetChannel{.channel = "nothing"}, stage.as(stage.citra)) == ErrorCode::not_found);
    CHECK(code(stage, UpdateChannel{.channel = "orders", .name = "x"}, stage.as(stage.budi)) ==
          ErrorCode::not_admin);
    CHECK(stage.plan(UpdateChannel{.channel = "orders", .name = "x"}, stage.as(stage.alice)).ok());
    CHECK(stage.plan(UpdateChannel{.channel = "pair", .name = "x"}, stage.as(stage.budi)).ok());
}

TEST_CASE("only users have rate limits") {
    Stage stage;
    for (int i = 0; i < 40; ++i)
        REQUIRE(stage.plan(GetChannel{.channel = "orders"}, stage.as(stage.alice)).ok());
    CHECK(code(stage, GetChannel{.channel = "orders"}, stage.as(stage.alice)) == ErrorCode::rate_limited);
    for (int i = 0; i < 120; ++i) {
        REQUIRE(stage.plan(UpdateChannel{.channel = "orders"}, stage.as(stage.alice)).ok());
    }
    CHECK(code(stage, MarkRead{.channel = "orders"}, stage.as(stage.alice)) == ErrorCode::rate_limited);
    for (int i = 0; i < 300; ++i) REQUIRE(stage.plan(GetChannel{.channel = "orders"}, stage.backend()).ok());
    CHECK(stage.plan(GetChannel{.channel = "orders"}, stage.as(stage.budi)).ok());
}
