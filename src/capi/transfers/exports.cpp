#include "capi/transfers/exports.hpp"

#include <utility>

namespace cariosan::capi {

Result<std::uint64_t> Exports::add(std::unique_ptr<Exporter> exporter) {
    auto entry = std::make_shared<Entry>();
    entry->exporter = std::move(exporter);
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= kMost) {
        return Error(ErrorCode::unavailable, "too many exports are open: at most " + std::to_string(kMost))
            .with("limit", static_cast<std::int64_t>(kMost));
    }
    entries_.emplace(++last_, std::move(entry));
    return last_;
}

Result<std::optional<std::string>> Exports::next(std::uint64_t number) {
    std::shared_ptr<Entry> entry;
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(number);
        if (found == entries_.end()) return not_found("export");
        entry = found->second;
    }
    const std::lock_guard lock(entry->mutex);
    return entry->exporter->next();
}

Result<Done> Exports::remove(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    return entries_.erase(number) == 1 ? Result<Done>(Done{}) : not_found("export");
}

}  // namespace cariosan::capi
