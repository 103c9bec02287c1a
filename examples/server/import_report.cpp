#include "import_report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cariosan::server {

namespace {

constexpr std::int64_t kBadLinesShown = 20;
constexpr auto kBetweenProgress = std::chrono::milliseconds(200);

}  // namespace

ImportReport::ImportReport(Console& console, bool verbose)
    : console_(console), verbose_(verbose), start_(std::chrono::steady_clock::now()), shown_at_(start_) {}

void ImportReport::imported(bool reply) {
    ++imported_;
    if (reply) ++replies_;
}

void ImportReport::bad_line(std::int64_t number, const std::string& reason) {
    if (++bad_lines_ <= kBadLinesShown || verbose_) console_.report(fmt::format("line {}: {}", number, reason));
}

void ImportReport::progress(std::int64_t position, std::int64_t size) {
    const auto now = std::chrono::steady_clock::now();
    if (now - shown_at_ < kBetweenProgress) return;
    shown_at_ = now;
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const auto done = imported_ + already_there_;
    const auto percent = size > 0 ? std::min<std::int64_t>(100, position * 100 / size) : 100;
    console_.progress(
        fmt::format("{:3}%  {} messages  {:.0f}/s", percent, done, static_cast<double>(done) / seconds));
}

void ImportReport::finish() {
    if (bad_lines_ > kBadLinesShown && !verbose_) {
        console_.report(fmt::format("and {} more bad lines; --verbose shows all", bad_lines_ - kBadLinesShown));
    }
    console_.print(fmt::format("imported {} messages ({} replies), skipped {}, already there {}", imported_,
                               replies_, bad_lines_, already_there_));
}

}  // namespace cariosan::server
