/// Reads channels, as a backend or as one of their members sees them. A template over the adapter's queries.
#pragma once

#include <algorithm>
#include <cariosan/storage.hpp>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"
#include "adapters/sql/unread.hpp"

namespace cariosan::sql {
namespace detail {

/// How many ranges are counted with one query, if an adapter sends lists.
inline constexpr std::size_t kRangesAtOnce = 100;

/// Sorts before every channel in descending order.
inline ChannelReader::ActivityKey before_all() {
    ChannelReader::ActivityKey key;
    key.last_activity.milliseconds = std::numeric_limits<std::int64_t>::max();
    key.channel.uuid.bytes.fill(0xff);
    return key;
}

inline bool newer(const MyChannel& a, const MyChannel& b) {
    return std::tie(a.last_activity, a.channel.id) > std::tie(b.last_activity, b.channel.id);
}

}  // namespace detail

template <class Queries>
class SqlChannels final : public ChannelReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlChannels(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<std::optional<Channel>> find(WorkspaceId workspace, ChannelId id) override;
    Result<std::optional<Channel>> find_external(WorkspaceId workspace,
                                                 std::string_view external_id) override;
    Result<std::vector<Channel>> list(WorkspaceId workspace, std::optional<ChannelId> after, std::int64_t limit,
                                      const ChannelFilter& filter) override;
    Result<std::vector<MyChannel>> list_of(WorkspaceId workspace, UserId user, const MyChannelRange& range) override;
    Result<std::optional<MyChannel>> find_of(WorkspaceId workspace, UserId user, ChannelId channel,
                                             std::int64_t members) override;
    Result<std::vector<ChannelPosition>> positions_of(WorkspaceId workspace, UserId user) override;
    Result<std::int64_t> unread_total(WorkspaceId workspace, UserId user) override;
    Result<PreferencesRead> preferences_of(WorkspaceId workspace, UserId user, std::int64_t since,
                                           std::int64_t limit) override;
    Result<std::vector<ChannelId>> unread_by(WorkspaceId workspace, UserId user, std::optional<UserId> author,
                                             std::int64_t limit) override;

  private:
    struct Item;
    static Item read_item(typename Queries::Rows& rows);
    void hide_blocked(Item& item, const ViewerRow& viewer);
    HiddenAuthors hidden_from(const ResolvedUser& user);
    /// Counts the messages that the user can see.
    void count_unread(std::vector<Item>& items, const ResolvedUser& user, const HiddenAuthors& hidden);
    /// Asks for the members that are shown. What is returned is called to add them.
    auto ask_members(std::vector<Item>& items, const ResolvedUser& user, std::int64_t members);
    std::vector<MyChannel> complete(std::vector<Item> items, const ResolvedUser& user, const HiddenAuthors& hidden,
                                    std::int64_t members);

    Snapshot& snapshot_;
    Queries sql_;
};

/// An item of "my channels" with the data needed to complete it.
template <class Queries>
struct SqlChannels<Queries>::Item {
    std::int64_t row = 0;
    MyChannel mine;
    bool unsent = false;  ///< something above the read position was deleted
    std::optional<MessageRow> last;

    UnreadRange unread() const {
        return {.channel = row, .last_seq = mine.channel.last_seq, .last_read_seq = mine.last_read_seq};
    }
};

template <class Queries>
Result<std::optional<Channel>> SqlChannels<Queries>::find(WorkspaceId workspace, ChannelId id) {
    std::optional<Channel> found;
    if (auto rows = sql_.find.query(id, workspace); rows.next()) {
        const std::int64_t workspace_row = rows.integer();
        const std::int64_t row = rows.integer();
        found = read_channel(rows);
        snapshot_.remember(workspace, workspace_row, {row, found->id, found->external_id});
    }
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::optional<Channel>> SqlChannels<Queries>::find_external(WorkspaceId workspace,
                                                                   std::string_view external_id) {
    std::optional<Channel> found;
    if (const auto row = snapshot_.workspace(workspace)) {
        auto rows = sql_.find_external.query(*row, external_id);
        if (rows.next()) found = read_channel(rows);
    }
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::vector<Channel>> SqlChannels<Queries>::list(WorkspaceId workspace, std::optional<ChannelId> after,
                                                        std::int64_t limit, const ChannelFilter& filter) {
    std::vector<Channel> list;
    const auto row = snapshot_.workspace(workspace);
    const auto member = filter.member ? snapshot_.user_row(*filter.member) : std::nullopt;
    if (!row || (filter.member && !member)) return snapshot_.checked(std::move(list));
    const ChannelId from = after.value_or(ChannelId{});
    const auto take = [&](auto rows) {
        while (rows.next()) list.push_back(read_channel(rows));
    };
    // A type that no channel has stands for any.
    const std::int64_t type = filter.type ? static_cast<std::int64_t>(*filter.type) : -1;
    if (member) {
        take(sql_.list_with.query(*row, from, limit, *member, type));
    } else if (filter.type) {
        take(sql_.list_of_type.query(*row, from, limit, type));
    } else {
        take(sql_.list.query(*row, from, limit));
    }
    return snapshot_.checked(std::move(list));
}

template <class Queries>
typename SqlChannels<Queries>::Item SqlChannels<Queries>::read_item(typename Queries::Rows& rows) {
    Item item;
    item.row = rows.integer();
    MyChannel& mine = item.mine;
    mine.last_activity = rows.timestamp();
    mine.role = read_code<Role>(rows);
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
template <class Queries>
void SqlChannels<Queries>::hide_blocked(Item& item, const ViewerRow& viewer) {
    if (!item.last || !viewer.hides(item.last->message.user.id)) return;
    const Channel& channel = item.mine.channel;
    const std::int64_t hidden = item.last->message.seq;
    item.last.reset();
    auto rows = sql_.older_messages.query(item.row, hidden);
    while (!item.last && rows.next()) {
        MessageRow row = read_message(rows, channel.id, channel.external_id);
        if (!viewer.hides(row.message.user.id)) item.last = std::move(row);
    }
}

template <class Queries>
HiddenAuthors SqlChannels<Queries>::hidden_from(const ResolvedUser& user) {
    return sql_.unread.hidden_from(user.row, snapshot_.workspace(user.workspace).value_or(0), user.block_count > 0);
}

template <class Queries>
void SqlChannels<Queries>::count_unread(std::vector<Item>& items, const ResolvedUser& user, const HiddenAuthors& hidden) {
    std::vector<Item*> counted;
    std::vector<UnreadRange> ranges;
    for (Item& item : items) {
        item.mine.unread_count = item.unread().span();
        if (item.unsent || hidden.any()) {
            counted.push_back(&item);
            ranges.push_back(item.unread());
        }
        if (hidden.any() && item.mine.mention_count > 0) {
            item.mine.mention_count = sql_.unread.count_mentions(user.row, item.unread(), hidden);
        }
    }
    UnreadBudget budget;
    const auto counts = sql_.unread.count(ranges, hidden, budget);
    for (std::size_t i = 0; i < counted.size(); ++i) counted[i]->mine.unread_count = counts[i];
}

template <class Queries>
auto SqlChannels<Queries>::ask_members(std::vector<Item>& items, const ResolvedUser& user, std::int64_t members) {
    const auto is_direct = [](const Item& item) { return item.mine.channel.type == ChannelType::direct; };
    if constexpr (Queries::kFetchesRowByRow) {
        return [this, &items, viewer = user.row, members, is_direct] {
            if (members == 0) return;
            for (Item& item : items) {
                auto rows = is_direct(item) ? sql_.peer.query(item.row, viewer) : sql_.some_members.query(item.row, members);
                reserve_rows(item.mine.members, members);
                while (rows.next()) item.mine.members.push_back(read_member(rows));
            }
        };
    } else {
        std::map<std::int64_t, Item*> by_row;
        std::vector<std::int64_t> directs;
        std::vector<std::int64_t> groups;
        for (Item& item : items) {
            by_row.emplace(item.row, &item);
            (is_direct(item) ? directs : groups).push_back(item.row);
        }
        std::optional<decltype(ask(sql_.peers, sql_.peers.list(directs), user.row))> peers;
        std::optional<decltype(ask(sql_.some_members, sql_.some_members.list(groups), members))> some;
        if (members > 0 && !directs.empty()) peers.emplace(ask(sql_.peers, sql_.peers.list(directs), user.row));
        if (members > 0 && !groups.empty()) some.emplace(ask(sql_.some_members, sql_.some_members.list(groups), members));
        return [by_row = std::move(by_row), peers = std::move(peers), some = std::move(some)]() mutable {
            const auto take = [&](auto rows) {
                while (rows.next()) {
                    auto& shown = by_row.at(rows.integer())->mine.members;
                    shown.push_back(read_member(rows));
                }
            };
            if (peers) take((*peers)());
            if (some) take((*some)());
        };
    }
}

template <class Queries>
std::vector<MyChannel> SqlChannels<Queries>::complete(std::vector<Item> items, const ResolvedUser& user,
                                                      const HiddenAuthors& hidden, std::int64_t members) {
    const ViewerRow& viewer = snapshot_.viewer(user.id);
    auto add_members = ask_members(items, user, members);
    std::vector<MessageRow*> messages;
    for (Item& item : items) {
        hide_blocked(item, viewer);
        if (item.last) messages.push_back(&*item.last);
    }
    auto complete_messages = sql_.parts.ask_parts(messages, viewer);
    count_unread(items, user, hidden);
    complete_messages();
    add_members();
    std::vector<MyChannel> out;
    out.reserve(items.size());
    for (Item& item : items) {
        if (item.last) item.mine.last_message = std::move(item.last->message);
        out.push_back(std::move(item.mine));
    }
    return out;
}

template <class Queries>
Result<std::vector<MyChannel>> SqlChannels<Queries>::list_of(WorkspaceId workspace, UserId user, const MyChannelRange& range) {
    const ResolvedUser* viewer = snapshot_.user(workspace, user);
    if (viewer == nullptr) return snapshot_.checked(std::vector<MyChannel>());
    const ActivityKey key = range.after.value_or(detail::before_all());
    std::vector<Item> items;
    reserve_rows(items, range.limit);
    auto page = ask(sql_.list_of, viewer->row, key.last_activity, key.channel, range.limit, range.archived);
    const HiddenAuthors hidden = hidden_from(*viewer);
    {
        auto rows = page();
        while (rows.next()) items.push_back(read_item(rows));
    }
    // They arrive in the order of the page, but SQL does not promise it.
    const auto in_order = [](const Item& a, const Item& b) { return detail::newer(a.mine, b.mine); };
    if (!std::ranges::is_sorted(items, in_order)) std::ranges::sort(items, in_order);
    return snapshot_.checked(complete(std::move(items), *viewer, hidden, range.members));
}

template <class Queries>
Result<std::optional<MyChannel>> SqlChannels<Queries>::find_of(WorkspaceId workspace, UserId user,
                                                               ChannelId channel, std::int64_t members) {
    std::optional<MyChannel> found;
    if (const ResolvedUser* viewer = snapshot_.user(workspace, user)) {
        std::vector<Item> items;
        auto one = ask(sql_.find_of, viewer->row, channel);
        const HiddenAuthors hidden = hidden_from(*viewer);
        {
            auto rows = one();
            if (rows.next()) items.push_back(read_item(rows));
        }
        auto completed = complete(std::move(items), *viewer, hidden, members);
        if (!completed.empty()) found = std::move(completed.front());
    }
    return snapshot_.checked(std::move(found));
}

template <class Queries>
Result<std::vector<ChannelPosition>> SqlChannels<Queries>::positions_of(WorkspaceId workspace, UserId user) {
    std::vector<ChannelPosition> positions;
    if (const ResolvedUser* member = snapshot_.user(workspace, user)) {
        auto rows = sql_.positions_of.query(member->row);
        while (rows.next()) {
            ChannelPosition position;
            position.channel = read_id<ChannelId>(rows);
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

template <class Queries>
Result<std::int64_t> SqlChannels<Queries>::unread_total(WorkspaceId workspace, UserId user) {
    constexpr std::int64_t kMost = 9999;
    std::int64_t total = 0;
    if (const ResolvedUser* member = snapshot_.user(workspace, user)) {
        auto unread_channels = ask(sql_.unread_total, member->row);
        const HiddenAuthors hidden = hidden_from(*member);
        std::vector<UnreadRange> counted;
        {
            auto rows = unread_channels();
            while (total < kMost && rows.next()) {
                UnreadRange range;
                range.channel = rows.integer();
                range.last_seq = rows.integer();
                range.last_read_seq = rows.integer();
                if (rows.flag() || hidden.any()) {
                    counted.push_back(range);
                } else {
                    total += range.span();
                }
            }
        }
        UnreadBudget budget;
        for (std::span<const UnreadRange> left = counted; total < kMost && !left.empty();) {
            const auto some = left.first(std::min(left.size(), detail::kRangesAtOnce));
            left = left.subspan(some.size());
            for (const std::int64_t count : sql_.unread.count(some, hidden, budget)) total += count;
        }
    }
    return snapshot_.checked(std::min(total, kMost));
}

template <class Queries>
Result<PreferencesRead> SqlChannels<Queries>::preferences_of(WorkspaceId workspace, UserId user, std::int64_t since,
                                                             std::int64_t limit) {
    PreferencesRead read;
    if (const ResolvedUser* member = snapshot_.user(workspace, user)) {
        auto own = sql_.preferences_rev.query(member->row);
        if (own.next()) read.preferences_rev = own.integer();
        if (since < read.preferences_rev && limit > 0) {
            auto rows = sql_.preferences.query(member->row, since, limit);
            while (rows.next()) {
                const auto channel = read_id<ChannelId>(rows);
                read.channels.push_back({channel, read_preferences(rows)});
            }
        }
    }
    return snapshot_.checked(std::move(read));
}

template <class Queries>
Result<std::vector<ChannelId>> SqlChannels<Queries>::unread_by(WorkspaceId workspace, UserId user, std::optional<UserId> author,
                                                               std::int64_t limit) {
    std::vector<ChannelId> channels;
    const ResolvedUser* member = snapshot_.user(workspace, user);
    if (member == nullptr) return snapshot_.checked(std::move(channels));
    auto unread_channels = ask(sql_.unread_channels, member->row);
    const std::int64_t author_row = author ? snapshot_.user_row(*author).value_or(0) : 0;
    std::vector<ChannelId> unread;
    std::vector<UnreadRange> ranges;
    {
        auto rows = unread_channels();
        while ((author || std::cmp_less(unread.size(), limit)) && rows.next()) {
            unread.push_back(read_id<ChannelId>(rows));
            UnreadRange& range = ranges.emplace_back();
            range.channel = rows.integer();
            range.last_seq = rows.integer();
            range.last_read_seq = rows.integer();
        }
    }
    if (!author) return snapshot_.checked(std::move(unread));
    UnreadBudget budget;
    for (std::size_t at = 0; at < ranges.size() && std::cmp_less(channels.size(), limit);) {
        const auto some = std::span<const UnreadRange>(ranges).subspan(at, std::min(ranges.size() - at, detail::kRangesAtOnce));
        for (const bool wrote : sql_.unread.has_any_by(author_row, some, budget)) {
            if (wrote && std::cmp_less(channels.size(), limit)) channels.push_back(unread[at]);
            ++at;
        }
    }
    return snapshot_.checked(std::move(channels));
}

}  // namespace cariosan::sql
