#pragma once

#include <doctest/doctest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "core/moderation/moderate.hpp"

namespace cariosan::test {

/// Rules on top of the built-in lists, which are compiled once per program.
inline core::moderation::CompiledRules compile(core::moderation::Rules rules) {
    static const auto lexicon = std::make_shared<const core::moderation::Lexicon>();
    return {lexicon, std::move(rules)};
}

/// Profanity of all severities, and nothing else.
inline core::moderation::Rules profanity_rules() {
    core::moderation::Rules rules;
    rules.enabled = true;
    rules.profanity.min_severity = core::moderation::Severity::mild;
    return rules;
}

/// `text` as these rules change it.
inline std::string moderated(std::string_view text, const core::moderation::Rules& rules = profanity_rules()) {
    return core::moderation::moderate(text, compile(rules)).content;
}

/// Profanity of at least this severity.
inline core::moderation::Rules profanity_rules(core::moderation::Severity least) {
    core::moderation::Rules rules = profanity_rules();
    rules.profanity.min_severity = least;
    return rules;
}

/// None of the texts has anything to hide.
inline void check_clean(std::initializer_list<const char*> texts,
                        const core::moderation::Rules& rules = profanity_rules()) {
    for (const std::string text : texts) {
        CAPTURE(text);
        CHECK(moderated(text, rules) == text);
    }
}

/// Each text is hidden completely.
inline void check_hidden(std::initializer_list<const char*> texts,
                         const core::moderation::Rules& rules = profanity_rules()) {
    for (const std::string text : texts) {
        CAPTURE(text);
        CHECK(moderated(text, rules) == "***");
    }
}

}  // namespace cariosan::test
