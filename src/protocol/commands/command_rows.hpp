/// Shared definitions for the rows of the command table, and the parts of the table.
#pragma once

#include <string_view>
#include <vector>

#include "protocol/commands/command_table.hpp"

namespace cariosan::protocol {

using Status = Answering::Status;

inline constexpr Callers kHost = Caller::Kind::host;
inline constexpr Callers kBackend = Caller::Kind::backend;
inline constexpr Callers kUser = Caller::Kind::user;
inline constexpr Callers kBoth = kBackend | kUser;

inline constexpr Shape kChannelReference{"The channel's internal id or external_id.", "ChannelReference"};
inline constexpr Shape kUserReference{"The user's internal id or external_id.", "UserReference"};
inline constexpr Shape kUserQuery{
    "Only those of whose name a word begins so, or whose external_id does. A page may then hold few, or none, and not be the last.",
    "MemberQuery"};
inline constexpr Shape kMessageReference{"The message.", "MessageReference"};
inline constexpr Shape kName{
    "One line of at most 255 bytes, without bidirectional control characters (U+202A–U+202E, U+2066–U+2069).", "Name"};
inline constexpr Shape kAvatar{"The http or https address of a picture, with a valid host and no user name.",
                               "PictureUrl"};
inline constexpr Shape kMetadata{"Any JSON object, at most 4 KiB of text and 8 levels deep.", "Metadata"};

template <class C>
Command make() {
    return C{};
}

void add_workspaces(std::vector<CommandRow>& rows);
void add_users(std::vector<CommandRow>& rows);
void add_moderation(std::vector<CommandRow>& rows);
void add_message_changes(std::vector<CommandRow>& rows);
void add_webhooks(std::vector<CommandRow>& rows);
void add_me(std::vector<CommandRow>& rows);
void add_sync(std::vector<CommandRow>& rows);

}  // namespace cariosan::protocol
