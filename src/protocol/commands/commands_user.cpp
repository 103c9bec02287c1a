// Rows for commands of a user on their own profile, channels, devices and blocks.
#include <algorithm>

#include "protocol/commands/command_rows.hpp"

namespace cariosan::protocol {
namespace {

/// A list of users: separated by commas in a query, an array in JSON.
Field users_to_show() {
    auto read = [](const Input& input, Invocation& invocation) -> Result<Done> {
        const InputValue value = input.find("users");
        if (value.absent()) return detail::missing("users");
        std::vector<std::string>& users = std::get<GetPresence>(invocation.command).users;
        if (value.text == nullptr) return read_value("users", value, users);
        std::string_view rest = *value.text;
        while (!rest.empty()) {
            const std::string_view one = rest.substr(0, rest.find(','));
            users.emplace_back(one);
            rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        }
        return Done{};
    };
    return {"users", "Internal ids or external_ids, at most 100, separated by commas; a user whose external_id contains a comma by its id.",
            detail::schema_reference("PresenceUsers"), true, std::move(read)};
}

void add_my_channels(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "me.channel.list",
                    .summary = "The caller's channels, those with the latest activity first.",
                    .routes = {{"GET", "/v1/me/channels"}},
                    .callers = kUser,
                    .fields = range_and(&ListMyChannels::range, core::ListOf::my_channels,
                                        {optional("members", &ListMyChannels::members,
                                                  {"The number of members to show of each group: 1–20.", "MembersShown"}),
                                         optional("archived", &ListMyChannels::archived,
                                                  "true: the archived ones instead of all others.")}),
                    .make = make<ListMyChannels>,
                    .answer = {Status::ok, "MyChannelList"}});
    rows.push_back({.name = "me.channel.get",
                    .summary = "One of the caller's channels, as in the list.",
                    .routes = {{"GET", "/v1/me/channels/{channel}"}},
                    .callers = kUser,
                    .fields = {required("channel", &GetMyChannel::channel, kChannelReference),
                               optional("members", &GetMyChannel::members,
                                        {"The number of members to show of a group: 1–20.", "MembersShown"})},
                    .make = make<GetMyChannel>,
                    .answer = {Status::ok, "MyChannelAnswer"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "me.channel.update",
                    .summary = "The caller's own preferences for a channel, those that are given.",
                    .routes = {{"PATCH", "/v1/me/channels/{channel}"}},
                    .callers = kUser,
                    .fields = {required("channel", &UpdateMyChannel::channel, kChannelReference),
                               optional("muted", &UpdateMyChannel::muted, "No push, and not counted in unread_total."),
                               optional("archived", &UpdateMyChannel::archived,
                                        "Out of the list until a new message arrives, or for good while muted."),
                               optional("pinned", &UpdateMyChannel::pinned, "For clients to show first; it changes no order here."),
                               optional("marked_unread", &UpdateMyChannel::marked_unread,
                                        "To be looked at again; ends when the caller reads or sends there.")},
                    .make = make<UpdateMyChannel>,
                    .answer = {Status::ok, "MyChannelAnswer"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "me.preferences",
                    .summary = "The preferences of the caller's channels that changed since a preferences_rev.",
                    .routes = {{"GET", "/v1/me/preferences"}},
                    .callers = kUser,
                    .fields = {optional("since", &GetPreferences::since, {"The preferences_rev that the caller has.", "Count"}),
                               optional("limit", &GetPreferences::limit, {"The most channels per page; by default 100.", "ChangesLimit"})},
                    .make = make<GetPreferences>,
                    .answer = {Status::ok, "PreferencesPage"}});
}

void add_my_blocks(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "me.block.list",
                    .summary = "The users the caller has blocked.",
                    .routes = {{"GET", "/v1/me/blocks"}},
                    .callers = kUser,
                    .fields = range_and(&ListBlocks::range, core::ListOf::blocks),
                    .make = make<ListBlocks>,
                    .answer = {Status::ok, "BlockList"}});
    rows.push_back({.name = "me.block.add",
                    .summary = "Blocks a user: the caller no longer sees the user's messages.",
                    .routes = {{"PUT", "/v1/me/blocks/{user}"}},
                    .callers = kUser,
                    .fields = {required("user", &BlockUser::user, kUserReference)},
                    .make = make<BlockUser>,
                    .answer = {Status::ok, "BlockMade"},
                    .errors = {ErrorCode::not_found}});
    rows.push_back({.name = "me.block.remove",
                    .summary = "Lifts a block.",
                    .routes = {{"DELETE", "/v1/me/blocks/{user}"}},
                    .callers = kUser,
                    .fields = {required("user", &UnblockUser::user, kUserReference)},
                    .make = make<UnblockUser>,
                    .answer = {Status::no_content, ""},
                    .errors = {ErrorCode::not_found}});
}

void add_my_devices(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "me.device.register",
                    .summary = "Registers a device for push notifications to the caller.",
                    .routes = {{"POST", "/v1/me/devices"}},
                    .callers = kUser,
                    .fields = {required("token", &RegisterDevice::token,
                                        {"The token of the push service: 1 to 4096 visible ASCII characters.", "DeviceToken"}),
                               required("platform", &RegisterDevice::platform, "The device's platform.")},
                    .make = make<RegisterDevice>,
                    .answer = {Status::created_or_ok, "Device"}});
    rows.push_back({.name = "me.device.list",
                    .summary = "The devices registered for push notifications to the caller.",
                    .routes = {{"GET", "/v1/me/devices"}},
                    .callers = kUser,
                    .fields = range_and(&ListDevices::range, core::ListOf::devices),
                    .make = make<ListDevices>,
                    .answer = {Status::ok, "DeviceList"}});
    rows.push_back({.name = "me.device.remove",
                    .summary = "Removes a device: the caller gets no more push notifications on it.",
                    .routes = {{"DELETE", "/v1/me/devices/{token}"}},
                    .callers = kUser,
                    .fields = {required("token", &RemoveDevice::token, {"The token, as registered.", "DeviceToken"})},
                    .make = make<RemoveDevice>,
                    .answer = {Status::no_content, ""}});
}

}  // namespace

void add_me(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "me.get",
                    .summary = "The caller's own user.",
                    .routes = {{"GET", "/v1/me"}},
                    .callers = kUser,
                    .fields = {},
                    .make = make<GetMe>,
                    .answer = {Status::ok, "Me"}});
    add_my_channels(rows);
    add_my_blocks(rows);
    add_my_devices(rows);
    rows.push_back({.name = "me.channel.leave",
                    .summary = "Leaves a group.",
                    .routes = {{"DELETE", "/v1/me/channels/{channel}"}},
                    .callers = kUser,
                    .fields = {required("channel", &LeaveChannel::channel, kChannelReference)},
                    .make = make<LeaveChannel>,
                    .answer = {Status::no_content, ""},
                    .errors = {ErrorCode::not_found, ErrorCode::conflict}});
    rows.push_back({.name = "attachment.presign",
                    .summary = "Gives permission to upload a file. A message then refers to its public_url.",
                    .routes = {{"POST", "/v1/attachments/presign"}},
                    .callers = kUser,
                    .fields = {required("filename", &PresignUpload::filename, kName),
                               required("content_type", &PresignUpload::content_type,
                                        {"The media type, such as image/png; the server's settings decide which are accepted.",
                                         "ContentType"}),
                               required("size_bytes", &PresignUpload::size_bytes,
                                        {"The exact size; by default at most 25 MiB.", "FileSize"})},
                    .make = make<PresignUpload>,
                    .answer = {Status::ok, "PresignedUpload"}});
    rows.push_back({.name = "presence.get",
                    .summary = "Who is online, among users who share a channel with the caller; others are left out. A page may be short, or "
                               "empty, without being the last.",
                    .routes = {{"GET", "/v1/presence"}},
                    .callers = kUser,
                    .fields = {users_to_show(), optional("cursor", &GetPresence::cursor,
                                                         {"`next_cursor` of the page before, with the same `users`.",
                                                          "PresenceCursor"})},
                    .make = make<GetPresence>,
                    .answer = {Status::ok, "PresenceList"}});
}

}  // namespace cariosan::protocol
