#include <algorithm>
#include <limits>

#include "adapters/sqlite/read/channel_readers.hpp"

namespace cariosan::sqlite {
namespace {

constexpr std::int64_t kNoMore = std::numeric_limits<std::int64_t>::max();

std::int64_t rev_of(const MessageRow& row) { return row.message.rev; }
std::int64_t rev_of(const Member& member) { return member.rev; }

/// A query in the order of `rev` that has already read its next row.
template <class Object>
class Ahead {
  public:
    template <class Read>
    void advance(Rows& rows, Read read) {
        next_.reset();
        if (rows.next()) next_ = read(rows);
    }
    std::int64_t rev() const { return next_ ? rev_of(*next_) : kNoMore; }
    Object take() { return std::move(*next_); }

  private:
    std::optional<Object> next_;
};

}  // namespace

Result<std::int64_t> SqliteChanges::count(ChannelId channel, std::int64_t since, std::int64_t limit) {
    std::int64_t count = 0;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        Rows rows = count_.query(known->row, since, limit);
        if (rows.next()) count = std::min(rows.integer(), limit);
    }
    return snapshot_.checked(count);
}

void SqliteChanges::read_objects(const ResolvedChannel& channel, const ViewerRow& viewer,
                                 const ChangeRange& range, ChangePage& page) {
    std::vector<MessageRow> messages;
    {
        Rows message_rows = messages_.query(channel.row, range.since);
        Rows member_rows = members_.query(channel.row, range.since);
        const auto next_message = [&](Rows& rows) {
            return read_message(rows, channel.id, channel.external_id);
        };
        Ahead<MessageRow> message;
        Ahead<Member> member;
        message.advance(message_rows, next_message);
        member.advance(member_rows, read_member<Rows>);
        std::int64_t bytes = 0;
        std::int64_t reached = 0;
        for (;; ++page.changed) {
            const std::int64_t rev = std::min(message.rev(), member.rev());
            if (rev == kNoMore) break;
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
                member.advance(member_rows, read_member<Rows>);
            }
        }
    }
    page.messages = parts_.completed(std::move(messages), viewer);
}

void SqliteChanges::read_receipts(const ResolvedChannel& channel, const Viewpoint& viewer, const ChangeRange& range,
                                  ChangePage& page) {
    Rows rows = range.own_receipt_only
                    ? own_receipt_.query(snapshot_.viewer(viewer).row, channel.row, range.receipts_since)
                    : receipts_.query(channel.row, range.receipts_since);
    while (rows.next()) page.receipts.push_back(read_receipt(rows));
}

Result<ChangePage> SqliteChanges::page(const Channel& channel, const Viewpoint& viewer,
                                       const ChangeRange& range) {
    ChangePage page;
    page.rev = channel.rev;
    page.receipt_rev = range.receipts_since;
    const ResolvedChannel* known = snapshot_.channel(channel.id);
    if (known == nullptr) return snapshot_.checked(std::move(page));
    if (channel.rev > range.since) read_objects(*known, snapshot_.viewer(viewer), range, page);
    if (!page.has_more) {
        page.receipt_rev = channel.receipt_rev;
        if (channel.receipt_rev > range.receipts_since) read_receipts(*known, viewer, range, page);
    }
    return snapshot_.checked(std::move(page));
}

}  // namespace cariosan::sqlite
