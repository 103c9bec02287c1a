/// Walking the lists of the search index: which messages hold a token, newest first.
#pragma once

#include <cariosan/storage.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "adapters/sqlite/statement.hpp"

namespace cariosan::sqlite {

/// One list. Every step is taken from the budget, and none costs more than another: FTS5 is asked for one token at a time,
/// because it looks for what several have in common within a single step, however long that takes.
class Postings {
  public:
    enum class Place : std::uint8_t { reached, behind, ended };

    /// `list` takes an expression, the oldest and the newest position; it must outlive this object, and serves it alone.
    /// `tokens`: how many the expression names.
    Postings(Statement& list, std::string expression, std::int64_t tokens, std::int64_t oldest)
        : list_(list), expression_(std::move(expression)), tokens_(tokens), oldest_(oldest) {}

    /// Goes towards the newest position at or below `at_most`, a few steps at a time. `ended`: there is none.
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

/// What several lists have in common, and a little more: a list that is far behind the others is not waited for, because to
/// read the message costs less than to get there.
class CommonPostings {
  public:
    explicit CommonPostings(std::int64_t oldest) : oldest_(oldest) {}

    void add(Statement& list, std::string expression, std::int64_t tokens) {
        lists_.emplace_back(list, std::move(expression), tokens, oldest_);
    }

    /// The newest position at or below `at_most` that is in at least one list and missing in none that got there. Nothing:
    /// there is none, or the budget is spent, and then `cut_at` says from where on all are known.
    std::optional<std::int64_t> next(std::int64_t at_most, WorkBudget& budget);
    std::optional<std::int64_t> cut_at() const noexcept { return cut_at_; }

  private:
    const std::int64_t oldest_;
    std::deque<Postings> lists_;
    std::optional<std::int64_t> cut_at_;
};

}  // namespace cariosan::sqlite
