/// The search index: `<database>-search`, maintained by its own thread.
///
/// The thread reads the database as any reader does. It first applies the jobs, each of which removes a text that was
/// changed or removed, then adds the messages above its position. The changes and the new position are one transaction of
/// the index file, so a kill at any point neither skips a message nor adds it twice. The next search or commit notices if
/// the files in use were deleted, replaced or damaged, and the index is rebuilt.
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
#include "adapters/sqlite/checkpoint_gate.hpp"
#include "adapters/sqlite/statement.hpp"

namespace cariosan::sqlite {

struct SearchIndexOptions {
    std::string database;
    bool durable = true;  ///< false: nothing is synced to disk
    std::chrono::milliseconds cleaning{0};  ///< how long deleted text may stay in the files
};

/// Thread-safe, except for the private members, which belong to the index's thread.
class SearchIndex {
  public:
    /// Starts the thread. `gate` must outlive this object; the database must have its tables.
    SearchIndex(SearchIndexOptions options, CheckpointGate& gate);
    ~SearchIndex();
    SearchIndex(const SearchIndex&) = delete;
    SearchIndex& operator=(const SearchIndex&) = delete;

    /// Call after a commit.
    void wake();
    /// Whether the open files are still in place. If not, the index is rebuilt.
    bool check_files();
    /// Reports that a reader found the file of that generation damaged. The index is rebuilt.
    void report_damage(std::int64_t generation);
    /// Jobs up to this id have been applied durably.
    std::int64_t applied_jobs() const noexcept { return applied_jobs_.load(); }
    /// Changes when the file is replaced; 0 before the first one.
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
    /// What one snapshot of the database has that the index lacks.
    struct News {
        std::string epoch;
        std::int64_t first_job = 0;   ///< earlier ones were dropped
        std::int64_t last_job = 0;    ///< the highest id ever assigned
        std::vector<Job> jobs;
        std::vector<Row> rows;
        bool more = false;
    };
    /// How far the index has come. Stored in its own file.
    struct State {
        std::string epoch;
        std::int64_t position = 0;
        std::int64_t job = 0;
        bool unclean = false;  ///< text that was removed from the index is still in the files
    };
    enum class Pass : std::uint8_t { done, more, failed };
    /// `useless`: missing, damaged or foreign, so the file must be rebuilt. `not_now`: the system refuses (for example, no
    /// more descriptors), so the file is left alone.
    enum class Opened : std::uint8_t { good, useless, not_now };
    /// The phases of a round of cleaning.
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
    CheckpointGate& gate_;

    std::unique_ptr<Connection> database_;
    std::unique_ptr<Index> index_;
    State state_;
    bool useless_ = false;  ///< the file must be replaced
    Round round_ = Round::none;
    /// When the first text was removed from the index that no round covers yet.
    std::optional<std::chrono::steady_clock::time_point> oldest_removal_;
    std::int64_t removed_texts_ = 0;  ///< since that time
    std::size_t last_batch_size_ = 0;  ///< messages in the last transaction
    std::optional<std::chrono::steady_clock::time_point> next_cleaning_;

    std::atomic<std::int64_t> applied_jobs_{0};
    std::atomic<std::int64_t> generation_{0};
    std::atomic<bool> damaged_{false};
    std::mutex files_mutex_;
    std::optional<OpenFiles> files_;  ///< empty: no index is open, or the open one was given up
    std::atomic<bool> news_{true};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace cariosan::sqlite
