// The rows of what a user does with its own things.
#include "protocol/command_rows.hpp"

namespace cariosan::protocol {

void add_me(std::vector<CommandRow>& rows) {
    rows.push_back({.name = "me.get",
                    .summary = "The caller itself.",
                    .routes = {{"GET", "/v1/me"}},
                    .callers = kUser,
                    .fields = {},
                    .make = make<GetMe>,
                    .answer = {Status::ok, "Me"}});
    rows.push_back({.name = "me.channel.list",
                    .summary = "The caller's channels, those with the latest activity first.",
                    .routes = {{"GET", "/v1/me/channels"}},
                    .callers = kUser,
                    .fields = range_and(&ListMyChannels::range,
                                        {optional("members", &ListMyChannels::members,
                                                  "How many members of each group to show: 0–20.")}),
                    .make = make<ListMyChannels>,
                    .answer = {Status::ok, "MyChannelList"}});
    rows.push_back({.name = "me.channel.update",
                    .summary = "The caller's own settings for a channel.",
                    .routes = {{"PATCH", "/v1/me/channels/{channel}"}},
                    .callers = kUser,
                    .fields = {required("channel", &UpdateMyChannel::channel, kChannelText),
                               optional("muted", &UpdateMyChannel::muted, "No push, not in unread_total.")},
                    .make = make<UpdateMyChannel>,
                    .answer = {Status::ok, "MyChannel"}});
    rows.push_back({.name = "me.block.list",
                    .summary = "Whom the caller has blocked.",
                    .routes = {{"GET", "/v1/me/blocks"}},
                    .callers = kUser,
                    .fields = range_and(&ListBlocks::range),
                    .make = make<ListBlocks>,
                    .answer = {Status::ok, "BlockList"}});
    rows.push_back({.name = "me.block.add",
                    .summary = "Blocks a user: the caller is not shown any more what it writes.",
                    .routes = {{"PUT", "/v1/me/blocks/{user}"}},
                    .callers = kUser,
                    .fields = {required("user", &BlockUser::user, kUserText)},
                    .make = make<BlockUser>,
                    .answer = {Status::ok, "BlockMade"}});
    rows.push_back({.name = "me.block.remove",
                    .summary = "Takes a block back.",
                    .routes = {{"DELETE", "/v1/me/blocks/{user}"}},
                    .callers = kUser,
                    .fields = {required("user", &UnblockUser::user, kUserText)},
                    .make = make<UnblockUser>,
                    .answer = {Status::no_content, ""}});
    rows.push_back({.name = "me.channel.leave",
                    .summary = "Leaves a group.",
                    .routes = {{"DELETE", "/v1/me/channels/{channel}"}},
                    .callers = kUser,
                    .fields = {required("channel", &LeaveChannel::channel, kChannelText)},
                    .make = make<LeaveChannel>,
                    .answer = {Status::no_content, ""}});
}

}  // namespace cariosan::protocol
