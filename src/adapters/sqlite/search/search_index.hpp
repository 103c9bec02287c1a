/// The search index: `<database>-search`, kept by a thread of its own.
///
/// The thread reads the database as any reader does and follows it: first the jobs, each of which takes back a text that
/// was changed or removed, then the messages above its position. What it did and how far it came are one transaction of
/// the index's file, so that a kill at any point neither leaves out nor doubles a message. Files that are deleted, replaced or
/// damaged while they are in use are noticed by the next search or commit, and the index is built anew.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/sqlite/files/open_files.hpp"
#include "adapters/sqlite/reader_gate.hpp"
#include "adapters/sqlite/statement.hpp"

namespace cariosan::sqlite {

struct SearchIndexOptions {
    std::string database;
    bool durable = true;  ///< false: nothing is synced to the disk
    std::chrono::milliseconds cleaning{0};  ///< how long deleted text may stay in the files
};

/// Everything but `SearchIndex::run` and what it calls is thread-safe.
class SearchIndex {
  public:
    /// Starts the thread. `gate` must outlive this object; the database must have its tables.
    SearchIndex(SearchIndexOptions options, ReaderGate& gate);
    ~SearchIndex();
    SearchIndex(const SearchIndex&) = delete;
    SearchIndex& operator=(const SearchIndex&) = delete;

    /// Something was committed.
    void wake();
    /// Whether the files that are open are still in their place. If not, the index is built anew.
    bool check_files();
    /// A reader found the file of that generation damaged: it is built anew.
    void report_damage(std::int64_t generation);
    /// The jobs up to this id are in the index for good.
    std::int64_t applied_jobs() const noexcept { return applied_jobs_.load(); }
    /// Moves when the file is replaced by another one; 0 before there is one.
    std::int64_t generation() const noexcept { return generation_.load(); }
    const std::string& path() const noexcept { return path_; }

  private:
    struct Job {
        std::int64_t id = 0;
        std::int64_t message = 0;
        std::int64_t channel = 0;
        std::string old_text;
        std::int64_t new_channel = 0;
        std::string new_text;
    };
    struct Row {
        std::int64_t id = 0;
        std::int64_t channel = 0;
        std::string text;
    };
    /// What one snapshot of the database has that the index has not.
    struct News {
        std::string epoch;
        std::int64_t first_job = 0;   ///< those before it were dropped
        std::int64_t last_job = 0;    ///< the last id given
        std::vector<Job> jobs;
        std::vector<Row> rows;
        bool more = false;
    };
    /// Where the index stands; in its own file.
    struct State {
        std::string epoch;
        std::int64_t position = 0;
        std::int64_t job = 0;
        bool unclean = false;  ///< text that was taken back is still in the files
    };
    enum class Pass : std::uint8_t { done, more, failed };
    /// `useless`: missing, damaged or foreign, to be built anew. `not_now`: the system does not let us, as when there are
    /// no more descriptors; the file is left as it is.
    enum class Opened : std::uint8_t { good, useless, not_now };
    /// How far a round of cleaning has come.
    enum class Round : std::uint8_t { none, merging, emptying };
    struct Index;

    void run();
    Pass step();
    Pass follow();
    bool open_database();
    Opened open_index();
    bool make_index(const News& news);
    bool read_news(News& news);
    void read_jobs(News& news);
    void read_rows(News& news);
    bool apply(const News& news);
    Pass failed_index();
    void give_up_index();
    void close_index();
    void plan_cleaning();
    Pass clean();

    SearchIndexOptions options_;
    std::string path_;
    ReaderGate& gate_;

    std::unique_ptr<Connection> database_;
    std::unique_ptr<Index> index_;
    State state_;
    bool useless_ = false;  ///< what is in the index's place must be replaced
    Round round_ = Round::none;
    /// Since when there is text taken back that no round covers.
    std::optional<std::chrono::steady_clock::time_point> taken_back_;
    std::int64_t texts_taken_back_ = 0;  ///< since then
    std::size_t took_in_ = 0;            ///< messages, with the last transaction
    std::optional<std::chrono::steady_clock::time_point> next_cleaning_;

    std::atomic<std::int64_t> applied_jobs_{0};
    std::atomic<std::int64_t> generation_{0};
    std::atomic<bool> damaged_{false};
    std::mutex files_mutex_;
    std::optional<OpenFiles> files_;  ///< nothing: no index is open, or what is open is given up
    std::atomic<bool> news_{true};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace cariosan::sqlite
