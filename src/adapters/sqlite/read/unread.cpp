#include "adapters/sqlite/read/unread.hpp"

#include <algorithm>

namespace cariosan::sqlite {

HiddenAuthors UnreadCounter::hidden_from(std::int64_t reader, std::int64_t workspace, bool blocks) {
    const bool erasing = number(someone_erased_.query(workspace)) != 0;
    return {.blocker = blocks ? reader : 0, .workspace = erasing ? workspace : 0};
}

std::int64_t UnreadCounter::count(const UnreadRange& range, const HiddenAuthors& hidden, UnreadBudget& budget) {
    const std::int64_t span = range.span();
    if (span == 0) return 0;
    std::int64_t& left = budget.of(span);
    if (hidden.any()) {
        if (span > left) return span;
        left -= span;
        return span - number(hidden_.query(range.channel, range.last_read_seq, hidden.blocker, hidden.workspace)) -
               number(unsent_by_others_.query(range.channel, range.last_read_seq, hidden.blocker, hidden.workspace));
    }
    const std::int64_t limit = std::min(span, left);
    const std::int64_t unsent = number(unsent_.query(range.channel, range.last_read_seq, limit));
    left -= unsent;
    const bool all_seen = unsent < limit || limit == span;
    return all_seen ? span - unsent : span;
}

bool UnreadCounter::has_any_by(std::int64_t author, const UnreadRange& range, UnreadBudget& budget) {
    const std::int64_t span = range.span();
    std::int64_t& left = budget.of(span);
    if (span > left) return true;
    left -= span;
    return number(any_by_.query(range.channel, range.last_read_seq, author)) != 0;
}

std::int64_t UnreadCounter::count_mentions(std::int64_t user, const UnreadRange& range, const HiddenAuthors& hidden) {
    if (range.span() == 0) return 0;
    if (!hidden.any()) return number(mentions_.query(range.channel, range.last_read_seq, user));
    return number(visible_mentions_.query(range.channel, range.last_read_seq, hidden.blocker, hidden.workspace, user,
                                          UnreadBudget::kExact));
}

}  // namespace cariosan::sqlite
