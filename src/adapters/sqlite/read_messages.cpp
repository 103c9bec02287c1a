#include "adapters/sqlite/readers.hpp"

namespace cariosan::sqlite {

Result<std::optional<Message>> SqliteMessages::find(ChannelId channel, MessageId id,
                                                     const Viewpoint& viewer) {
    std::optional<MessageRow> found;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        Rows rows = find_.query(id, known->row);
        if (rows.next()) found = read_message(rows, known->id, known->external_id);
    }
    if (!found) return snapshot_.checked(std::optional<Message>());
    parts_.complete({&*found}, snapshot_.viewer_row(viewer));
    return snapshot_.checked(std::optional(std::move(found->message)));
}

Result<std::optional<StoredSend>> SqliteMessages::find_sent(ChannelId channel, UserId author,
                                                            std::string_view key) {
    const ResolvedChannel* known = snapshot_.channel(channel);
    const auto user = snapshot_.user_row(author);
    std::optional<MessageRow> found;
    StoredSend sent;
    if (known != nullptr && user) {
        Rows rows = find_sent_.query(key, *user, known->row);
        if (rows.next()) {
            found = read_message(rows, known->id, known->external_id);
            sent.request_hash = rows.bytes<32>();
        }
    }
    if (!found) return snapshot_.checked(std::optional<StoredSend>());
    parts_.complete({&*found}, *user);
    sent.message = std::move(found->message);
    return snapshot_.checked(std::optional(std::move(sent)));
}

Result<std::vector<Message>> SqliteMessages::page(ChannelId channel, const HistoryRange& range,
                                                  const Viewpoint& viewer) {
    std::vector<MessageRow> found;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        reserve_rows(found, range.limit);
        Statement& statement = range.ascending ? oldest_first_ : newest_first_;
        Rows rows = statement.query(known->row, range.from, range.to, range.limit);
        while (rows.next()) found.push_back(read_message(rows, known->id, known->external_id));
    }
    return snapshot_.checked(parts_.completed(std::move(found), snapshot_.viewer_row(viewer)));
}

}  // namespace cariosan::sqlite
