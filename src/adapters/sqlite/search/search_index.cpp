#include "adapters/sqlite/search/search_index.hpp"

#include <algorithm>

#include "adapters/sqlite/files/files.hpp"
#include "adapters/sqlite/search/index_text.hpp"

namespace cariosan::sqlite {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The most that one transaction of the index adds.
constexpr std::int64_t kJobs = 500;
constexpr std::int64_t kRows = 4000;
constexpr std::size_t kBytes = std::size_t{1} << 20U;
/// Commits that follow each other this closely share a transaction of the index.
constexpr milliseconds kGather{100};
/// Under load, transactions of the index are larger and later, because each adds a segment that must be merged with others.
/// A new message can be found after this time plus that of the transaction.
constexpr milliseconds kGatherMany{1000};
/// The number of messages in one transaction that counts as load.
constexpr std::size_t kMany = 200;
constexpr milliseconds kRetry{1000};
constexpr milliseconds kGateWait{1000};
/// Pages written by one step of cleaning. A commit waits for one step at most.
constexpr int kMergePages = 256;
/// After this many texts were removed from the index, a round of cleaning begins at once: a search skips what is left of them, and
/// FTS5 does so within one step, which no budget can interrupt.
constexpr std::int64_t kMostRemovedTexts = 20'000;
/// How long to wait for a reader that keeps the log from being emptied.
constexpr milliseconds kBusyReader{1000};

constexpr const char* kStateTable =
    "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, epoch TEXT NOT NULL,"
    " position INTEGER NOT NULL, job INTEGER NOT NULL, unclean INTEGER NOT NULL) STRICT";
// A merge must continue until no two segments of a level are left. By default FTS5 would stop at three, and so mistake
// segments added meanwhile for the end of a merge still in progress.
constexpr const char* kMergeToOne = "INSERT INTO message_words (message_words, rank) VALUES ('usermerge', 2)";

}  // namespace

/// The file of the index, open for writing.
struct SearchIndex::Index {
    explicit Index(std::unique_ptr<Connection> opened) : connection(std::move(opened)) {}

    std::unique_ptr<Connection> connection;
    Statement begin{*connection, "BEGIN IMMEDIATE"};
    Statement commit{*connection, "COMMIT"};
    Statement state{*connection,
                    "SELECT epoch, position, job, unclean FROM state WHERE id = 1 AND version = ?1"};
    Statement set_state{*connection,
                        "UPDATE state SET epoch = ?1, position = ?2, job = ?3, unclean = ?4 WHERE id = 1"};
    Statement add{*connection, "INSERT INTO message_words (rowid, channel, text) VALUES (?1, ?2, ?3)"};
    Statement remove{
        *connection,
        "INSERT INTO message_words (message_words, rowid, channel, text) VALUES ('delete', ?1, ?2, ?3)"};
    Statement merge{*connection, "INSERT INTO message_words (message_words, rank) VALUES ('merge', ?1)"};

    // A message without text has no entry, so removing is always the exact reverse of adding.
    void add_text(std::int64_t message, std::int64_t channel, std::string_view text) {
        if (!text.empty()) add.run(message, channel_token(channel), searchable_text(text));
    }
    void remove_text(std::int64_t message, std::int64_t channel, std::string_view text) {
        if (!text.empty()) remove.run(message, channel_token(channel), searchable_text(text));
    }
};

SearchIndex::SearchIndex(SearchIndexOptions options, CheckpointGate& gate)
    : options_(std::move(options)),
      path_(options_.database + "-search"),
      gate_(gate),
      thread_([this] { run(); }) {}

SearchIndex::~SearchIndex() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void SearchIndex::wake() {
    if (news_.exchange(true)) return;
    // Without the lock, the notification could fall between the thread's check and its wait, and be missed.
    { const std::lock_guard lock(mutex_); }
    changed_.notify_one();
}

bool SearchIndex::check_files() {
    {
        const std::lock_guard lock(files_mutex_);
        if (!files_) return false;
        if (files_->are_in_place()) return true;
        files_.reset();
        damaged_ = true;
    }
    wake();
    return false;
}

void SearchIndex::report_damage(std::int64_t generation) {
    {
        // Only the first report counts, and none does while a new index is being made.
        const std::lock_guard lock(files_mutex_);
        if (!files_ || generation != generation_) return;
        files_.reset();
        damaged_ = true;
    }
    wake();
}

void SearchIndex::run() {
    while (true) {
        news_ = false;
        const Pass pass = step();
        std::unique_lock lock(mutex_);
        if (stop_) return;
        if (pass == Pass::more) continue;
        const milliseconds gather = last_batch_size_ < kMany ? kGather : kGatherMany;
        changed_.wait_for(lock, pass == Pass::failed ? kRetry : gather, [this] { return stop_; });
        if (stop_) return;
        if (pass == Pass::failed) continue;
        const auto woken = [this] { return stop_ || news_.load(); };
        if (next_cleaning_) {
            changed_.wait_until(lock, *next_cleaning_, woken);
        } else {
            changed_.wait(lock, woken);
        }
        if (stop_) return;
    }
}

/// Following and cleaning alternate, so that neither has to wait until the other has finished.
SearchIndex::Pass SearchIndex::step() {
    const Pass pass = follow();
    if (pass == Pass::failed || !next_cleaning_ || steady_clock::now() < *next_cleaning_) return pass;
    const Pass cleaned = clean();
    return cleaned == Pass::done ? pass : cleaned;
}

SearchIndex::Pass SearchIndex::follow() {
    if (!open_database()) return Pass::failed;
    if (index_ != nullptr) check_files();
    if (damaged_.exchange(false)) give_up_index();
    if (index_ == nullptr && !useless_) {
        const Opened opened = open_index();
        if (opened != Opened::good) close_index();
        if (opened == Opened::not_now) return Pass::failed;
        useless_ = opened == Opened::useless;
    }
    News news;
    if (!read_news(news)) return Pass::failed;
    // An index of another epoch, one that missed a job, or one that knows jobs which the database does not have.
    const bool foreign = index_ == nullptr || state_.epoch != news.epoch ||
                         state_.job + 1 < news.first_job || state_.job > news.last_job;
    if (foreign) return make_index(news) ? Pass::more : Pass::failed;
    if (!apply(news)) return failed_index();
    applied_jobs_ = state_.job;
    return news.more ? Pass::more : Pass::done;
}

void SearchIndex::give_up_index() {
    close_index();
    useless_ = true;
}

void SearchIndex::close_index() {
    {
        const std::lock_guard lock(files_mutex_);
        files_.reset();
    }
    index_.reset();
}

/// An unreadable file is rebuilt in the next step; after an I/O error it is tried again.
SearchIndex::Pass SearchIndex::failed_index() {
    if (index_->connection->found_damage()) give_up_index();
    close_index();
    return Pass::failed;
}

bool SearchIndex::open_database() {
    if (database_ != nullptr) {
        database_->clear_failure();
        return true;
    }
    auto opened = Connection::open(options_.database, Connection::Access::write, nullptr);
    if (!opened) return false;
    // Only the storage makes checkpoints.
    sqlite3_db_config((*opened)->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    if (!(*opened)->execute("PRAGMA query_only = ON; PRAGMA cache_size = -2048")) return false;
    database_ = *std::move(opened);
    return true;
}

SearchIndex::Opened SearchIndex::open_index() {
    if (!file_exists(path_)) return Opened::useless;
    auto opened = options_.durable ? Connection::open_durable(path_, Connection::Access::write, nullptr)
                                   : Connection::open(path_, Connection::Access::write, nullptr);
    if (!opened) return opened.error().code == ErrorCode::unavailable ? Opened::not_now : Opened::useless;
    Connection& connection = **opened;
    // An index that was given up must not be written back on close, least of all through truncated files.
    sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA cache_size = -8192; PRAGMA secure_delete = ON");
    if (!options_.durable) connection.execute("PRAGMA synchronous = OFF");
    index_ = std::make_unique<Index>(*std::move(opened));
    Rows rows = index_->state.query(search_index_version());
    if (!rows.next()) return connection.failed() && !connection.found_damage() ? Opened::not_now : Opened::useless;
    state_.epoch = rows.text();
    state_.position = rows.integer();
    state_.job = rows.integer();
    state_.unclean = rows.flag();
    round_ = Round::none;
    oldest_removal_.reset();
    removed_texts_ = 0;
    next_cleaning_.reset();
    // It is unknown how long the text has been there.
    if (state_.unclean) next_cleaning_ = steady_clock::now();
    const std::lock_guard lock(files_mutex_);
    files_ = OpenFiles::of(path_);
    // The files were there a moment ago.
    if (!files_) return Opened::not_now;
    ++generation_;
    return Opened::good;
}

bool SearchIndex::make_index(const News& news) {
    close_index();
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) remove_file(path_ + suffix);
    if (!create_private(path_)) return false;
    {
        auto opened = Connection::open(path_, Connection::Access::write, nullptr);
        if (!opened) return false;
        Connection& connection = **opened;
        connection.execute("PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
        for (const char* sql : {kStateTable, kSearchTable, kMergeToOne}) connection.execute(sql);
        {
            Statement insert(connection,
                             "INSERT INTO state (id, version, epoch, position, job, unclean) VALUES (1, ?1, ?2, 0, ?3, 0)");
            insert.run(search_index_version(), news.epoch, news.last_job);
        }
        connection.execute("COMMIT");
        if (connection.failed()) return false;
    }
    useless_ = false;
    if (open_index() == Opened::good) return true;
    close_index();
    return false;
}

bool SearchIndex::read_news(News& news) {
    if (!gate_.enter(kGateWait)) return false;
    database_->execute("BEGIN");
    news.epoch = database_->query_text("SELECT epoch FROM meta WHERE id = 1").value_or("");
    news.last_job =
        database_->query_integer("SELECT seq FROM sqlite_sequence WHERE name = 'search_jobs'").value_or(0);
    const auto first_job = database_->query_integer("SELECT min(id) FROM search_jobs").value_or(0);
    news.first_job = first_job > 0 ? first_job : news.last_job + 1;
    if (index_ != nullptr) {
        read_jobs(news);
        // Messages are only read once all earlier jobs are known.
        if (!news.more) read_rows(news);
    }
    const bool good = !database_->failed();
    database_->clear_failure();
    if (database_->in_transaction()) database_->execute("COMMIT");
    if (!good) database_.reset();
    gate_.leave();
    return good;
}

void SearchIndex::read_jobs(News& news) {
    // The text after a job is the old text of the message's next job, or the message's current text after its last job.
    Statement jobs(*database_,
                   "SELECT j.id, j.message_id, j.channel_id, j.old_text, coalesce(n.channel_id, m.channel_id),"
                   " coalesce(n.old_text, m.content) FROM search_jobs j"
                   " LEFT JOIN search_jobs n ON n.id = (SELECT min(k.id) FROM search_jobs k"
                   " WHERE k.message_id = j.message_id AND k.id > j.id)"
                   " LEFT JOIN messages m ON m.id = j.message_id WHERE j.id > ?1 ORDER BY j.id LIMIT ?2");
    Rows rows = jobs.query(state_.job, kJobs);
    while (rows.next()) {
        Job& job = news.jobs.emplace_back();
        job.id = rows.integer();
        job.message = rows.integer();
        job.channel = rows.integer();
        job.old_text = rows.text();
        job.new_channel = rows.integer();
        job.new_text = rows.text();
    }
    news.more = std::cmp_equal(news.jobs.size(), kJobs);
}

void SearchIndex::read_rows(News& news) {
    Statement messages(*database_,
                       "SELECT id, channel_id, content FROM messages WHERE id > ?1 ORDER BY id LIMIT ?2");
    Rows rows = messages.query(state_.position, kRows);
    std::size_t bytes = 0;
    while (bytes < kBytes && rows.next()) {
        Row& row = news.rows.emplace_back();
        row.id = rows.integer();
        row.channel = rows.integer();
        row.text = rows.text();
        bytes += row.text.size();
    }
    news.more = bytes >= kBytes || std::cmp_equal(news.rows.size(), kRows);
}

bool SearchIndex::apply(const News& news) {
    State state = state_;
    if (!news.jobs.empty()) state.job = news.jobs.back().id;
    if (!news.rows.empty()) state.position = news.rows.back().id;
    last_batch_size_ = news.rows.size();
    if (news.jobs.empty() && news.rows.empty()) return true;

    std::int64_t removed = 0;
    index_->begin.run();
    for (const Job& job : news.jobs) {
        // Messages above the position are read later, as they are then.
        if (job.message > state_.position) continue;
        index_->remove_text(job.message, job.channel, job.old_text);
        index_->add_text(job.message, job.new_channel, job.new_text);
        if (!job.old_text.empty()) ++removed;
    }
    for (const Row& row : news.rows) index_->add_text(row.id, row.channel, row.text);
    state.unclean = state.unclean || removed > 0;
    index_->set_state.run(state.epoch, state.position, state.job, state.unclean);
    if (!index_->commit.run()) return false;
    state_ = state;
    if (removed > 0 && !oldest_removal_) oldest_removal_ = steady_clock::now();
    removed_texts_ += removed;
    plan_cleaning();
    return true;
}

/// Decides when the next round of cleaning begins. During a round, this waits for its end.
void SearchIndex::plan_cleaning() {
    if (!oldest_removal_ || round_ != Round::none) return;
    const auto due = removed_texts_ < kMostRemovedTexts ? *oldest_removal_ + options_.cleaning : steady_clock::now();
    next_cleaning_ = next_cleaning_ ? std::min(*next_cleaning_, due) : due;
}

/// One step of a round. A round merges all segments into one, which drops what was removed before the round began, and
/// then empties the log.
SearchIndex::Pass SearchIndex::clean() {
    Connection& connection = *index_->connection;
    if (round_ != Round::emptying) {
        const auto before = sqlite3_total_changes64(connection.handle());
        // A negative number begins a merge of everything there is; positive ones continue it.
        index_->merge.run(round_ == Round::none ? -kMergePages : kMergePages);
        if (connection.failed()) return failed_index();
        if (round_ == Round::none) {
            oldest_removal_.reset();
            removed_texts_ = 0;
        }
        const bool merged = sqlite3_total_changes64(connection.handle()) - before < 2;
        round_ = merged ? Round::emptying : Round::merging;
        if (!merged) return Pass::more;
    }
    const int code =
        sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code == SQLITE_BUSY) {
        next_cleaning_ = steady_clock::now() + kBusyReader;
        return Pass::done;
    }
    if (code != SQLITE_OK) connection.fail(code);
    const bool unclean = oldest_removal_.has_value();
    if (connection.failed() || !index_->set_state.run(state_.epoch, state_.position, state_.job, unclean)) {
        return failed_index();
    }
    state_.unclean = unclean;
    round_ = Round::none;
    next_cleaning_.reset();
    plan_cleaning();
    return Pass::done;
}

}  // namespace cariosan::sqlite
