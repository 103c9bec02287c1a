#include "adapters/postgres/write/loaded_query.hpp"

namespace cariosan::postgres {

void LoadedQuery::forget() {
    pending_.reset();
    answer_.reset();
    loaded_.clear();
    resting_.clear();
}

void LoadedQuery::forget_row(std::int64_t row) {
    if (!is_current()) return;
    const auto [begin, end] = resting_.equal_range(row);
    for (auto each = begin; each != end; ++each) loaded_.erase(each->second);
    resting_.erase(begin, end);
}

bool LoadedQuery::is_current() {
    if (connection_.changes() != loaded_at_) {
        forget();
        return false;
    }
    if (pending_) index();
    return answer_ != nullptr;
}

void LoadedQuery::index() {
    answer_ = pending_->answer();
    pending_.reset();
    Rows rows(connection_, answer_);
    for (int row = 0; rows.next(); ++row) {
        Key key;
        for (int argument = 0; argument < arguments_; ++argument) key.add_text(rows.raw());
        const auto entry = loaded_.try_emplace(std::move(key.text), Part{row, 0}).first;
        if (rows.flag()) ++entry->second.count;
        if (rests_on_ != RestsOn::row) continue;
        if (const auto id = rows.optional_integer()) resting_.emplace(*id, entry->first);
    }
}

}  // namespace cariosan::postgres
