#include "import_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cariosan::server {

namespace {

constexpr std::int64_t kBadLinesShown = 20;
constexpr auto kBetweenProgress = std::chrono::milliseconds(200);

}  // namespace

ImportReport::ImportReport(Console& console, std::string path, bool verbose)
    : console_(console), path_(std::move(path)), verbose_(verbose) {}

void ImportReport::begin(ImportStage stage) {
    stage_ = stage;
    switch (stage) {
        case ImportStage::reading: return console_.progress("reading " + path_);
        case ImportStage::places: return console_.progress("making users and channels");
        case ImportStage::replies: return console_.progress("looking for what is replied to");
        case ImportStage::messages: start_ = shown_at_ = std::chrono::steady_clock::now();
    }
}

void ImportReport::moved(const ImportProgress& progress) {
    if (stage_ != progress.stage) begin(progress.stage);
    if (progress.stage != ImportStage::messages) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - shown_at_ < kBetweenProgress) return;
    shown_at_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const auto done = progress.counts.imported + progress.counts.already_there;
    const auto percent = progress.size > 0 ? std::min<std::int64_t>(100, progress.position * 100 / progress.size) : 100;
    console_.progress(fmt::format("{:3}%  {} messages  {:.0f}/s", percent, done, static_cast<double>(done) / seconds));
}

void ImportReport::bad_line(std::int64_t number, const std::string& reason) {
    if (++bad_lines_ <= kBadLinesShown || verbose_) console_.report(fmt::format("line {}: {}", number, reason));
}

void ImportReport::finish(const ImportOutcome& outcome) {
    const bool stored = outcome.stage == ImportStage::messages;
    if (outcome.stopped && outcome.stage == ImportStage::reading) {
        console_.report(outcome.stopped->message);
    } else if (outcome.stopped && !stored) {
        console_.report("stopped: " + outcome.stopped->message);
    } else if (outcome.stopped) {
        console_.report(fmt::format("stopped near line {}: {}; what was imported stays, run the same command again to go on",
                                    outcome.line, outcome.stopped->message));
    }
    if (!stored) return;
    if (bad_lines_ > kBadLinesShown && !verbose_) {
        console_.report(fmt::format("and {} more bad lines; --verbose shows all", bad_lines_ - kBadLinesShown));
    }
    const ImportCounts& counts = outcome.counts;
    console_.print(fmt::format("imported {} messages ({} replies), skipped {}, already there {}", counts.imported,
                               counts.replies, counts.bad_lines, counts.already_there));
}

}  // namespace cariosan::server
