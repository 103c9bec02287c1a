#include <algorithm>
#include <cariosan/import.hpp>
#include <filesystem>
#include <utility>

#include "encoding/utf8.hpp"
#include "transfer/import/import_check.hpp"
#include "transfer/import/import_entry.hpp"
#include "transfer/import/import_messages.hpp"
#include "transfer/import/import_places.hpp"
#include "transfer/import/import_survey.hpp"
#include "transfer/import/import_tally.hpp"

namespace cariosan {

ImportOutcome import_file(Engine& engine, const ImportOptions& options, ImportWatcher& watcher) {
    transfer::ImportTally tally(watcher);
    const auto stopped = [&tally](Error error) {
        const ImportProgress& at = tally.progress();
        return ImportOutcome{.counts = at.counts, .stopped = std::move(error), .stage = at.stage};
    };
    tally.begin(ImportStage::reading);
    auto survey = transfer::survey_import(options);
    if (!survey) return stopped(std::move(survey).error());
    tally.begin(ImportStage::places);
    const auto places = transfer::make_import_places(engine, options.workspace, *survey, watcher);
    if (!places) return stopped(places.error());
    const transfer::ImportEntries entries(*places, options.source);
    transfer::ImportReplies& replies = survey->replies();
    tally.begin(ImportStage::replies);
    const auto checked = transfer::check_import_replies(engine, options, entries, replies, watcher);
    if (!checked) return stopped(checked.error());
    tally.begin(ImportStage::messages);
    const transfer::ImportEnd end = transfer::import_messages(engine, options, entries, replies, tally, watcher);
    if (end.error) {
        ImportOutcome outcome = stopped(*end.error);
        outcome.line = end.line;
        return outcome;
    }
    const bool joined = transfer::join_import_members(engine, options.workspace, *survey, *places, watcher);
    const ImportCounts counts = tally.progress().counts;
    return {.complete = joined && counts.bad_lines == 0, .counts = counts, .stopped = {}, .stage = ImportStage::messages};
}

std::string import_source_of(const std::string& path) {
    return std::filesystem::path(path).filename().string();
}

bool is_import_source(std::string_view text) {
    constexpr std::size_t kMostBytes = 128;
    if (text.empty() || text.size() > kMostBytes) return false;
    if (std::any_of(text.begin(), text.end(),
                    [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; })) {
        return false;
    }
    return encoding::is_utf8(text);
}

}  // namespace cariosan
