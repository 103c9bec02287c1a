#include <utility>

#include "adapters/sqlite/read/channel_readers.hpp"

namespace cariosan::sqlite {
namespace {

/// A LIMIT without effect.
constexpr std::int64_t kAllRows = -1;

}  // namespace

Result<std::optional<Message>> SqliteMessages::find(ChannelId channel, MessageId id,
                                                     const Viewpoint& viewer) {
    std::optional<MessageRow> found;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        Rows rows = find_.query(id, known->row);
        if (rows.next()) found = read_message(rows, known->id, known->external_id);
    }
    const ViewerRow& reading = snapshot_.viewer(viewer);
    if (!found || reading.hides(found->message.user.id)) return snapshot_.checked(std::optional<Message>());
    parts_.complete({&*found}, reading);
    return snapshot_.checked(std::optional(std::move(found->message)));
}

Result<std::optional<StoredSend>> SqliteMessages::find_sent(ChannelId channel, UserId author,
                                                            std::string_view key) {
    const ResolvedChannel* known = snapshot_.channel(channel);
    const ViewerRow& user = snapshot_.viewer(author);
    std::optional<MessageRow> found;
    StoredSend sent;
    if (known != nullptr && user.row != 0) {
        Rows rows = find_sent_.query(key, user.row, known->row);
        if (rows.next()) {
            found = read_message(rows, known->id, known->external_id);
            sent.request_hash = rows.bytes<32>();
        }
    }
    if (!found) return snapshot_.checked(std::optional<StoredSend>());
    parts_.complete({&*found}, user);
    sent.message = std::move(found->message);
    return snapshot_.checked(std::optional(std::move(sent)));
}

Result<std::vector<Message>> SqliteMessages::page(ChannelId channel, const HistoryRange& range,
                                                  const Viewpoint& viewer) {
    std::vector<MessageRow> found;
    const ViewerRow& reading = snapshot_.viewer(viewer);
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        reserve_rows(found, range.limit);
        Statement& statement = range.ascending ? oldest_first_ : newest_first_;
        // It is not known in advance how many rows must be skipped to fill a page.
        const std::int64_t limit = reading.blocked.empty() ? range.limit : kAllRows;
        Rows rows = statement.query(known->row, range.from, range.to, limit);
        while (std::cmp_less(found.size(), range.limit) && rows.next()) {
            MessageRow row = read_message(rows, known->id, known->external_id);
            if (!reading.hides(row.message.user.id)) found.push_back(std::move(row));
        }
    }
    return snapshot_.checked(parts_.completed(std::move(found), reading));
}

Result<RecordPage<MessageReaction>> SqliteMessages::reactions(ChannelId channel, MessageId message, RecordPosition after,
                                                              std::int64_t limit, const Viewpoint& viewer) {
    RecordPage<MessageReaction> page;
    const ResolvedChannel* known = snapshot_.channel(channel);
    if (known == nullptr) return snapshot_.checked(std::move(page));
    const ViewerRow& reading = snapshot_.viewer(viewer);
    reserve_rows(page.records, limit);
    RecordPosition last;
    {
        Rows rows = reactions_.query(message, known->row, after.major, limit);
        while (rows.next()) {
            MessageReaction& reaction = page.records.emplace_back();
            last.major = rows.integer();
            reaction.at = rows.timestamp();
            reaction.emoji = rows.text();
            UserSummary user = read_summary(rows);
            if (!reading.hides(user.id)) reaction.user = std::move(user);
        }
    }
    if (std::cmp_greater_equal(page.records.size(), limit)) page.next = last;
    return snapshot_.checked(std::move(page));
}

}  // namespace cariosan::sqlite
