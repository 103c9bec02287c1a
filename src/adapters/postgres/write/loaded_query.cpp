#include "adapters/postgres/write/loaded_query.hpp"

namespace cariosan::postgres {

void LoadedQuery::forget() {
    pending_.reset();
    answer_.reset();
    loaded_.clear();
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
        Part& part = loaded_.try_emplace(std::move(key.text), Part{row, 0}).first->second;
        if (rows.flag()) ++part.count;
    }
}

}  // namespace cariosan::postgres
