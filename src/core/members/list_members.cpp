#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/access.hpp"
#include "core/paging.hpp"
#include "core/propagate.hpp"
#include "core/search/search_text.hpp"
#include "core/text/fields.hpp"

namespace cariosan::core {
namespace {

/// How many members a page of a search looks at.
constexpr std::int64_t kLookedAt = 2000;
constexpr std::int64_t kReadAtOnce = 500;

std::string cursor_after(const Member& last) { return encode_cursor(ListOf::members, last.user.id.uuid); }

Result<Page<Member>> read_page(ChannelId channel, std::optional<UserId> after, std::int64_t limit, Context& context) {
    CARIOSAN_TRY(auto members, context.reader.members().list(channel, after, limit + 1));
    return make_page(std::move(members), limit, cursor_after);
}

/// What a member is found by.
class MemberQuery {
  public:
    static Result<MemberQuery> parse(std::string_view q, const Limits& limits) {
        CARIOSAN_TRY(auto terms, parse_query(q, limits));
        // The whole query is what someone has typed so far, so its last word may go on even if it is a single letter.
        if (!terms.empty()) terms.back().term.prefix = true;
        return MemberQuery(std::string(q), std::move(terms));
    }
    bool finds(const UserSummary& user) const {
        if (user.external_id.starts_with(q_)) return true;
        return !terms_.empty() && match_text(user.name, terms_).complete;
    }

  private:
    MemberQuery(std::string q, std::vector<QueryTerm> terms) : q_(std::move(q)), terms_(std::move(terms)) {}

    std::string q_;
    std::vector<QueryTerm> terms_;
};

/// A page may be short, or empty, without being the last.
Result<Page<Member>> search(ChannelId channel, const std::string& q, std::optional<UserId> after, std::int64_t limit,
                            Context& context) {
    CARIOSAN_TRY(const auto query, MemberQuery::parse(q, context.limits));
    Page<Member> page;
    for (std::int64_t looked_at = 0; looked_at < kLookedAt;) {
        CARIOSAN_TRY(auto members, context.reader.members().list(channel, after, kReadAtOnce));
        for (Member& member : members) {
            after = member.user.id;
            ++looked_at;
            if (!query.finds(member.user)) continue;
            page.items.push_back(std::move(member));
            if (std::cmp_equal(page.items.size(), limit)) break;
        }
        const bool full = std::cmp_equal(page.items.size(), limit);
        if (!full && std::cmp_less(members.size(), kReadAtOnce)) return page;  // the last of them
        if (full) break;
    }
    page.next_cursor = encode_cursor(ListOf::members, after->uuid);
    return page;
}

}  // namespace

Result<Outcome> read(const ListMembers& command, const Caller& caller, Context& context) {
    CARIOSAN_TRY(const auto actor, authorize<ListMembers>(caller, context));
    Fields fields(context.limits);
    fields.reference("channel", command.channel).range(command.range);
    if (command.q) fields.key("q", *command.q, context.limits.query_bytes);
    CARIOSAN_TRY_DONE(fields.result());
    CARIOSAN_TRY(const auto after, decode_cursor<UserId>(ListOf::members, command.range.cursor));
    CARIOSAN_TRY(const auto access, open_channel<ListMembers>(actor, command.channel, context));

    const std::int64_t limit = page_limit(command.range.limit, context.limits);
    CARIOSAN_TRY(auto page, command.q ? search(access.channel.id, *command.q, after, limit, context)
                                      : read_page(access.channel.id, after, limit, context));
    MemberList list{.page = std::move(page),
                    .rev = access.channel.rev,
                    .receipt_rev = access.channel.receipt_rev,
                    .epoch = std::string(context.epoch)};
    return Outcome{.answer = std::move(list)};
}

}  // namespace cariosan::core
