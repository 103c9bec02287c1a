/// Everything the engine can do, as data: one struct per command, naming the type of its answer.
///
/// A field that names a channel or a user is a string: the internal id or the `external_id`, a canonical UUID is
/// looked up as an internal id first. Fields called `external_id(s)` take external ids only. `metadata` is the text
/// of a JSON object, checked for every caller. Who may call what, and the errors, are those of section 3 of the
/// protocol. Commands are plain values; the engine takes them by value.
#pragma once

#include <cariosan/backend_commands.hpp>
#include <cariosan/caller.hpp>
#include <cariosan/channel_commands.hpp>
#include <cariosan/sync_commands.hpp>
#include <cariosan/user_commands.hpp>
#include <cariosan/webhook_commands.hpp>
#include <cstdint>
#include <type_traits>
#include <variant>

namespace cariosan {

/// Any command: a `std::variant`, so that `std::visit`, `std::get_if` and the like take it. It is a class of its own so that
/// copying, moving and destroying it are compiled once, in the library, and not in each file that holds one.
struct Command : std::variant<CreateWorkspace, ListWorkspaces, DeleteWorkspace, RotateSecret, VerifyApiKey,
                              GetWorkspace, UpdateWorkspace, UpsertUser, UpdateUser, GetUser, ListUsers,
                              CreateChannel, ListChannels, DeleteChannel, GetChannel, UpdateChannel, ListMembers,
                              AddMembers, UpdateMember, RemoveMember, SendMessage, ListMessages, GetMe,
                              ListMyChannels, GetMyChannel, UpdateMyChannel, GetPreferences, LeaveChannel, MarkRead,
                              MarkDelivered, MarkAllDelivered, ListReceipts, GetChanges, ImportMessage,
                              SearchMessages, EditMessage, DeleteMessage, AddReaction, RemoveReaction, SilenceUser,
                              UnsilenceUser, ListSilences, BlockUser, UnblockUser, ListBlocks, GetPresence,
                              DeleteUser, ExportUser, SuspendUser, RestoreUser, ListModerationActions, ListReports,
                              UpdateReport, ReportMessage, ReportUser, PinMessage, UnpinMessage, ListPins,
                              CreateWebhook, ListWebhooks, GetWebhook, UpdateWebhook, DeleteWebhook, ListDeliveries,
                              RetryDelivery, PingWebhook, RegisterDevice, ListDevices, RemoveDevice, GetMessage,
                              ListReactions, PresignUpload, RotateWebhookSecret, Sync, GetFigures, CheckText> {
    using variant::variant;
    Command();
    Command(const Command& other);
    Command(Command&& other) noexcept;
    Command& operator=(const Command& other);
    Command& operator=(Command&& other) noexcept;
    ~Command();
};

/// Any answer: a `std::variant`, and a class of its own for the same reason as `Command`.
struct Answer : std::variant<Done, WorkspaceCredentials, Workspace, Page<Workspace>, User, Page<User>, Channel,
                             Page<Channel>, MemberList, MembersChanged, Message, MessagePage, Me, Page<MyChannel>,
                             MyChannel, PreferencesPage, ReceiptState, ChannelReceipts, ReceiptList, Changes,
                             SearchResults, Silence, Page<Silence>, BlockMade, BlockList, Page<UserPresence>,
                             Page<UserRecord>, WorkspaceSettings, Page<ModerationRecord>, WebhookCredentials, Webhook,
                             Page<Webhook>, Delivery, Page<Delivery>, Device, Page<Device>, Page<MessageReaction>,
                             PresignedUpload, Synced, Report, Page<Report>, WorkspaceFigures, TextVerdict> {
    using variant::variant;
    Answer();
    Answer(const Answer& other);
    Answer(Answer&& other) noexcept;
    Answer& operator=(const Answer& other);
    Answer& operator=(Answer&& other) noexcept;
    ~Answer();
};

/// What a command did, besides its answer.
struct Outcome {
    Answer answer{};
    bool created = false;    ///< something new was created (HTTP 201 instead of 200)
    bool duplicate = false;  ///< the idempotency key was known: `answer` is the message of the first send
    std::int64_t rev = 0;    ///< the channel's revision after the command; 0: no channel
};

template <class C, class Variant>
struct IsAlternative;
template <class C, class... All>
struct IsAlternative<C, std::variant<All...>> : std::bool_constant<(std::is_same_v<C, All> || ...)> {};

/// A type that `Engine::run` and `Engine::submit` take.
template <class C>
concept AnyCommand = IsAlternative<C, Command::variant>::value;

}  // namespace cariosan
