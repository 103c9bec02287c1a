#include "engine/files/file_keeper.hpp"

#include <algorithm>
#include <cariosan/outbox.hpp>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/writer/writer.hpp"
#include "outbox/webhook_retry.hpp"

namespace cariosan::engine {
namespace {

constexpr std::chrono::milliseconds kInterval{1'000};
constexpr std::chrono::milliseconds kTidyAgainAfter{30'000};
constexpr std::int64_t kAtOnce = 100;

/// Runs `read` in a snapshot of its own.
template <class Read>
auto in_snapshot(Reader& reader, Read read) -> decltype(read()) {
    if (auto begun = reader.begin(); !begun) return begun.error();
    auto result = read();
    reader.end();
    return result;
}

}  // namespace

/// Answers from storage.
class FileKeeper::Names final : public FileNames {
  public:
    explicit Names(Reader& reader) : reader_(reader) {}
    Result<bool> is_named(std::string_view key) override {
        return in_snapshot(reader_, [&] { return reader_.messages().names_file(key); });
    }
    Result<bool> has_workspace(WorkspaceId workspace) override {
        return in_snapshot(reader_, [&]() -> Result<bool> {
            auto found = reader_.workspaces().find(workspace);
            if (!found) return found.error();
            return found->has_value();
        });
    }

  private:
    Reader& reader_;
};

FileKeeper::FileKeeper(AttachmentStore& store, std::unique_ptr<Reader> reader, Writer& writer, Clock& clock, Counters& counters,
                       const Log& log)
    : store_(store),
      reader_(std::move(reader)),
      writer_(writer),
      clock_(clock),
      counters_(counters),
      log_(log),
      thread_([this] { work(); }) {}

void FileKeeper::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

/// False if the thread is to end.
bool FileKeeper::wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, time, [this] { return stopping_; });
}

void FileKeeper::work() {
    do {
        while (remove_some()) {
            if (!wait({})) return;
        }
        tidy();
    } while (wait(kInterval));
}

/// Whether there may be more to do at once.
bool FileKeeper::remove_some() {
    if (again_at_ && clock_.elapsed() < *again_at_) return false;
    again_at_.reset();
    const auto erased = in_snapshot(*reader_, [&] { return reader_->messages().erased_files(position_, kAtOnce); });
    if (!erased) {
        complain(erased.error());
        return false;
    }
    Names names(*reader_);
    mutation::ForgetErasedFiles done;
    for (const ErasedFile& file : *erased) {
        if (failed_in_a_row_ == kWebhookDownAfter) break;
        if (remove(file, names)) done.rows.push_back(file.row);
        position_ = file.row;
    }
    if (!done.rows.empty()) forget(std::move(done));
    if (std::ssize(*erased) == kAtOnce && failed_in_a_row_ < kWebhookDownAfter) return true;
    position_ = 0;
    failed_in_a_row_ = 0;
    if (!std::exchange(has_failed_, false)) failed_walks_ = 0;
    else again_at_ = clock_.elapsed() + outbox::kRetryDelays[std::min(failed_walks_++, outbox::kRetryDelays.size() - 1)];
    return false;
}

/// Whether this file is done with.
bool FileKeeper::remove(const ErasedFile& file, FileNames& names) {
    const auto removed = store_.remove(file.url, names);
    failed_in_a_row_ = removed ? 0 : failed_in_a_row_ + 1;
    if (removed) {
        counters_.files_removed += *removed ? 1 : 0;
        return true;
    }
    ++counters_.files_not_removed;
    complain(removed.error());
    has_failed_ = has_failed_ || removed.error().retryable;
    return !removed.error().retryable;
}

/// What is not forgotten is removed once more, which changes nothing.
void FileKeeper::forget(mutation::ForgetErasedFiles files) {
    std::promise<bool> forgotten;
    ++counters_.queued_commands;
    writer_.push({.planned = {std::move(files), std::nullopt},
                  .completion = {},
                  .committed = [&forgotten](const Result<Committed>& result) { forgotten.set_value(result.ok()); }});
    if (!forgotten.get_future().get()) has_failed_ = true;
}

void FileKeeper::tidy() {
    if (clock_.elapsed() < tidy_at_) return;
    Names names(*reader_);
    const auto removed = store_.tidy(clock_.now(), names);
    if (!removed) {
        tidy_at_ = clock_.elapsed() + kTidyAgainAfter;
        return complain(removed.error());
    }
    counters_.files_removed += *removed;
}

void FileKeeper::complain(const Error& error) {
    log_.write(LogLevel::warning, "attachments.not_removed",
               {{"reason", error.cause.empty() ? error.message : error.message + ": " + error.cause}});
}

}  // namespace cariosan::engine
