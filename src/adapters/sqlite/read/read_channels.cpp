#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "adapters/sqlite/read/channel_readers.hpp"

namespace cariosan::sqlite {
namespace {

/// Sorts before every channel in descending order.
ChannelReader::ActivityKey before_all() {
    ChannelReader::ActivityKey key;
    key.last_activity.milliseconds = std::numeric_limits<std::int64_t>::max();
    key.channel.uuid.bytes.fill(0xff);
    return key;
}

bool newer(const MyChannel& a, const MyChannel& b) {
    return std::tie(a.last_activity, a.channel.id) > std::tie(b.last_activity, b.channel.id);
}

}  // namespace

/// An item of "my channels" with the data needed to complete it.
struct SqliteChannels::Item {
    std::int64_t row = 0;
    MyChannel mine;
    bool unsent = false;  ///< something above the read position was deleted
    std::optional<MessageRow> last;

    UnreadRange unread() const {
        return {.channel = row, .last_seq = mine.channel.last_seq, .last_read_seq = mine.last_read_seq};
    }
};

Result<std::optional<Channel>> SqliteChannels::find(WorkspaceId workspace, ChannelId id) {
    std::optional<Channel> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        Rows rows = find_.query(id, *row);
        if (rows.next()) found = read_channel(rows);
    }
    return snapshot_.checked(std::move(found));
}

Result<std::optional<Channel>> SqliteChannels::find_external(WorkspaceId workspace,
                                                             std::string_view external_id) {
    std::optional<Channel> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        Rows rows = find_external_.query(*row, external_id);
        if (rows.next()) found = read_channel(rows);
    }
    return snapshot_.checked(std::move(found));
}

Result<std::vector<Channel>> SqliteChannels::list(WorkspaceId workspace, std::optional<ChannelId> after,
                                                  std::int64_t limit) {
    std::vector<Channel> list;
    if (const auto row = snapshot_.workspace(workspace)) {
        Rows rows = list_.query(*row, after.value_or(ChannelId{}), limit);
        while (rows.next()) list.push_back(read_channel(rows));
    }
    return snapshot_.checked(std::move(list));
}

SqliteChannels::Item SqliteChannels::read_item(Rows& rows) {
    Item item;
    item.row = rows.integer();
    MyChannel& mine = item.mine;
    mine.last_activity = rows.timestamp();
    mine.role = rows.code<Role>();
    mine.last_read_seq = rows.integer();
    mine.last_delivered_seq = rows.integer();
    mine.mention_count = rows.integer();
    item.unsent = rows.flag();
    mine.preferences = read_preferences(rows);
    mine.channel = read_channel(rows);
    if (mine.channel.last_seq > 0) item.last = read_message(rows, mine.channel.id, mine.channel.external_id);
    return item;
}

/// The newest message visible to a user who has blocked others.
void SqliteChannels::hide_blocked(Item& item, const ViewerRow& viewer) {
    if (!item.last || !viewer.hides(item.last->message.user.id)) return;
    const Channel& channel = item.mine.channel;
    const std::int64_t hidden = item.last->message.seq;
    item.last.reset();
    Rows rows = older_messages_.query(item.row, hidden);
    while (!item.last && rows.next()) {
        MessageRow row = read_message(rows, channel.id, channel.external_id);
        if (!viewer.hides(row.message.user.id)) item.last = std::move(row);
    }
}

HiddenAuthors SqliteChannels::hidden_from(const ResolvedUser& user) {
    return unread_.hidden_from(user.row, snapshot_.workspace(user.workspace).value_or(0), user.block_count > 0);
}

std::int64_t SqliteChannels::count_unread(const UnreadRange& range, bool unsent, const HiddenAuthors& hidden,
                                          UnreadBudget& budget) {
    return unsent || hidden.any() ? unread_.count(range, hidden, budget) : range.span();
}

std::vector<MyChannel> SqliteChannels::complete(std::vector<Item> items, const ResolvedUser& user,
                                                std::int64_t members) {
    const ViewerRow& viewer = snapshot_.viewer(user.id);
    std::vector<MessageRow*> messages;
    const HiddenAuthors hidden = hidden_from(user);
    UnreadBudget budget;
    for (Item& item : items) {
        item.mine.unread_count = count_unread(item.unread(), item.unsent, hidden, budget);
        if (hidden.any() && item.mine.mention_count > 0) {
            item.mine.mention_count = unread_.count_mentions(user.row, item.unread(), hidden);
        }
        hide_blocked(item, viewer);
        if (item.last) messages.push_back(&*item.last);
    }
    parts_.complete(messages, viewer);
    std::vector<MyChannel> out;
    out.reserve(items.size());
    for (Item& item : items) {
        if (item.last) item.mine.last_message = std::move(item.last->message);
        if (members > 0) {
            // SQLite has no LATERAL: one short index range per channel does what such a join would do.
            const bool direct = item.mine.channel.type == ChannelType::direct;
            Rows rows = direct ? peer_.query(item.row, user.row) : some_members_.query(item.row, members);
            reserve_rows(item.mine.members, members);
            while (rows.next()) item.mine.members.push_back(read_member(rows));
        }
        out.push_back(std::move(item.mine));
    }
    return out;
}

Result<std::vector<MyChannel>> SqliteChannels::list_of(WorkspaceId workspace, UserId user, const MyChannelRange& range) {
    const ResolvedUser* viewer = snapshot_.user(workspace, user);
    if (viewer == nullptr) return snapshot_.checked(std::vector<MyChannel>());
    const ActivityKey key = range.after.value_or(before_all());
    std::vector<Item> items;
    {
        reserve_rows(items, range.limit);
        Rows rows = list_of_.query(viewer->row, key.last_activity, key.channel, range.limit, range.archived);
        while (rows.next()) items.push_back(read_item(rows));
    }
    // They arrive in the order of the page, but SQL does not promise it.
    const auto in_order = [](const Item& a, const Item& b) { return newer(a.mine, b.mine); };
    if (!std::ranges::is_sorted(items, in_order)) std::ranges::sort(items, in_order);
    return snapshot_.checked(complete(std::move(items), *viewer, range.members));
}

Result<std::optional<MyChannel>> SqliteChannels::find_of(WorkspaceId workspace, UserId user,
                                                         ChannelId channel, std::int64_t members) {
    std::optional<MyChannel> found;
    if (const ResolvedUser* viewer = snapshot_.user(workspace, user)) {
        std::vector<Item> items;
        {
            Rows rows = find_of_.query(viewer->row, channel);
            if (rows.next()) items.push_back(read_item(rows));
        }
        auto completed = complete(std::move(items), *viewer, members);
        if (!completed.empty()) found = std::move(completed.front());
    }
    return snapshot_.checked(std::move(found));
}

Result<std::vector<ChannelPosition>> SqliteChannels::positions_of(WorkspaceId workspace, UserId user) {
    std::vector<ChannelPosition> positions;
    if (const ResolvedUser* member = snapshot_.user(workspace, user)) {
        Rows rows = positions_of_.query(member->row);
        while (rows.next()) {
            ChannelPosition position;
            position.channel = rows.id<ChannelId>();
            position.rev = rows.integer();
            position.member_rev = rows.integer();
            position.member_count = rows.integer();
            position.last_activity = rows.timestamp();
            position.archived = rows.flag();
            positions.push_back(position);
        }
    }
    return snapshot_.checked(std::move(positions));
}

Result<std::int64_t> SqliteChannels::unread_total(WorkspaceId workspace, UserId user) {
    constexpr std::int64_t kMost = 9999;
    std::int64_t total = 0;
    if (const ResolvedUser* member = snapshot_.user(workspace, user)) {
        const HiddenAuthors hidden = hidden_from(*member);
        UnreadBudget budget;
        Rows rows = unread_total_.query(member->row);
        while (total < kMost && rows.next()) {
            UnreadRange range;
            range.channel = rows.integer();
            range.last_seq = rows.integer();
            range.last_read_seq = rows.integer();
            total += count_unread(range, rows.flag(), hidden, budget);
        }
    }
    return snapshot_.checked(std::min(total, kMost));
}

Result<PreferencesRead> SqliteChannels::preferences_of(WorkspaceId workspace, UserId user, std::int64_t since,
                                                       std::int64_t limit) {
    PreferencesRead read;
    if (const ResolvedUser* member = snapshot_.user(workspace, user)) {
        Rows own = preferences_rev_.query(member->row);
        if (own.next()) read.preferences_rev = own.integer();
        if (since < read.preferences_rev && limit > 0) {
            Rows rows = preferences_.query(member->row, since, limit);
            while (rows.next()) {
                const auto channel = rows.id<ChannelId>();
                read.channels.push_back({channel, read_preferences(rows)});
            }
        }
    }
    return snapshot_.checked(std::move(read));
}

Result<std::vector<ChannelId>> SqliteChannels::unread_by(WorkspaceId workspace, UserId user, std::optional<UserId> author,
                                                         std::int64_t limit) {
    std::vector<ChannelId> channels;
    const ResolvedUser* member = snapshot_.user(workspace, user);
    if (member == nullptr) return snapshot_.checked(std::move(channels));
    const std::int64_t author_row = author ? snapshot_.user_row(*author).value_or(0) : 0;
    UnreadBudget budget;
    Rows rows = unread_channels_.query(member->row);
    while (std::cmp_less(channels.size(), limit) && rows.next()) {
        const auto channel = rows.id<ChannelId>();
        UnreadRange range;
        range.channel = rows.integer();
        range.last_seq = rows.integer();
        range.last_read_seq = rows.integer();
        if (!author || unread_.has_any_by(author_row, range, budget)) channels.push_back(channel);
    }
    return snapshot_.checked(std::move(channels));
}

}  // namespace cariosan::sqlite
