#include "core/messages/mentions.hpp"

#include <algorithm>

#include "core/propagate.hpp"
#include "core/resolve.hpp"
#include "core/text/text.hpp"

namespace cariosan::core {
namespace {

bool starts_before(const TextSpan& one, const TextSpan& other) { return one.start < other.start; }

void check_spans(Fields& fields, const std::vector<NamedMention>& mentions, std::string_view content, const Limits& limits) {
    std::vector<TextSpan> all;
    for (const NamedMention& mention : mentions) all.insert(all.end(), mention.spans.begin(), mention.spans.end());
    fields.count("mentions", all.size(), limits.mention_spans, "spans", Empty::allowed);
    if (all.empty() || !fields.sound()) return;
    const auto size = static_cast<std::int64_t>(count_code_points(content));
    const auto is_inside = [size](const TextSpan& span) {
        return span.start >= 0 && span.length >= 1 && span.start < size && span.length <= size - span.start;
    };
    fields.require(std::ranges::all_of(all, is_inside), "mentions", " has a span that is not inside content");
    if (!fields.sound()) return;
    std::ranges::sort(all, starts_before);
    const auto overlap = std::ranges::adjacent_find(
        all, [](const TextSpan& one, const TextSpan& next) { return next.start < one.end(); });
    fields.require(overlap == all.end(), "mentions", " has spans that overlap");
}

}  // namespace

void check_mentions(Fields& fields, const std::vector<NamedMention>& mentions, std::string_view content, const Limits& limits) {
    fields.count("mentions", mentions.size(), limits.mentions, "users", Empty::allowed);
    for (const NamedMention& mention : mentions) fields.reference("mentions", mention.user);
    check_spans(fields, mentions, content, limits);
}

void add_spans(std::vector<TextSpan>& spans, const std::vector<TextSpan>& further) {
    spans.insert(spans.end(), further.begin(), further.end());
    std::ranges::sort(spans, starts_before);
}

Result<FoundMentions> find_mentions(const std::vector<NamedMention>& mentions, WorkspaceId workspace, Context& context) {
    FoundMentions found;
    for (const NamedMention& named : mentions) {
        CARIOSAN_TRY(auto user, find_user(workspace, named.user, context));
        if (!user) {
            found.missing.push_back(named);
            continue;
        }
        auto known = std::ranges::find(found.mentions, user->id, &Mention::user_id);
        if (known == found.mentions.end()) {
            known = found.mentions.insert(known, {.user_id = user->id,
                                                  .external_id = std::move(user->external_id),
                                                  .name = std::move(user->name)});
        }
        add_spans(known->spans, named.spans);
    }
    return found;
}

}  // namespace cariosan::core
