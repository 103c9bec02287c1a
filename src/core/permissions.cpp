#include "core/permissions.hpp"
#include "core/refusals.hpp"

#include <array>

namespace cariosan::core {
namespace {

constexpr std::size_t kCommands = std::variant_size_v<Command::variant>;
using Table = std::array<Permission, kCommands>;

constexpr Permission kHost{.host = true};
constexpr Permission kBackend{.backend = true};

constexpr Permission both(UserRight user, RateKind rate) {
    return {.backend = true, .user = user, .rate = rate};
}
constexpr Permission user_only(UserRight user, RateKind rate) { return {.user = user, .rate = rate}; }

template <AnyCommand C>
constexpr Permission& row(Table& table) {
    return table[command_index<C>()];
}

consteval Table make_table() {
    Table table;
    using enum UserRight;
    using enum RateKind;

    row<CreateWorkspace>(table) = kHost;
    row<ListWorkspaces>(table) = kHost;
    row<DeleteWorkspace>(table) = kHost;
    row<RotateSecret>(table) = kHost;
    row<VerifyApiKey>(table) = kHost;

    row<GetWorkspace>(table) = kBackend;
    row<UpdateWorkspace>(table) = kBackend;
    row<GetFigures>(table) = kBackend;
    row<CheckText>(table) = kBackend;
    row<UpsertUser>(table) = kBackend;
    row<UpdateUser>(table) = kBackend;
    row<GetUser>(table) = kBackend;
    row<ListUsers>(table) = kBackend;
    row<CreateChannel>(table) = kBackend;
    row<ListChannels>(table) = kBackend;
    row<DeleteChannel>(table) = kBackend;
    row<ImportMessage>(table) = kBackend;
    row<SilenceUser>(table) = kBackend;
    row<UnsilenceUser>(table) = kBackend;
    row<ListSilences>(table) = kBackend;
    row<DeleteUser>(table) = kBackend;
    row<ExportUser>(table) = kBackend;
    row<ListModerationActions>(table) = kBackend;
    row<SuspendUser>(table) = kBackend;
    row<RestoreUser>(table) = kBackend;
    row<ListReports>(table) = kBackend;
    row<UpdateReport>(table) = kBackend;
    row<CreateWebhook>(table) = kBackend;
    row<ListWebhooks>(table) = kBackend;
    row<GetWebhook>(table) = kBackend;
    row<UpdateWebhook>(table) = kBackend;
    row<RotateWebhookSecret>(table) = kBackend;
    row<DeleteWebhook>(table) = kBackend;
    row<ListDeliveries>(table) = kBackend;
    row<RetryDelivery>(table) = kBackend;
    row<PingWebhook>(table) = kBackend;

    row<GetChannel>(table) = both(member, read);
    row<UpdateChannel>(table) = both(admin, write);
    row<ListMembers>(table) = both(member, read);
    row<AddMembers>(table) = both(admin, write);
    row<UpdateMember>(table) = both(admin, write);
    row<RemoveMember>(table) = both(admin, write);  // or oneself, as a member
    row<SendMessage>(table) = both(member, send);
    row<ListMessages>(table) = both(member, read);
    row<GetMessage>(table) = both(member, read);
    row<ListReactions>(table) = both(member, read);

    row<GetMe>(table) = user_only(self, read);
    row<ListMyChannels>(table) = user_only(self, read);
    row<GetMyChannel>(table) = user_only(member, read);
    row<UpdateMyChannel>(table) = user_only(member, write);
    row<GetPreferences>(table) = user_only(self, read);
    row<LeaveChannel>(table) = user_only(member, write);
    row<MarkRead>(table) = user_only(member, write);
    row<MarkDelivered>(table) = user_only(member, write);
    row<MarkAllDelivered>(table) = user_only(self, write);  // in each channel: as a member
    row<ListReceipts>(table) = user_only(member, read);
    row<GetChanges>(table) = user_only(member, read);
    row<Sync>(table) = user_only(self, read);  // of each channel: as a member
    row<SearchMessages>(table) = user_only(self, search);  // in one channel: as a member

    row<EditMessage>(table) = user_only(member, write);    // its author
    row<DeleteMessage>(table) = both(member, write);       // its author, or an admin of the group
    row<AddReaction>(table) = user_only(member, write);
    row<RemoveReaction>(table) = user_only(member, write);
    row<PinMessage>(table) = user_only(admin, write);
    row<UnpinMessage>(table) = user_only(admin, write);
    row<ListPins>(table) = both(member, read);
    row<ReportMessage>(table) = user_only(member, write);
    row<ReportUser>(table) = user_only(self, write);

    row<BlockUser>(table) = user_only(self, write);
    row<UnblockUser>(table) = user_only(self, write);
    row<ListBlocks>(table) = user_only(self, read);
    row<RegisterDevice>(table) = user_only(self, write);
    row<ListDevices>(table) = user_only(self, read);
    row<RemoveDevice>(table) = user_only(self, write);
    row<GetPresence>(table) = user_only(self, read);
    row<PresignUpload>(table) = user_only(self, write);
    return table;
}

constexpr Table kTable = make_table();

consteval bool every_command_has_a_caller() {
    for (const Permission& permission : kTable) {
        if (!permission.host && !permission.backend && permission.user == UserRight::never) return false;
    }
    return true;
}
static_assert(every_command_has_a_caller(), "a command is missing in the table of permissions");

}  // namespace

const Permission& permission_of(std::size_t command_index) noexcept { return kTable[command_index]; }

Result<Done> check_right(UserRight right, ChannelType type, const std::optional<Membership>& membership) {
    if (right == UserRight::self) return Done{};
    if (right == UserRight::never) return user_may_never();
    if (!membership) return caller_is_no_member();
    if (right == UserRight::admin && type == ChannelType::group && membership->role != Role::admin) {
        return caller_is_no_admin();
    }
    return Done{};
}

}  // namespace cariosan::core
