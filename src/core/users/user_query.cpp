#include "core/users/user_query.hpp"

namespace cariosan::core {

Result<UserQuery> UserQuery::parse(std::string_view q, const Limits& limits) {
    CARIOSAN_TRY(auto terms, parse_query(q, limits));
    // The whole query is what someone has typed so far, so its last word may go on even if it is a single letter.
    if (!terms.empty()) terms.back().term.prefix = true;
    return UserQuery(std::string(q), std::move(terms));
}

bool UserQuery::finds(std::string_view external_id, std::string_view name) const {
    if (external_id.starts_with(q_)) return true;
    return !terms_.empty() && match_text(name, terms_).complete;
}

}  // namespace cariosan::core
