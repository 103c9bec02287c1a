/// Reads what has changed in a channel. A template over the adapter's queries.
#pragma once

#include <algorithm>
#include <cariosan/storage.hpp>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {
namespace detail {

inline constexpr std::int64_t kNoMore = std::numeric_limits<std::int64_t>::max();

inline std::int64_t rev_of(const MessageRow& row) { return row.message.rev; }
inline std::int64_t rev_of(const Member& member) { return member.rev; }

/// A query in the order of `rev` that has already read its next row.
template <class Object>
class Ahead {
  public:
    template <class Rows, class Read>
    void advance(Rows& rows, Read read) {
        next_.reset();
        if (rows.next()) next_ = read(rows);
    }
    std::int64_t rev() const { return next_ ? rev_of(*next_) : kNoMore; }
    Object take() { return std::move(*next_); }

  private:
    std::optional<Object> next_;
};

}  // namespace detail

template <class Queries>
class SqlChanges final : public ChangeReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlChanges(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<std::int64_t> count(ChannelId channel, std::int64_t since, std::int64_t limit) override;
    Result<ChangePage> page(const Channel& channel, const Viewpoint& viewer, const ChangeRange& range) override;

  private:
    /// Returns the messages without what belongs to them.
    std::vector<MessageRow> read_objects(const ResolvedChannel& channel, const Viewpoint& viewpoint, const ChangeRange& range,
                                         ChangePage& page);
    /// Asks for the receipts. What is returned is called to add them.
    auto ask_receipts(const ResolvedChannel& channel, const Viewpoint& viewer, const ChangeRange& range, ChangePage& page);

    Snapshot& snapshot_;
    Queries sql_;
};

template <class Queries>
Result<std::int64_t> SqlChanges<Queries>::count(ChannelId channel, std::int64_t since, std::int64_t limit) {
    std::int64_t count = 0;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        auto rows = sql_.count.query(known->row, since, limit);
        if (rows.next()) count = std::min(rows.integer(), limit);
    }
    return snapshot_.checked(count);
}

template <class Queries>
std::vector<MessageRow> SqlChanges<Queries>::read_objects(const ResolvedChannel& channel, const Viewpoint& viewpoint,
                                                          const ChangeRange& range, ChangePage& page) {
    std::vector<MessageRow> messages;
    {
        auto ask_messages = ask_until(sql_, sql_.messages, range.max_items + 1, channel.row, range.since);
        auto ask_members = ask_until(sql_, sql_.members, range.max_items + 1, channel.row, range.since);
        const ViewerRow& viewer = snapshot_.viewer(viewpoint);
        auto message_rows = ask_messages();
        auto member_rows = ask_members();
        const auto next_message = [&](auto& rows) { return read_message(rows, channel.id, channel.external_id); };
        const auto next_member = [](auto& rows) { return read_member(rows); };
        detail::Ahead<MessageRow> message;
        detail::Ahead<Member> member;
        message.advance(message_rows, next_message);
        member.advance(member_rows, next_member);
        std::int64_t bytes = 0;
        std::int64_t reached = 0;
        for (;; ++page.changed) {
            const std::int64_t rev = std::min(message.rev(), member.rev());
            if (rev == detail::kNoMore) break;
            const bool full = page.changed >= range.max_items || bytes >= range.max_bytes;
            if (full && page.changed > 0 && rev != reached) {
                page.has_more = true;
                page.rev = reached;
                break;
            }
            reached = rev;
            if (message.rev() == rev) {
                MessageRow taken = message.take();
                message.advance(message_rows, next_message);
                // It counts towards the page, so that no page takes longer to read, but is not shown.
                if (viewer.hides(taken.message.user.id)) continue;
                bytes += static_cast<std::int64_t>(taken.message.content.size() + taken.message.metadata.size());
                messages.push_back(std::move(taken));
            } else {
                page.members.push_back(member.take());
                member.advance(member_rows, next_member);
            }
        }
    }
    return messages;
}

template <class Queries>
auto SqlChanges<Queries>::ask_receipts(const ResolvedChannel& channel, const Viewpoint& viewer, const ChangeRange& range,
                                       ChangePage& page) {
    const std::int64_t since = range.receipts_since;
    std::optional<decltype(ask(sql_.own_receipt, channel.row, channel.row, since))> own;
    std::optional<decltype(ask(sql_.receipts, channel.row, since))> all;
    if (range.own_receipt_only) {
        own.emplace(ask(sql_.own_receipt, snapshot_.viewer(viewer).row, channel.row, since));
    } else {
        all.emplace(ask(sql_.receipts, channel.row, since));
    }
    return [&page, own = std::move(own), all = std::move(all)]() mutable {
        auto rows = own ? (*own)() : (*all)();
        while (rows.next()) page.receipts.push_back(read_receipt(rows));
    };
}

template <class Queries>
Result<ChangePage> SqlChanges<Queries>::page(const Channel& channel, const Viewpoint& viewer,
                                             const ChangeRange& range) {
    ChangePage page;
    page.rev = channel.rev;
    page.receipt_rev = range.receipts_since;
    const ResolvedChannel* known = snapshot_.channel(channel.id);
    if (known == nullptr) return snapshot_.checked(std::move(page));
    std::vector<MessageRow> messages;
    if (channel.rev > range.since) messages = read_objects(*known, viewer, range, page);
    std::optional<decltype(ask_receipts(*known, viewer, range, page))> add_receipts;
    if (!page.has_more) {
        page.receipt_rev = channel.receipt_rev;
        if (channel.receipt_rev > range.receipts_since) add_receipts.emplace(ask_receipts(*known, viewer, range, page));
    }
    if (!messages.empty()) page.messages = sql_.parts.completed(std::move(messages), snapshot_.viewer(viewer));
    if (add_receipts) (*add_receipts)();
    return snapshot_.checked(std::move(page));
}

}  // namespace cariosan::sql
