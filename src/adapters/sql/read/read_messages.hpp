/// Reads messages and pages of history. A template over the adapter's queries.
#pragma once

#include <cariosan/storage.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sql/read/snapshot.hpp"

namespace cariosan::sql {
namespace detail {

/// How many more messages than requested are read at a time for a viewer who has blocked someone: it is not known in advance
/// how many must be skipped to fill a page.
inline constexpr std::int64_t kSkippedAtOnce = 200;

}  // namespace detail

template <class Queries>
class SqlMessages final : public MessageReader {
  public:
    using Snapshot = typename Queries::Snapshot;

    explicit SqlMessages(Snapshot& snapshot) : snapshot_(snapshot), sql_(snapshot.connection()) {}
    Result<std::optional<Message>> find(ChannelId channel, MessageId id, const Viewpoint& viewer) override;
    Result<std::optional<StoredSend>> find_sent(ChannelId channel, UserId author,
                                                std::string_view key) override;
    Result<std::vector<Message>> page(ChannelId channel, const HistoryRange& range,
                                      const Viewpoint& viewer) override;
    Result<std::vector<Message>> pins(ChannelId channel, const Viewpoint& viewer) override;
    Result<RecordPage<MessageReaction>> reactions(ChannelId channel, MessageId message, RecordPosition after,
                                                  std::int64_t limit, const Viewpoint& viewer) override;
    Result<std::vector<ErasedFile>> erased_files(std::int64_t after, std::int64_t limit) override;
    Result<bool> names_file(std::string_view key) override;

  private:
    Snapshot& snapshot_;
    Queries sql_;
};

template <class Queries>
Result<std::optional<Message>> SqlMessages<Queries>::find(ChannelId channel, MessageId id, const Viewpoint& viewer) {
    std::optional<MessageRow> found;
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        auto rows = sql_.find.query(id, known->row);
        if (rows.next()) found = read_message(rows, known->id, known->external_id);
    }
    const ViewerRow& reading = snapshot_.viewer(viewer);
    if (!found || reading.hides(found->message.user.id)) return snapshot_.checked(std::optional<Message>());
    sql_.parts.complete({&*found}, reading);
    return snapshot_.checked(std::optional(std::move(found->message)));
}

template <class Queries>
Result<std::optional<StoredSend>> SqlMessages<Queries>::find_sent(ChannelId channel, UserId author,
                                                                  std::string_view key) {
    const ResolvedChannel* known = snapshot_.channel(channel);
    const ViewerRow& user = snapshot_.viewer(author);
    std::optional<MessageRow> found;
    StoredSend sent;
    if (known != nullptr && user.row != 0) {
        auto rows = sql_.find_sent.query(key, user.row, known->row);
        if (rows.next()) {
            found = read_message(rows, known->id, known->external_id);
            sent.request_hash = read_bytes<32>(rows);
        }
    }
    if (!found) return snapshot_.checked(std::optional<StoredSend>());
    sql_.parts.complete({&*found}, user);
    sent.message = std::move(found->message);
    return snapshot_.checked(std::optional(std::move(sent)));
}

template <class Queries>
Result<std::vector<Message>> SqlMessages<Queries>::page(ChannelId channel, const HistoryRange& range,
                                                        const Viewpoint& viewer) {
    std::vector<MessageRow> found;
    const ResolvedChannel* const known = snapshot_.channel(channel);
    if (known == nullptr) return snapshot_.checked(std::vector<Message>());
    reserve_rows(found, range.limit);
    auto& statement = range.ascending ? sql_.oldest_first : sql_.newest_first;
    std::int64_t at_once = range.limit;
    auto first_page = ask(statement, known->row, range.from, range.to, at_once);
    const ViewerRow& reading = snapshot_.viewer(viewer);
    HistoryRange left = range;
    const auto take = [&](auto rows) {
        std::int64_t read = 0;
        while (std::cmp_less(found.size(), range.limit) && rows.next()) {
            ++read;
            MessageRow row = read_message(rows, known->id, known->external_id);
            (range.ascending ? left.from : left.to) = row.message.seq + (range.ascending ? 1 : -1);
            if (!reading.hides(row.message.user.id)) found.push_back(std::move(row));
        }
        return read;
    };
    for (std::int64_t read = take(first_page()); read == at_once && std::cmp_less(found.size(), range.limit);) {
        at_once = range.limit + detail::kSkippedAtOnce;
        read = take(statement.query(known->row, left.from, left.to, at_once));
    }
    return snapshot_.checked(sql_.parts.completed(std::move(found), reading));
}

template <class Queries>
Result<std::vector<Message>> SqlMessages<Queries>::pins(ChannelId channel, const Viewpoint& viewer) {
    std::vector<MessageRow> found;
    const ViewerRow& reading = snapshot_.viewer(viewer);
    if (const ResolvedChannel* known = snapshot_.channel(channel)) {
        auto rows = sql_.pins.query(known->row);
        while (rows.next()) {
            MessageRow row = read_message(rows, known->id, known->external_id);
            if (!row.message.deleted_at && !reading.hides(row.message.user.id)) found.push_back(std::move(row));
        }
    }
    return snapshot_.checked(sql_.parts.completed(std::move(found), reading));
}

template <class Queries>
Result<RecordPage<MessageReaction>> SqlMessages<Queries>::reactions(ChannelId channel, MessageId message, RecordPosition after,
                                                                    std::int64_t limit, const Viewpoint& viewer) {
    RecordPage<MessageReaction> page;
    const ResolvedChannel* known = snapshot_.channel(channel);
    if (known == nullptr) return snapshot_.checked(std::move(page));
    const ViewerRow& reading = snapshot_.viewer(viewer);
    reserve_rows(page.records, limit);
    RecordPosition last;
    {
        auto rows = sql_.reactions.query(message, known->row, after.major, limit);
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

template <class Queries>
Result<std::vector<ErasedFile>> SqlMessages<Queries>::erased_files(std::int64_t after, std::int64_t limit) {
    std::vector<ErasedFile> files;
    auto rows = sql_.erased_files.query(after, limit);
    while (rows.next()) {
        ErasedFile& file = files.emplace_back();
        file.row = rows.integer();
        file.url = rows.text();
    }
    return snapshot_.checked(std::move(files));
}

template <class Queries>
Result<bool> SqlMessages<Queries>::names_file(std::string_view key) {
    const std::string_view folder = key.substr(0, key.rfind('/'));
    const std::string end = std::string("/").append(key);
    auto rows = sql_.names_file.query(folder.substr(folder.rfind('/') + 1), end);
    const bool named = rows.next();
    return snapshot_.checked(named);
}

}  // namespace cariosan::sql
