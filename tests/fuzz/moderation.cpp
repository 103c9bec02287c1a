// From a text to a verdict: whatever the text, the result is UTF-8 and hides what it claims to hide.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "core/moderation/moderate.hpp"
#include "core/text/text.hpp"

namespace {

namespace moderation = cariosan::core::moderation;

moderation::CompiledRules make_rules() {
    moderation::Rules rules;
    rules.enabled = rules.link.enabled = rules.phone.enabled = true;
    rules.link.action = moderation::Action::mask;
    rules.profanity.min_severity = moderation::Severity::mild;
    rules.blocklist = {"slot gacor", "w88", "订单"};
    rules.allowlist = {"anjing", "example.com"};
    return {std::make_shared<const moderation::Lexicon>(), rules};
}

bool starts_code_point(std::string_view text, std::size_t at) {
    return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const moderation::CompiledRules rules = make_rules();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (!cariosan::core::is_utf8(text)) return 0;

    const moderation::Verdict verdict = moderation::moderate(text, rules);
    if (!cariosan::core::is_utf8(verdict.content)) std::abort();
    if (verdict.action.has_value() == verdict.matches.empty()) std::abort();
    if (!verdict.action && verdict.content != text) std::abort();
    for (const auto& match : verdict.matches) {
        if (match.span.begin >= match.span.end || match.span.end > text.size()) std::abort();
        if (!starts_code_point(text, match.span.begin) || !starts_code_point(text, match.span.end)) std::abort();
        if (!cariosan::core::is_utf8(match.excerpt)) std::abort();
    }
    return 0;
}
