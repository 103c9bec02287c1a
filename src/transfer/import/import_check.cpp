#include "transfer/import/import_check.hpp"

#include <optional>
#include <utility>

#include "transfer/import/import_pipeline.hpp"
#include "transfer/import/import_survey.hpp"

namespace cariosan::transfer {

namespace {

struct Asked {
    std::string channel;
    std::string name;
    std::optional<std::string> reply_to;
};

class CheckPass {
  public:
    CheckPass(Engine& engine, WorkspaceId workspace, const ImportEntries& entries, ImportReplies& replies)
        : entries_(entries), replies_(replies), pipeline_(engine, workspace) {}

    void take(const LineReader::Line& line) {
        auto read = entries_.read(line.text, line.place.number);
        auto* entry = std::get_if<ImportEntry>(&read);
        if (entry == nullptr || !replies_.asked(entry->channel, entry->name)) return;
        entry->command.dry_run = true;
        pipeline_.submit(std::move(entry->command),
                         {std::move(entry->channel), std::move(entry->name), std::move(entry->reply_to)});
        settle();
    }

    void finish() {
        pipeline_.wait();
        settle();
        replies_.judge();
    }

    const std::optional<Error>& end() const noexcept { return end_; }

  private:
    void settle() {
        pipeline_.settle([this](const Asked& asked, const Result<Outcome>& outcome) {
            if (outcome) return replies_.offer(asked.channel, asked.name, std::nullopt);
            const Error& error = outcome.error();
            if (lacks_import_parent(error)) {
                replies_.offer(asked.channel, asked.name, asked.reply_to);
            } else if (ends_import(error) && !end_) {
                end_ = error;
            }
        });
    }

    const ImportEntries& entries_;
    ImportReplies& replies_;
    std::optional<Error> end_;
    ImportPipeline<Asked> pipeline_;
};

}  // namespace

Result<Done> check_import_replies(Engine& engine, const ImportOptions& options, const ImportEntries& entries,
                                  ImportReplies& replies, ImportWatcher& watcher) {
    if (replies.empty()) return Done{};
    auto reader = open_import(options);
    if (!reader) return reader.error();
    CheckPass pass(engine, options.workspace, entries, replies);
    const auto status = reader->each([&](const LineReader::Line& line) {
        if (!line.too_long) pass.take(line);
        return !pass.end() && !watcher.cancelled();
    });
    pass.finish();
    if (pass.end()) return *pass.end();
    if (watcher.cancelled()) return Error(ErrorCode::unavailable, "cancelled");
    if (status == LineReader::Status::failed) return import_unreadable(options);
    return Done{};
}

}  // namespace cariosan::transfer
