/// Searching a list for users by what they are called.
#pragma once

#include <cariosan/error.hpp>
#include <cariosan/limits.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/search/search_text.hpp"

namespace cariosan::core {

/// What a user is found by: the beginning of each word of the name that is asked for, or of the `external_id`.
class UserQuery {
  public:
    static Result<UserQuery> parse(std::string_view q, const Limits& limits);
    bool finds(std::string_view external_id, std::string_view name) const;

  private:
    UserQuery(std::string q, std::vector<QueryTerm> terms) : q_(std::move(q)), terms_(std::move(terms)) {}

    std::string q_;
    std::vector<QueryTerm> terms_;
};

/// Of a list of `T`, by user id, those whose user `query` finds, from the one after `after` on: at most `limit` of at most 2,000 that
/// are looked at. So a page may be short, or empty, without being the last. `read(after, count)` returns the next ones;
/// `user_of(T)` has `id`, `external_id` and `name`.
template <class T, class Read, class UserOf>
Result<Page<T>> search_users(ListOf list, const UserQuery& query, std::optional<UserId> after, std::int64_t limit, Read read,
                             UserOf user_of) {
    constexpr std::int64_t kLookedAt = 2000;
    constexpr std::int64_t kReadAtOnce = 500;
    Page<T> page;
    bool full = false;
    for (std::int64_t looked_at = 0; looked_at < kLookedAt && !full;) {
        CARIOSAN_TRY(auto items, read(after, kReadAtOnce));
        for (T& item : items) {
            const auto& user = user_of(item);
            after = user.id;
            ++looked_at;
            if (!query.finds(user.external_id, user.name)) continue;
            page.items.push_back(std::move(item));
            full = std::cmp_equal(page.items.size(), limit);
            if (full) break;
        }
        if (!full && std::cmp_less(items.size(), kReadAtOnce)) {  // the last of them
            if (cut_to_page(page.items)) page.next_cursor = encode_cursor(list, user_of(page.items.back()).id.uuid);
            return page;
        }
    }
    if (cut_to_page(page.items)) after = user_of(page.items.back()).id;
    page.next_cursor = encode_cursor(list, after->uuid);
    return page;
}

}  // namespace cariosan::core
