/// The limit `Storage::commit` is compared with: a bare SQLite loop.
#pragma once

#include <sqlite3.h>

#include <cariosan/storage.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/sqlite/write/write_statements.hpp"

namespace cariosan::bench {

inline void demand(int code, int expected, const char* what) {
    if (code == expected) return;
    std::fprintf(stderr, "bare SQLite loop: %s: %s\n", what, sqlite3_errstr(code));
    std::exit(1);
}

/// The limit: the adapter's SQL through the plain C interface, with nothing around it. Keeps in memory what it needs to
/// know about a batch, produces no answers, and has no error handling.
class BareLoop {
  public:
    explicit BareLoop(const std::string& path) {
        demand(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr),
               SQLITE_OK, "open");
        demand(sqlite3_exec(
                   db_,
                   "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536;"
                   "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA secure_delete = ON;"
                   "PRAGMA synchronous = FULL",
                   nullptr, nullptr, nullptr),
               SQLITE_OK, "settings");
        auto other = sqlite::Connection::open(path, sqlite::Connection::Access::read, nullptr);
        if (!other) std::exit(1);
        const sqlite::WriteStatements sql(**other);
        const auto prepare = [&](const sqlite::Statement& statement) {
            sqlite3_stmt* out = nullptr;
            demand(sqlite3_prepare_v3(db_, statement.sql().c_str(), -1, SQLITE_PREPARE_PERSISTENT, &out,
                                      nullptr),
                   SQLITE_OK, "prepare");
            statements_.push_back(out);
            return out;
        };
        begin_ = prepare(sql.begin);
        commit_ = prepare(sql.commit);
        find_channel_ = prepare(sql.find_channel);
        find_member_ = prepare(sql.find_member);
        find_sent_ = prepare(sql.find_sent);
        insert_ = prepare(sql.insert_message);
        update_channel_ = prepare(sql.update_channel);
        update_receipts_ = prepare(sql.update_receipts);
        count_commit_ = prepare(sql.count_commit);
        sqlite3_wal_hook(
            db_,
            [](void* self, sqlite3*, const char*, int pages) {
                static_cast<BareLoop*>(self)->log_pages_ = pages;
                return SQLITE_OK;
            },
            this);
    }
    ~BareLoop() {
        for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
        sqlite3_close(db_);
    }

    void commit(const std::vector<Mutation>& batch) {
        run(begin_);
        for (const Mutation& mutation : batch) send(std::get<mutation::SendMessage>(mutation));
        for (const auto& [id, channel] : channels_) write(channel);
        for (const auto& [key, cursor] : cursors_) {
            number(update_receipts_, 1, key.second);
            number(update_receipts_, 2, key.first);
            number(update_receipts_, 3, cursor.first);
            number(update_receipts_, 4, cursor.second);
            number(update_receipts_, 5, cursor.first);
            number(update_receipts_, 6, cursor.second);
            number(update_receipts_, 7, 0);
            run(update_receipts_);
        }
        run(count_commit_);
        run(commit_);
        channels_.clear();
        members_.clear();
        cursors_.clear();
        if (log_pages_ >= 16'000) {
            sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
        }
    }

  private:
    struct Row {
        std::int64_t id = 0;
        std::int64_t workspace = 0;
        std::int64_t rev = 0;
        std::int64_t receipt_rev = 0;
        std::int64_t seq = 0;
        std::int64_t members = 0;
        std::int64_t last_message = 0;
        std::int64_t at = 0;
    };

    static void blob(sqlite3_stmt* statement, int index, const Uuid& uuid) {
        sqlite3_bind_blob(statement, index, uuid.bytes.data(), 16, SQLITE_STATIC);
    }
    static void number(sqlite3_stmt* statement, int index, std::int64_t value) {
        sqlite3_bind_int64(statement, index, value);
    }
    static void text(sqlite3_stmt* statement, int index, const std::string& value) {
        sqlite3_bind_text(statement, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    static void run(sqlite3_stmt* statement) {
        demand(sqlite3_step(statement), SQLITE_DONE, "step");
        sqlite3_reset(statement);
    }

    Row& channel(const mutation::SendMessage& send) {
        const auto known = channels_.find(send.channel);
        if (known != channels_.end()) return known->second;
        blob(find_channel_, 1, send.channel.uuid);
        blob(find_channel_, 2, send.workspace.uuid);
        demand(sqlite3_step(find_channel_), SQLITE_ROW, "channel");
        const auto column = [this](int i) { return sqlite3_column_int64(find_channel_, i); };
        const Row row{column(0), column(1), column(4), column(5), column(6), column(7), column(2), column(3)};
        sqlite3_reset(find_channel_);
        return channels_.emplace(send.channel, row).first->second;
    }
    std::int64_t author(const mutation::SendMessage& send, const Row& channel) {
        const auto [known, is_new] = members_.try_emplace({channel.id, send.author}, 0);
        if (!is_new) return known->second;
        blob(find_member_, 1, send.author.uuid);
        number(find_member_, 2, channel.workspace);
        number(find_member_, 3, channel.id);
        demand(sqlite3_step(find_member_), SQLITE_ROW, "member");
        known->second = sqlite3_column_int64(find_member_, 0);
        sqlite3_reset(find_member_);
        return known->second;
    }
    void send(const mutation::SendMessage& send) {
        Row& row = channel(send);
        const std::int64_t user = author(send, row);
        text(find_sent_, 1, *send.idempotency_key);
        number(find_sent_, 2, user);
        number(find_sent_, 3, row.id);
        run(find_sent_);
        row.at = std::max(row.at, send.at.milliseconds);
        blob(insert_, 1, send.id.uuid);
        number(insert_, 2, row.id);
        number(insert_, 3, ++row.seq);
        number(insert_, 4, ++row.rev);
        number(insert_, 5, user);
        number(insert_, 6, 0);
        number(insert_, 8, 0);
        number(insert_, 9, row.at);
        text(insert_, 10, *send.idempotency_key);
        sqlite3_bind_blob(insert_, 11, send.request_hash.data(), 32, SQLITE_STATIC);
        text(insert_, 13, send.metadata);
        text(insert_, 14, send.content);
        run(insert_);
        row.last_message = sqlite3_last_insert_rowid(db_);
        cursors_[{row.id, user}] = {row.seq, row.at};
    }
    void write(const Row& row) {
        number(update_channel_, 1, row.id);
        number(update_channel_, 2, row.rev);
        number(update_channel_, 3, row.receipt_rev);
        number(update_channel_, 4, row.seq);
        number(update_channel_, 5, row.last_message);
        number(update_channel_, 6, row.at);
        number(update_channel_, 7, row.members);
        run(update_channel_);
    }

    sqlite3* db_ = nullptr;
    std::vector<sqlite3_stmt*> statements_;
    sqlite3_stmt *begin_, *commit_, *find_channel_, *find_member_, *find_sent_, *insert_, *update_channel_,
        *update_receipts_, *count_commit_;
    std::unordered_map<ChannelId, Row> channels_;
    std::map<std::pair<std::int64_t, UserId>, std::int64_t> members_;
    std::map<std::pair<std::int64_t, std::int64_t>, std::pair<std::int64_t, std::int64_t>> cursors_;
    std::int64_t log_pages_ = 0;
};

}  // namespace cariosan::bench
