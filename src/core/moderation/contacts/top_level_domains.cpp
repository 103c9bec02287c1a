#include "core/moderation/contacts/top_level_domains.hpp"

#include "core/moderation/words/folded_text.hpp"
#include "core/moderation/words/list_file.hpp"

namespace cariosan::core::moderation {

TopLevelDomains::TopLevelDomains(std::string_view file) {
    Evidence evidence = Evidence::none;
    each_line(file, [&](std::string_view line) {
        if (line == "[plain]") {
            evidence = Evidence::plain;
        } else if (line == "[doubtful]") {
            evidence = Evidence::doubtful;
        } else {
            each_word(line, [&](std::string_view word) {
                std::u32string name;
                for (const FoldedCharacter& each : fold(word)) name += each.character;
                names_.emplace(std::move(name), evidence);
            });
        }
    });
}

TopLevelDomains::Evidence TopLevelDomains::evidence(const std::u32string& label) const {
    if (label.starts_with(U"xn--") && label.size() > 4) return Evidence::plain;
    const auto found = names_.find(label);
    return found == names_.end() ? Evidence::none : found->second;
}

}  // namespace cariosan::core::moderation
