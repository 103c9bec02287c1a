#include "adapters/sqlite/unread.hpp"

#include <algorithm>

namespace cariosan::sqlite {

std::int64_t UnreadCounter::count(const UnreadRange& range, UnreadBudget& budget) {
    const std::int64_t span = range.span();
    if (span == 0) return 0;
    std::int64_t& left = budget.of(span);
    const std::int64_t limit = std::min(span, left);
    const std::int64_t unsent = number(unsent_.query(range.channel, range.last_read_seq, limit));
    left -= unsent;
    const bool all_seen = unsent < limit || limit == span;
    return all_seen ? span - unsent : span;
}

std::int64_t UnreadCounter::count_visible(std::int64_t reader, const UnreadRange& range, UnreadBudget& budget) {
    const std::int64_t span = range.span();
    std::int64_t& left = budget.of(span);
    if (span > left) return span;
    left -= span;
    return span - number(blocked_.query(range.channel, range.last_read_seq, reader)) -
           number(unsent_by_others_.query(range.channel, range.last_read_seq, reader));
}

}  // namespace cariosan::sqlite
