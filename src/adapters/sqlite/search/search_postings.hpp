/// Walks the lists of the search index, which say what messages hold a token, newest first.
#pragma once

#include <cariosan/storage.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "adapters/sqlite/statement.hpp"

namespace cariosan::sqlite {

/// One list. Every step is charged to the budget, and all cost the same: FTS5 is only asked for one token at a time,
/// because it would intersect several within a single step of unbounded cost.
class Postings {
  public:
    enum class Place : std::uint8_t { reached, behind, ended };

    /// `list` takes an expression and the oldest and newest position. It must outlive this object and serve no other.
    /// `tokens`: how many tokens the expression names.
    Postings(Statement& list, std::string expression, std::int64_t tokens, std::int64_t oldest)
        : list_(list), expression_(std::move(expression)), tokens_(tokens), oldest_(oldest) {}

    /// Moves towards the newest position at or below `at_most`, a few steps at a time. `ended`: there is no such position.
    Place advance(std::int64_t at_most, WorkBudget& budget);
    std::int64_t at() const noexcept { return at_; }

  private:
    struct Walk {
        Walk(Statement& list, const std::string& expression, std::int64_t oldest, std::int64_t newest)
            : rows(list.query(expression, oldest, newest)) {}
        Rows rows;
    };

    Statement& list_;
    const std::string expression_;
    const std::int64_t tokens_;
    const std::int64_t oldest_;
    std::int64_t at_ = INT64_MAX;
    std::optional<Walk> walk_;
};

/// The intersection of several lists, with some false positives: it does not wait for a list that is far behind, because
/// reading the message is cheaper than walking there.
class CommonPostings {
  public:
    explicit CommonPostings(std::int64_t oldest) : oldest_(oldest) {}

    void add(Statement& list, std::string expression, std::int64_t tokens) {
        lists_.emplace_back(list, std::move(expression), tokens, oldest_);
    }

    /// The newest position at or below `at_most` that is in at least one list, and not known to be missing in any. Absent if
    /// there is no such position, or the budget ran out; then every position from `cut_at` up was considered.
    std::optional<std::int64_t> next(std::int64_t at_most, WorkBudget& budget);
    std::optional<std::int64_t> cut_at() const noexcept { return cut_at_; }

  private:
    const std::int64_t oldest_;
    std::deque<Postings> lists_;
    std::optional<std::int64_t> cut_at_;
};

}  // namespace cariosan::sqlite
