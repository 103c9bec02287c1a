#pragma once

#include <atomic>
#include <cariosan/engine.hpp>
#include <cariosan/import.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "capi/items/outputs.hpp"
#include "capi/transfers/spool.hpp"

namespace cariosan::capi {

/// What a host wants imported.
struct ImportRequest {
    ImportOptions import;             ///< `path` empty: the lines are handed in
    std::string folder;               ///< for what is handed in; empty: the system's for temporary files
    std::size_t most_problems = 20;   ///< bad lines that the end reports
};

/// `VALIDATION_ERROR` with the invalid member in `details.field`.
Result<ImportRequest> parse_import(std::string_view options);

/// One import: first it takes lines, then it runs.
class ImportTask final : public ImportWatcher, public std::enable_shared_from_this<ImportTask> {
  public:
    static Result<std::shared_ptr<ImportTask>> make(ImportRequest request, std::uint64_t number, Outputs& outputs);
    /// `join` must have been called if it was started.
    ~ImportTask() override = default;

    /// `misuse` if a file is imported, `conflict` once it was started.
    Result<Done> push(std::string_view bytes);
    /// `ended` is called when the end was polled. `conflict` if it was started before.
    Result<Done> start(Engine& engine, TicketRef ticket, std::function<void()> ended);
    bool started();
    void cancel() noexcept { cancelled_ = true; }
    /// Waits for its end.
    void join();

    // On its thread.
    void moved(const ImportProgress& progress) override;
    void bad_line(std::int64_t number, const std::string& reason) override;
    void trouble(const std::string& what) override;
    bool cancelled() override { return cancelled_; }

  private:
    struct Problem {
        std::int64_t line = 0;
        std::string reason;
    };

    ImportTask(ImportRequest request, std::uint64_t number, Outputs& outputs);
    Result<std::string> run(Engine& engine);
    std::string report(const ImportOutcome& outcome);
    ItemPtr progress_item();

    const ImportRequest request_;
    const std::uint64_t number_;
    Outputs& outputs_;
    std::unique_ptr<Spool> spool_;
    std::atomic<bool> cancelled_{false};

    std::mutex mutex_;
    std::thread thread_;
    bool started_ = false;
    TicketRef ticket_;
    ImportProgress progress_;
    bool progress_waits_ = false;  // to be polled

    std::vector<Problem> problems_;  // used only on its thread
    std::vector<std::string> troubles_;
};

}  // namespace cariosan::capi
