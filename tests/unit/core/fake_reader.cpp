#include <algorithm>

#include "unit/core/fakes.hpp"

namespace cariosan::test {
namespace {

/// At most `limit` items after `after`, in the order of their keys.
template <class T, class Key, class KeyOf>
std::vector<T> listed(std::vector<T> items, const std::optional<Key>& after, std::int64_t limit,
                      KeyOf key_of) {
    std::sort(items.begin(), items.end(), [&](const T& a, const T& b) { return key_of(a) < key_of(b); });
    if (after) std::erase_if(items, [&](const T& item) { return key_of(item) <= *after; });
    if (std::cmp_greater(items.size(), limit)) items.resize(static_cast<std::size_t>(limit));
    return items;
}

}  // namespace

Result<std::optional<Workspace>> FakeReader::Workspaces::find(WorkspaceId id) {
    for (const Workspace& workspace : world.workspaces) {
        if (workspace.id == id) return std::optional(workspace);
    }
    return std::optional<Workspace>();
}

Result<std::vector<Workspace>> FakeReader::Workspaces::list(std::optional<WorkspaceId> after,
                                                            std::int64_t limit) {
    return listed(world.workspaces, after, limit, [](const Workspace& workspace) { return workspace.id; });
}

Result<std::optional<StoredApiKey>> FakeReader::Workspaces::find_api_key(std::string_view api_key) {
    const auto found = world.api_keys.find(api_key);
    return found == world.api_keys.end() ? std::nullopt : std::optional(found->second);
}

Result<std::optional<std::string>> FakeReader::Workspaces::present_api_key(WorkspaceId id) {
    for (const auto& [api_key, stored] : world.api_keys) {
        const bool present = std::ranges::any_of(stored.secrets, [](const StoredSecret& secret) { return !secret.expires_at; });
        if (stored.workspace.id == id && present) return std::optional(api_key);
    }
    return std::optional<std::string>();
}

Result<std::array<std::uint8_t, 32>> FakeReader::Workspaces::idempotency_secret(WorkspaceId) {
    return world.idempotency_secret;
}

Result<WorkspaceFigures> FakeReader::Workspaces::figures(WorkspaceId id, std::int64_t most) {
    const auto in = std::ranges::count_if(world.users, [&](const auto& user) { return user.first == id; });
    return WorkspaceFigures{.users = std::min<std::int64_t>(in, most), .counted_to = most};
}

Result<std::optional<User>> FakeReader::Users::find(WorkspaceId workspace, UserId id) {
    ++world.user_reads;
    for (const auto& [owner, user] : world.users) {
        if (owner == workspace && user.id == id) return std::optional(user);
    }
    return std::optional<User>();
}

Result<std::optional<User>> FakeReader::Users::find_external(WorkspaceId workspace,
                                                             std::string_view external_id) {
    for (const auto& [owner, user] : world.users) {
        if (owner == workspace && user.external_id == external_id) return std::optional(user);
    }
    return std::optional<User>();
}

Result<std::vector<User>> FakeReader::Users::list(WorkspaceId workspace, std::optional<UserId> after,
                                                  std::int64_t limit) {
    std::vector<User> users;
    for (const auto& [owner, user] : world.users) {
        if (owner == workspace) users.push_back(user);
    }
    return listed(std::move(users), after, limit, [](const User& user) { return user.id; });
}

Result<SharingUsers> FakeReader::Users::sharing(WorkspaceId workspace, UserId viewer, std::span<const UserId> users,
                                                WorkBudget& budget) {
    SharingUsers sharing;
    for (const UserId id : users) {
        if (sharing.judged > 0 && budget.spent()) break;
        ++sharing.judged;
        budget.spend(world.sharing_steps);
        const bool share = std::ranges::any_of(world.channels, [&](const FakeChannel& row) {
            return row.memberships.contains(id) && row.memberships.contains(viewer);
        });
        const auto user = find(workspace, id);
        const auto blocks = [&](UserId one, UserId other) {
            return std::ranges::find(world.blocks[one].users, other) != world.blocks[one].users.end();
        };
        if (!share || !*user || blocks(viewer, id) || blocks(id, viewer)) continue;
        sharing.found.push_back({.user_id = id, .external_id = (*user)->external_id, .online = false, .last_seen_at = {}});
    }
    return sharing;
}

Result<std::optional<Channel>> FakeReader::Channels::find(WorkspaceId workspace, ChannelId id) {
    for (const FakeChannel& row : world.channels) {
        if (row.workspace == workspace && row.channel.id == id) return std::optional(row.channel);
    }
    return std::optional<Channel>();
}

Result<std::optional<Channel>> FakeReader::Channels::find_external(WorkspaceId workspace,
                                                                   std::string_view external_id) {
    for (const FakeChannel& row : world.channels) {
        if (row.workspace == workspace && row.channel.external_id == external_id) {
            return std::optional(row.channel);
        }
    }
    return std::optional<Channel>();
}

Result<std::vector<Channel>> FakeReader::Channels::list(WorkspaceId workspace, std::optional<ChannelId> after,
                                                        std::int64_t limit, const ChannelFilter& filter) {
    std::vector<Channel> channels;
    for (const FakeChannel& row : world.channels) {
        if (row.workspace != workspace || (filter.type && *filter.type != row.channel.type)) continue;
        if (!filter.member || row.memberships.contains(*filter.member)) channels.push_back(row.channel);
    }
    return listed(std::move(channels), after, limit, [](const Channel& channel) { return channel.id; });
}

Result<std::vector<MyChannel>> FakeReader::Channels::list_of(WorkspaceId workspace, UserId user,
                                                             const MyChannelRange& range) {
    const auto& [after, limit, members, archived] = range;
    std::vector<MyChannel> mine;
    for (const FakeChannel& row : world.channels) {
        auto one = find_of(workspace, user, row.channel.id, members);
        if (one && *one && (*one)->preferences.archived == archived) mine.push_back(std::move(**one));
    }
    const auto key_of = [](const MyChannel& item) { return std::pair(item.last_activity, item.channel.id); };
    std::sort(mine.begin(), mine.end(),
              [&](const MyChannel& a, const MyChannel& b) { return key_of(a) > key_of(b); });
    if (after) {
        const std::pair last(after->last_activity, after->channel);
        std::erase_if(mine, [&](const MyChannel& item) { return key_of(item) >= last; });
    }
    if (std::cmp_greater(mine.size(), limit)) mine.resize(static_cast<std::size_t>(limit));
    return mine;
}

Result<std::optional<MyChannel>> FakeReader::Channels::find_of(WorkspaceId workspace, UserId user,
                                                               ChannelId channel, std::int64_t) {
    for (const FakeChannel& row : world.channels) {
        const auto membership = row.memberships.find(user);
        if (row.workspace != workspace || row.channel.id != channel || membership == row.memberships.end()) {
            continue;
        }
        MyChannel mine;
        mine.channel = row.channel;
        mine.role = membership->second.role;
        const auto kept = row.preferences.find(user);
        if (kept != row.preferences.end()) mine.preferences = kept->second;
        mine.last_read_seq = membership->second.last_read_seq;
        mine.unread_count = row.channel.last_seq - mine.last_read_seq;
        mine.last_activity = row.channel.created_at;
        return std::optional(mine);
    }
    return std::optional<MyChannel>();
}

Result<std::vector<ChannelPosition>> FakeReader::Channels::positions_of(WorkspaceId, UserId) {
    return std::vector<ChannelPosition>();
}

Result<std::int64_t> FakeReader::Channels::unread_total(WorkspaceId workspace, UserId user) {
    std::int64_t total = 0;
    for (const FakeChannel& row : world.channels) {
        auto one = find_of(workspace, user, row.channel.id, 0);
        if (one && *one) total += (*one)->unread_count;
    }
    return total;
}

Result<PreferencesRead> FakeReader::Channels::preferences_of(WorkspaceId workspace, UserId user, std::int64_t since,
                                                             std::int64_t limit) {
    PreferencesRead read;
    for (const FakeChannel& row : world.channels) {
        const auto kept = row.preferences.find(user);
        if (row.workspace != workspace || kept == row.preferences.end()) continue;
        const std::int64_t rev = kept->second.preferences_rev;
        read.preferences_rev = std::max(read.preferences_rev, rev);
        if (rev > since) read.channels.push_back({row.channel.id, kept->second});
    }
    std::ranges::sort(read.channels, {}, [](const ChannelPreferences& each) { return each.preferences.preferences_rev; });
    if (std::cmp_greater(read.channels.size(), limit)) read.channels.resize(static_cast<std::size_t>(limit));
    return read;
}

Result<std::optional<Membership>> FakeReader::Members::find(ChannelId channel, UserId user) {
    const auto& memberships = world.row(channel).memberships;
    const auto found = memberships.find(user);
    return found == memberships.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<Member>> FakeReader::Members::list(ChannelId channel, std::optional<UserId> after,
                                                      std::int64_t limit) {
    return listed(world.row(channel).members, after, limit,
                  [](const Member& member) { return member.user.id; });
}

Result<std::vector<Receipt>> FakeReader::Members::receipts(ChannelId channel, std::optional<UserId> after,
                                                           std::int64_t limit) {
    return listed(world.row(channel).receipts, after, limit,
                  [](const Receipt& receipt) { return receipt.user_id; });
}

Result<std::optional<Message>> FakeReader::Messages::find(ChannelId channel, MessageId id, const Viewpoint&) {
    for (const Message& message : world.row(channel).messages) {
        if (message.id == id) return std::optional(message);
    }
    return std::optional<Message>();
}

Result<std::optional<StoredSend>> FakeReader::Messages::find_sent(ChannelId channel, UserId author,
                                                                  std::string_view key) {
    for (const StoredSend& send : world.row(channel).sends) {
        if (send.message.user.id == author && send.message.idempotency_key == key) return std::optional(send);
    }
    return std::optional<StoredSend>();
}

Result<std::vector<Message>> FakeReader::Messages::page(ChannelId channel, const HistoryRange& range,
                                                         const Viewpoint& viewer) {
    std::vector<Message> messages = world.row(channel).messages;
    if (viewer.user && world.blocks.contains(*viewer.user)) {
        const auto& hidden = world.blocks[*viewer.user].users;
        std::erase_if(messages, [&](const Message& m) { return std::ranges::find(hidden, m.user.id) != hidden.end(); });
    }
    world.widest_history_range = std::max(world.widest_history_range, range.to - range.from);
    std::erase_if(messages, [&](const Message& m) { return m.seq < range.from || m.seq > range.to; });
    if (!range.ascending) std::reverse(messages.begin(), messages.end());
    if (std::cmp_greater(messages.size(), range.limit))
        messages.resize(static_cast<std::size_t>(range.limit));
    return messages;
}

Result<std::int64_t> FakeReader::Changed::count(ChannelId channel, std::int64_t since, std::int64_t limit) {
    ++world.change_counts;
    const FakeChannel& row = world.row(channel);
    const auto later = [&](const auto& object) { return object.rev > since; };
    const auto count = std::count_if(row.messages.begin(), row.messages.end(), later) +
                       std::count_if(row.members.begin(), row.members.end(), later);
    return std::min<std::int64_t>(count, limit);
}

Result<ChangePage> FakeReader::Changed::page(const Channel& channel, const Viewpoint& viewer,
                                             const ChangeRange& range) {
    world.last_change_range = range;
    const FakeChannel& row = world.row(channel.id);
    ChangePage page{.messages = {},
                    .members = {},
                    .receipts = {},
                    .rev = channel.rev,
                    .receipt_rev = channel.receipt_rev,
                    .changed = 0,
                    .has_more = false};
    const auto later = [&](const auto& object) { return object.rev > range.since; };
    std::copy_if(row.messages.begin(), row.messages.end(), std::back_inserter(page.messages), later);
    std::copy_if(row.members.begin(), row.members.end(), std::back_inserter(page.members), later);
    page.changed = std::ssize(page.messages) + std::ssize(page.members);
    for (const Receipt& cursor : row.receipts) {
        const bool wanted = !range.own_receipt_only || viewer.user == cursor.user_id;
        if (wanted && cursor.receipt_rev > range.receipts_since) page.receipts.push_back(cursor);
    }
    return page;
}

Result<SearchCandidates> FakeReader::Search::candidates(WorkspaceId, UserId, const SearchRange& range, WorkBudget& budget,
                                                        const SearchFilter& filter) {
    world.last_search_range = range;
    SearchCandidates out{.found = {}, .indexed = world.candidates.indexed};
    for (const SearchCandidate& each : world.candidates.found) {
        if (each.position < range.oldest || each.position > range.newest) continue;
        if (filter(each)) out.found.push_back(each);
        budget.spend(world.steps_per_candidate);
        if (budget.spent() && each.position > 1) {
            out.cut_at = each.position;
            break;
        }
    }
    return out;
}

Result<SilenceState> FakeReader::Silences::find(ChannelId channel, UserId user, Timestamp now) {
    for (const Silence& silence : world.silences) {
        const bool here = !silence.channel_id || silence.channel_id == channel;
        if (silence.user.id == user && here && (!silence.until || *silence.until > now)) {
            return SilenceState{.silenced = true, .until = silence.until};
        }
    }
    return SilenceState{};
}

Result<SilenceReader::Page> FakeReader::Silences::list(WorkspaceId, std::optional<Key> after,
                                                       std::int64_t limit, Timestamp) {
    const auto key = [](const Silence& silence) {
        return std::pair(silence.user.id, silence.channel_id.value_or(ChannelId{}));
    };
    const auto begin = after ? std::optional(std::pair(after->user, after->channel)) : std::nullopt;
    Page page{.silences = listed(world.silences, begin, limit + 1, key), .next = {}};
    if (std::ssize(page.silences) > limit) {
        page.silences.pop_back();
        const auto [user, channel] = key(page.silences.back());
        page.next = Key{user, channel};
    }
    return page;
}

Result<BlockedUsers> FakeReader::Blocks::of(WorkspaceId, UserId user) { return world.blocks[user]; }

Result<std::vector<Block>> FakeReader::Blocks::list(WorkspaceId, UserId user, std::optional<UserId> after,
                                                    std::int64_t limit) {
    std::vector<Block> blocks;
    for (const UserId blocked : world.blocks[user].users) {
        Block block;
        block.user.id = blocked;
        blocks.push_back(block);
    }
    return listed(std::move(blocks), after, limit, [](const Block& block) { return block.user.id; });
}

Result<ModerationPage> FakeReader::Moderation::list(WorkspaceId, const ModerationRange& range) {
    world.last_moderation_range = range;
    ModerationPage page;
    const auto end = std::min<std::int64_t>(range.before.value_or(INT64_MAX), std::ssize(world.records));
    for (std::int64_t place = end; place > 0 && std::ssize(page.records) < range.limit; --place) {
        page.records.push_back(world.records[static_cast<std::size_t>(place - 1)]);
        if (place > 1 && std::ssize(page.records) == range.limit) page.next = place - 1;
    }
    return page;
}

Result<RecordPage<UserMembership>> FakeReader::UserData::memberships(WorkspaceId, UserId user, RecordPosition after,
                                                                     std::int64_t) {
    RecordPage<UserMembership> page;
    // One per page: the position is that of its channel.
    for (std::size_t i = static_cast<std::size_t>(after.major); i < world.channels.size(); ++i) {
        if (!world.channels[i].memberships.contains(user)) continue;
        page.records.push_back({.channel_id = world.channels[i].channel.id});
        page.next = RecordPosition{.major = static_cast<std::int64_t>(i) + 1, .minor = 7};
        break;
    }
    return page;
}

Result<RecordPage<Message>> FakeReader::UserData::messages(WorkspaceId, UserId user, RecordPosition after,
                                                           std::int64_t) {
    RecordPage<Message> page;
    // An empty page that is not the last.
    if (after.major == 0) {
        page.next = RecordPosition{.major = 1};
        return page;
    }
    for (const FakeChannel& each : world.channels) {
        for (const Message& message : each.messages) {
            if (message.user.id == user) page.records.push_back(message);
        }
    }
    return page;
}

}  // namespace cariosan::test
