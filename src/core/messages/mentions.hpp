/// The users a send or an edit mentions.
#pragma once

#include <string>
#include <vector>

#include "core/text/fields.hpp"
#include "core/use_case.hpp"

namespace cariosan::core {

/// Continues the checks of `fields`.
void check_mentions(Fields& fields, const std::vector<std::string>& references, const Limits& limits);

struct FoundMentions {
    std::vector<Mention> mentions;     ///< each user once, in the order in which they are first named
    std::vector<std::string> missing;  ///< names without a user
};

Result<FoundMentions> find_mentions(const std::vector<std::string>& references, WorkspaceId workspace, Context& context);

}  // namespace cariosan::core
