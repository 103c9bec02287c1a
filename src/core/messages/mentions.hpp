/// The users a send or an edit mentions, and where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text/fields.hpp"
#include "core/use_case.hpp"

namespace cariosan::core {

/// Continues the checks of `fields`. The spans must lie in `content`, which is valid.
void check_mentions(Fields& fields, const std::vector<NamedMention>& mentions, std::string_view content, const Limits& limits);

struct FoundMentions {
    std::vector<Mention> mentions;      ///< each user once, in the order in which they are first named, with all its spans
    std::vector<NamedMention> missing;  ///< names without a user
};

Result<FoundMentions> find_mentions(const std::vector<NamedMention>& mentions, WorkspaceId workspace, Context& context);

/// Puts further spans to those of a mention, in ascending order.
void add_spans(std::vector<TextSpan>& spans, const std::vector<TextSpan>& further);

}  // namespace cariosan::core
