// What `Storage::commit` adds to a bare SQLite loop that runs the same statements in the same batches, and what the
// adapter's reads cost. Prints figures; judges nothing.
//
//   sqlite_commit DIRECTORY [sends]
//   sqlite_commit DIRECTORY reads [MESSAGES]
#include <sqlite3.h>

#include <cariosan/adapters/sqlite.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <unordered_map>
#include <utility>

#include "adapters/sqlite/write_statements.hpp"
#include "bench/bench.hpp"

using namespace cariosan;

namespace {

constexpr int kChannels = 1'000;
constexpr int kUsers = 1'000;
constexpr int kMembers = 50;
constexpr int kRounds = 5;
constexpr std::int64_t kCheckpointPages = 16'000;
const std::string kText(100, 'x');

template <class T>
T must(Result<T> result) {
    if (result) return std::move(result).value();
    std::fprintf(stderr, "sqlite_commit: %s\n", result.error().message.c_str());
    std::exit(1);
}
void demand(int code, int expected, const char* what) {
    if (code == expected) return;
    std::fprintf(stderr, "sqlite_commit: %s: %s\n", what, sqlite3_errstr(code));
    std::exit(1);
}

/// Version 7 in form: they sort by the time they were made, as the real ones.
template <class IdType>
IdType make_id() {
    static std::uint64_t next = 0;
    IdType id;
    ++next;
    for (std::size_t i = 0; i < 6; ++i) id.uuid.bytes[5 - i] = static_cast<std::uint8_t>(next >> (8 * i));
    id.uuid.bytes[6] = 0x70;
    id.uuid.bytes[8] = 0x80;
    for (std::size_t i = 9; i < 16; ++i)
        id.uuid.bytes[i] = static_cast<std::uint8_t>(next * 2'654'435'761U >> i);
    return id;
}

struct Place {
    WorkspaceId workspace;
    std::vector<UserId> users;
    std::vector<ChannelId> channels;
};

void commit_all(Storage& storage, const std::vector<Mutation>& batch) {
    for (auto& answer : storage.commit(batch)) must(std::move(answer));
    while (must(storage.maintain())) {
    }
}

/// Channel c has the users c, c + 1, … as members: every user is in 50 channels.
Place make_place(Storage& storage) {
    Place place;
    mutation::CreateWorkspace workspace;
    workspace.workspace.id = place.workspace = make_id<WorkspaceId>();
    workspace.api_key = "pk";
    commit_all(storage, {workspace});
    std::vector<Mutation> batch;
    for (int i = 0; i < kUsers; ++i) {
        mutation::UpsertUser user;
        user.workspace = place.workspace;
        user.new_id = make_id<UserId>();
        user.external_id = "user_" + std::to_string(i);
        user.name = "User " + std::to_string(i);
        user.metadata = "{}";
        place.users.push_back(user.new_id);
        batch.emplace_back(user);
    }
    commit_all(storage, batch);
    batch.clear();
    for (int i = 0; i < kChannels; ++i) {
        mutation::CreateChannel channel;
        channel.workspace = place.workspace;
        channel.new_id = make_id<ChannelId>();
        channel.external_id = "channel_" + std::to_string(i);
        channel.name = "Channel " + std::to_string(i);
        channel.metadata = "{}";
        for (int m = 0; m < kMembers; ++m) {
            channel.members.push_back(place.users[static_cast<std::size_t>((i + m) % kUsers)]);
        }
        channel.admin = channel.members[0];
        place.channels.push_back(channel.new_id);
        batch.emplace_back(channel);
    }
    commit_all(storage, batch);
    return place;
}

mutation::SendMessage make_send(const Place& place, std::mt19937& random) {
    const auto channel = random() % kChannels;
    mutation::SendMessage send;
    send.workspace = place.workspace;
    send.channel = place.channels[channel];
    send.id = make_id<MessageId>();
    send.author.id = place.users[(channel + random() % kMembers) % kUsers];
    send.content = kText;
    send.metadata = "{}";
    send.idempotency_key = make_id<MessageId>().to_string();
    send.at = {static_cast<std::int64_t>(1'700'000'000'000 + random() % 1000)};
    return send;
}

std::vector<std::vector<Mutation>> make_batches(const Place& place, std::size_t size, std::size_t count,
                                                unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::vector<Mutation>> batches(count);
    for (auto& batch : batches) {
        for (std::size_t i = 0; i < size; ++i) batch.emplace_back(make_send(place, random));
    }
    return batches;
}

/// The limit: the adapter's SQL through the plain C interface, with nothing around it. It keeps in memory what it needs
/// to know about a batch, makes no answers, and has no errors to tell.
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
        auto other = must(sqlite::Connection::open(path, sqlite::Connection::Access::read, nullptr));
        const sqlite::WriteStatements sql(*other);
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
        update_cursor_ = prepare(sql.update_cursor);
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
            number(update_cursor_, 1, key.second);
            number(update_cursor_, 2, key.first);
            number(update_cursor_, 3, cursor.first);
            number(update_cursor_, 4, cursor.second);
            number(update_cursor_, 5, 0);
            run(update_cursor_);
        }
        run(count_commit_);
        run(commit_);
        channels_.clear();
        members_.clear();
        cursors_.clear();
        if (log_pages_ >= kCheckpointPages) {
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
        const auto [known, is_new] = members_.try_emplace({channel.id, send.author.id}, 0);
        if (!is_new) return known->second;
        blob(find_member_, 1, send.author.id.uuid);
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
        *update_cursor_, *count_commit_;
    std::unordered_map<ChannelId, Row> channels_;
    std::map<std::pair<std::int64_t, UserId>, std::int64_t> members_;
    std::map<std::pair<std::int64_t, std::int64_t>, std::pair<std::int64_t, std::int64_t>> cursors_;
    std::int64_t log_pages_ = 0;
};

/// Commits all batches; how many messages a second, and the latency of each commit.
template <class Commit>
std::pair<double, std::vector<double>> measure(const std::vector<std::vector<Mutation>>& batches,
                                               Commit commit) {
    const auto start = std::chrono::steady_clock::now();
    auto times = bench::time_each(static_cast<int>(batches.size()),
                                  [&](int i) { commit(batches[static_cast<std::size_t>(i)]); });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const auto messages = static_cast<double>(batches.size() * batches[0].size());
    return {messages / took.count(), std::move(times)};
}

void bench_sends(const std::string& folder) {
    const std::string origin = folder + "/origin.db";
    const Place place = make_place(*must(open_sqlite({.path = origin})));
    std::printf(
        "durable sends: Storage::commit beside a bare loop with the same SQL (synchronous=FULL, 1,000 "
        "channels)\n");
    for (const auto& [size, count] : {std::pair(1, 3'000), std::pair(64, 400), std::pair(256, 160)}) {
        std::vector<double> ratios, bare_rates, our_rates, all_times;
        for (int round = 0; round < kRounds; ++round) {
            const auto batches = make_batches(place, static_cast<std::size_t>(size),
                                              static_cast<std::size_t>(count), static_cast<unsigned>(round));
            const auto fresh = [&](const char* name) {
                const std::string path = folder + "/" + name;
                std::filesystem::copy_file(origin, path, std::filesystem::copy_options::overwrite_existing);
                std::filesystem::remove(path + ".mark");
                return path;
            };
            double bare = 0;
            {
                BareLoop loop(fresh("bare.db"));
                bare = measure(batches, [&](const auto& batch) { loop.commit(batch); }).first;
            }
            const auto storage = must(open_sqlite({.path = fresh("ours.db")}));
            auto [ours, times] = measure(batches, [&](const auto& batch) {
                const auto answers = storage->commit(batch);
                if (!answers.back().ok()) must(answers.back());
                must(storage->maintain());
            });
            bare_rates.push_back(bare);
            our_rates.push_back(ours);
            ratios.push_back(ours / bare);
            all_times.insert(all_times.end(), times.begin(), times.end());
        }
        std::ranges::sort(all_times);
        std::printf(
            "batch %3d   bare %8.0f/s   ours %8.0f/s   ratio %.2f   commit p50 %7.0f us  p99 %7.0f us\n",
            size, bench::median(bare_rates), bench::median(our_rates), bench::median(ratios),
            bench::percentile(all_times, 0.5), bench::percentile(all_times, 0.99));
    }
}

/// A user in many channels: the list must find its newest fifty.
UserId add_busy_user(Storage& storage, const Place& place, int channels) {
    mutation::UpsertUser user;
    user.workspace = place.workspace;
    user.new_id = make_id<UserId>();
    user.external_id = "busy_" + std::to_string(channels);
    user.name = "Busy";
    user.metadata = "{}";
    commit_all(storage, {user});
    std::vector<Mutation> batch;
    for (int i = 0; i < channels; ++i) {
        mutation::CreateChannel channel;
        channel.workspace = place.workspace;
        channel.new_id = make_id<ChannelId>();
        channel.external_id = user.external_id + "_" + std::to_string(i);
        channel.metadata = "{}";
        channel.members = {user.new_id, place.users[static_cast<std::size_t>(i % kUsers)]};
        channel.at = {1'600'000'000'000 + i * 977 % 100'000};
        batch.emplace_back(channel);
    }
    commit_all(storage, batch);
    return user.new_id;
}

void bench_reads(const std::string& folder, int messages) {
    const auto storage = must(open_sqlite({.path = folder + "/reads.db"}));
    const Place place = make_place(*storage);
    std::mt19937 random(7);
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::optional<MessageId>> parents(kChannels);
    for (int sent = 0; sent < messages;) {
        std::vector<Mutation> batch;
        for (int i = 0; i < 256 && sent < messages; ++i, ++sent) {
            mutation::SendMessage send = make_send(place, random);
            const auto channel = static_cast<std::size_t>(
                std::ranges::lower_bound(place.channels, send.channel) - place.channels.begin());
            if (random() % 4 == 0) send.parent = parents[channel];
            parents[channel] = send.id;
            if (random() % 20 == 0) send.mentions = {{place.users[channel], "", ""}};
            batch.emplace_back(std::move(send));
        }
        commit_all(*storage, batch);
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const UserId thousand = add_busy_user(*storage, place, 1'000);
    const UserId ten_thousand = add_busy_user(*storage, place, 10'000);
    std::printf("reads at %d messages over 1,000 channels (filled in %.0f s, %.0f bytes a message)\n",
                messages, took.count(),
                static_cast<double>(std::filesystem::file_size(folder + "/reads.db")) / messages);

    const auto reader = must(storage->open_reader());
    const auto in_snapshot = [&](const char* what, int count, auto read) {
        bench::print_latency(what, bench::time_each(count, [&](int) {
                                 must(reader->begin());
                                 read();
                                 reader->end();
                             }));
    };
    const auto pick = [&] { return place.channels[random() % kChannels]; };
    const auto user = [&] { return place.users[random() % kUsers]; };
    const auto my_channels = [&](UserId id) {
        if (must(reader->channels().list_of(place.workspace, id, std::nullopt, 50, 5)).size() != 50)
            std::exit(1);
    };
    in_snapshot("history, newest 50", 5'000, [&] {
        const ChannelId id = pick();
        const auto channel = must(reader->channels().find(place.workspace, id));
        must(reader->messages().page(id, {.from = 1, .to = channel->last_seq, .limit = 50}));
    });
    in_snapshot("history, 50 anywhere", 5'000, [&] {
        const ChannelId id = pick();
        const auto channel = must(reader->channels().find(place.workspace, id));
        const auto to = static_cast<std::int64_t>(random() % static_cast<unsigned>(channel->last_seq + 1));
        must(reader->messages().page(id, {.from = 1, .to = to, .limit = 50}));
    });
    in_snapshot("my channels, 50 of 50, 5 members each", 5'000, [&] { my_channels(user()); });
    in_snapshot("my channels, 50 of 50, no members", 5'000,
                [&] { must(reader->channels().list_of(place.workspace, user(), std::nullopt, 50, 0)); });
    in_snapshot("my channels, 50 of 1,000", 500, [&] { my_channels(thousand); });
    in_snapshot("my channels, 50 of 10,000", 100, [&] { my_channels(ten_thousand); });
    in_snapshot("changes after 10 missed", 5'000, [&] {
        const auto channel = must(reader->channels().find(place.workspace, pick()));
        must(reader->changes().count(channel->id, channel->rev - 10, 1'001));
        must(reader->changes().page(*channel, user(), {.since = channel->rev - 10}));
    });
    in_snapshot("changes, a page of 100", 5'000, [&] {
        const auto channel = must(reader->channels().find(place.workspace, pick()));
        must(reader->changes().page(*channel, user(), {.since = channel->rev - 500}));
    });
    in_snapshot("unread total over 50 channels", 5'000,
                [&] { must(reader->channels().unread_total(place.workspace, user())); });
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: sqlite_commit DIRECTORY [sends | reads [MESSAGES]]\n");
        return 2;
    }
    const std::string part = argc > 2 ? argv[2] : "sends";
    if (part == "sends") bench_sends(argv[1]);
    if (part == "reads") bench_reads(argv[1], argc > 3 ? std::atoi(argv[3]) : 1'000'000);
    return 0;
}
