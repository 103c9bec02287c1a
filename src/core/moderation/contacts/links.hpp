/// Finds the links in a text.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/moderation/contacts/top_level_domains.hpp"
#include "core/moderation/words/folded_text.hpp"

namespace cariosan::core::moderation {

/// The links of `text`: a scheme with `://`, `www.`, or a domain under a real top-level domain, each with its port, path and
/// query. E-mail addresses, files (`file.txt`, `readme.md`), abbreviations (`e.g.`) and numbers are no links. Leaves out those
/// whose host is one of `allowed` (folded) or a subdomain. Ascending, not overlapping.
std::vector<Span> find_links(std::span<const FoldedCharacter> text, const TopLevelDomains& top_level_domains,
                             std::span<const std::u32string> allowed);

}  // namespace cariosan::core::moderation
