/// Counts unread messages.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cariosan::sql {

/// The messages of a channel above a reader's read position.
struct UnreadRange {
    std::int64_t channel = 0;
    std::int64_t last_seq = 0;
    std::int64_t last_read_seq = 0;

    /// Their number, unsent and hidden ones included.
    std::int64_t span() const noexcept { return last_seq > last_read_seq ? last_seq - last_read_seq : 0; }
};

/// How many index entries one read may visit to count. Ranges of up to `kExact` positions, of which a page of channels has
/// at most 101, have a budget of their own, so that long ranges cannot make short ones inexact.
struct UnreadBudget {
    static constexpr std::int64_t kExact = 999;

    std::int64_t short_ranges = 101 * kExact;
    std::int64_t long_ranges = 20'000;

    std::int64_t& of(std::int64_t span) noexcept { return span <= kExact ? short_ranges : long_ranges; }
};

/// Whose messages a reader must not see, whatever their rows still hold. Rowids; 0 where there are none of that kind.
struct HiddenAuthors {
    std::int64_t blocker = 0;    ///< the reader, if they have blocked anyone: hides the blocked
    std::int64_t workspace = 0;  ///< its workspace, if any texts are being erased: hides their authors

    bool any() const noexcept { return blocker != 0 || workspace != 0; }
};

namespace detail {

/// The ranges that a budget covers, which it then is charged for, as lists.
struct CoveredRanges {
    CoveredRanges(std::span<const UnreadRange> ranges, UnreadBudget& budget) {
        for (std::size_t place = 0; place < ranges.size(); ++place) {
            const UnreadRange& range = ranges[place];
            std::int64_t& left = budget.of(range.span());
            if (range.span() == 0 || range.span() > left) continue;
            left -= range.span();
            places.push_back(place);
            channels.push_back(range.channel);
            last_read_seqs.push_back(range.last_read_seq);
        }
    }

    std::vector<std::size_t> places;  ///< among all of them
    std::vector<std::int64_t> channels;
    std::vector<std::int64_t> last_read_seqs;
};

}  // namespace detail

/// Counts messages, except unsent ones and those of hidden authors. Exact while the budget lasts; after that a range counts
/// in full. Costs two seeks if nothing was unsent and no author is hidden, otherwise a walk over entries of two indexes,
/// bounded by the budget.
///
/// `Statements`, made from a connection, are those of an adapter.
template <class Statements>
class UnreadCounter {
  public:
    template <class Connection>
    explicit UnreadCounter(Connection& connection) : sql_(connection) {}

    /// Who is hidden from `reader`, a user of the workspace. `blocks`: whether they have blocked anyone.
    HiddenAuthors hidden_from(std::int64_t reader, std::int64_t workspace, bool blocks);
    std::int64_t count(const UnreadRange& range, const HiddenAuthors& hidden, UnreadBudget& budget);
    /// The same for several ranges, in their order.
    std::vector<std::int64_t> count(std::span<const UnreadRange> ranges, const HiddenAuthors& hidden, UnreadBudget& budget);
    /// Mentions of the user above the read position, counted up to 100. Skips those by hidden authors, but looks at the
    /// oldest `UnreadBudget::kExact` mentions only.
    std::int64_t count_mentions(std::int64_t user, const UnreadRange& range, const HiddenAuthors& hidden);
    /// Whether the author wrote in the range. True as well if the budget does not cover the search.
    bool has_any_by(std::int64_t author, const UnreadRange& range, UnreadBudget& budget);
    /// The same for several ranges, in their order.
    std::vector<bool> has_any_by(std::int64_t author, std::span<const UnreadRange> ranges, UnreadBudget& budget);

  private:
    template <class Rows>
    static std::int64_t number(Rows rows) {
        return rows.next() ? rows.integer() : 0;
    }

    Statements sql_;
};

template <class Statements>
HiddenAuthors UnreadCounter<Statements>::hidden_from(std::int64_t reader, std::int64_t workspace, bool blocks) {
    const bool erasing = number(sql_.someone_erased.query(workspace)) != 0;
    return {.blocker = blocks ? reader : 0, .workspace = erasing ? workspace : 0};
}

template <class Statements>
std::int64_t UnreadCounter<Statements>::count(const UnreadRange& range, const HiddenAuthors& hidden, UnreadBudget& budget) {
    const std::int64_t span = range.span();
    if (span == 0) return 0;
    std::int64_t& left = budget.of(span);
    if (hidden.any()) {
        if (span > left) return span;
        left -= span;
        return span - number(sql_.hidden.query(range.channel, range.last_read_seq, hidden.blocker, hidden.workspace)) -
               number(sql_.unsent_by_others.query(range.channel, range.last_read_seq, hidden.blocker, hidden.workspace));
    }
    const std::int64_t limit = std::min(span, left);
    const std::int64_t unsent = number(sql_.unsent.query(range.channel, range.last_read_seq, limit));
    left -= unsent;
    const bool all_seen = unsent < limit || limit == span;
    return all_seen ? span - unsent : span;
}

template <class Statements>
bool UnreadCounter<Statements>::has_any_by(std::int64_t author, const UnreadRange& range, UnreadBudget& budget) {
    const std::int64_t span = range.span();
    std::int64_t& left = budget.of(span);
    if (span > left) return true;
    left -= span;
    return number(sql_.any_by.query(range.channel, range.last_read_seq, author)) != 0;
}

/// An adapter that sends lists asks once, for those ranges that the budget covers in full.
template <class Statements>
std::vector<std::int64_t> UnreadCounter<Statements>::count(std::span<const UnreadRange> ranges, const HiddenAuthors& hidden,
                                                           UnreadBudget& budget) {
    std::vector<std::int64_t> counts;
    counts.reserve(ranges.size());
    if constexpr (!Statements::kTakesLists) {
        for (const UnreadRange& range : ranges) counts.push_back(count(range, hidden, budget));
    } else {
        const detail::CoveredRanges covered(ranges, budget);
        for (const UnreadRange& range : ranges) counts.push_back(range.span());
        if (covered.places.empty()) return counts;
        const auto channels = sql_.unread_of.list(covered.channels);
        const auto seqs = sql_.unread_of.list(covered.last_read_seqs);
        auto rows = hidden.any() ? sql_.unread_of.query(channels, seqs, hidden.blocker, hidden.workspace)
                                 : sql_.unsent_of.query(channels, seqs);
        for (const std::size_t place : covered.places) counts[place] -= rows.next() ? rows.integer() : 0;
    }
    return counts;
}

template <class Statements>
std::vector<bool> UnreadCounter<Statements>::has_any_by(std::int64_t author, std::span<const UnreadRange> ranges,
                                                        UnreadBudget& budget) {
    std::vector<bool> answers;
    answers.reserve(ranges.size());
    if constexpr (!Statements::kTakesLists) {
        for (const UnreadRange& range : ranges) answers.push_back(has_any_by(author, range, budget));
    } else {
        const detail::CoveredRanges covered(ranges, budget);
        answers.assign(ranges.size(), true);
        if (covered.places.empty()) return answers;
        auto rows = sql_.any_by_of.query(sql_.any_by_of.list(covered.channels), sql_.any_by_of.list(covered.last_read_seqs), author);
        for (const std::size_t place : covered.places) answers[place] = rows.next() && rows.flag();
    }
    return answers;
}

template <class Statements>
std::int64_t UnreadCounter<Statements>::count_mentions(std::int64_t user, const UnreadRange& range,
                                                       const HiddenAuthors& hidden) {
    if (range.span() == 0) return 0;
    if (!hidden.any()) return number(sql_.mentions.query(range.channel, range.last_read_seq, user));
    return number(sql_.visible_mentions.query(range.channel, range.last_read_seq, hidden.blocker, hidden.workspace, user,
                                          UnreadBudget::kExact));
}

}  // namespace cariosan::sql
