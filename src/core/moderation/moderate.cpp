#include "core/moderation/moderate.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "core/moderation/contacts/links.hpp"
#include "core/moderation/contacts/phones.hpp"
#include "core/moderation/masking.hpp"
#include "core/moderation/words/symbols.hpp"

namespace cariosan::core::moderation {
namespace {

/// Shorter pieces are often separated by chance.
constexpr std::uint32_t kShortestTight = 5;

std::vector<ListedWord> own_words_of(const Rules& rules) {
    std::vector<ListedWord> out;
    for (const std::string& word : rules.blocklist) out.push_back({word, WordKind::blocked, Severity::extreme});
    for (const std::string& word : rules.allowlist) out.push_back({word, WordKind::allowed, Severity::extreme});
    return out;
}

std::vector<std::u32string> hosts_of(const std::vector<std::string>& allowlist) {
    std::vector<std::u32string> out;
    for (const std::string& entry : allowlist) {
        std::u32string host;
        for (const FoldedCharacter& each : fold(entry)) host += each.character;
        if (host.find(U'.') != host.npos) out.push_back(std::move(host));
    }
    return out;
}

std::vector<FoundWord> find_words(std::span<const FoldedCharacter> text, const CompiledRules& rules) {
    const SymbolText symbols = symbols_of(text, rules.lexicon().lookalikes());
    const JoinedText joined = join(symbols.symbols);
    std::vector<FoundWord> out;
    for (const WordSet* words : {&rules.lexicon().words(), &rules.own_words()}) {
        if (words->empty()) continue;
        words->find(symbols.symbols, symbols.has_foreign, 1, out);
        words->find(joined.spread, symbols.has_foreign, 1, out);
        words->find(joined.tight, symbols.has_foreign, kShortestTight, out);
    }
    std::ranges::sort(out, [](const FoundWord& a, const FoundWord& b) {
        if (a.source.begin != b.source.begin) return a.source.begin < b.source.begin;
        if (a.source.end != b.source.end) return a.source.end > b.source.end;
        return a.kind == WordKind::allowed && b.kind != WordKind::allowed;
    });
    return out;
}

/// Removes words that lie within an allowed word. `words` is in the order of the text, before and after.
void drop_allowed(std::vector<FoundWord>& words) {
    std::uint32_t allowed_until = 0;
    std::erase_if(words, [&](const FoundWord& word) {
        if (word.kind == WordKind::allowed) allowed_until = std::max(allowed_until, word.source.end);
        return word.kind == WordKind::allowed || word.source.end <= allowed_until;
    });
}

void add_words(std::vector<Match>& out, std::span<const FoldedCharacter> text, const CompiledRules& compiled) {
    const ProfanityRule& rule = compiled.rules().profanity;
    if (!rule.enabled && compiled.rules().blocklist.empty()) return;
    std::vector<FoundWord> words = find_words(text, compiled);
    drop_allowed(words);
    std::uint32_t profane_until = 0;
    std::uint32_t blocked_until = 0;
    for (const FoundWord& word : words) {
        const bool blocked = word.kind == WordKind::blocked;
        if (!blocked && (!rule.enabled || word.severity < rule.min_severity)) continue;
        // Of nested words the longest is the match.
        std::uint32_t& until = blocked ? blocked_until : profane_until;
        if (word.source.end <= until) continue;
        until = word.source.end;
        out.push_back({blocked ? Rule::blocklist : Rule::profanity, rule.action, word.source, {}});
    }
}

/// Null if no place is left.
std::shared_ptr<FloodPlace> take_place(std::span<const FoldedCharacter> text, const FloodRule& rule,
                                       const FloodAttempt& attempt) {
    const FloodKey key{attempt.user, attempt.channel, flood_fingerprint(text)};
    const FloodLimit limit{rule.max_repeats, std::chrono::seconds(rule.window_seconds)};
    if (!attempt.counter.take(key, limit, attempt.send, attempt.now)) return nullptr;
    return std::make_shared<FloodPlace>(attempt.counter, key, attempt.send);
}

std::vector<Match> find_matches(std::string_view text, const CompiledRules& compiled, const FloodAttempt* flood,
                                std::shared_ptr<FloodPlace>& place) {
    const Rules& rules = compiled.rules();
    const std::vector<FoldedCharacter> folded = fold(text);
    std::vector<Match> out;
    add_words(out, folded, compiled);
    if (rules.phone.enabled) {
        for (const Span span : find_phones(folded)) out.push_back({Rule::phone, rules.phone.action, span, {}});
    }
    if (rules.link.enabled) {
        for (const Span span : find_links(folded, compiled.lexicon().top_level_domains(), compiled.allowed_hosts())) {
            out.push_back({Rule::link, rules.link.action, span, {}});
        }
    }
    // A text without content (only an attachment) is never a repeat.
    if (rules.flood.enabled && flood != nullptr && !folded.empty()) {
        place = take_place(folded, rules.flood, *flood);
        const Span all{0, static_cast<std::uint32_t>(text.size())};
        if (!place) out.push_back({Rule::flood, rules.flood.action, all, {}});
    }
    std::ranges::stable_sort(out, {}, [](const Match& match) { return match.span.begin; });
    return out;
}

/// Fills the excerpts. A repeated text is not masked in them.
void describe(std::vector<Match>& matches, std::string_view text) {
    std::vector<Span> hidden;
    for (const Match& match : matches) {
        if (match.rule != Rule::flood) hidden.push_back(match.span);
    }
    if (matches.size() > kMostMatches) matches.resize(kMostMatches);
    for (Match& match : matches) match.excerpt = masked_excerpt(text, hidden, match.span);
}

}  // namespace

CompiledRules::CompiledRules(std::shared_ptr<const Lexicon> lexicon, Rules rules)
    : lexicon_(std::move(lexicon)),
      rules_(std::move(rules)),
      own_words_(own_words_of(rules_), lexicon_->lookalikes()),
      allowed_hosts_(hosts_of(rules_.allowlist)) {}

Verdict moderate(std::string_view text, const CompiledRules& rules, const FloodAttempt* flood) {
    Verdict out;
    if (rules.rules().enabled) out.matches = find_matches(text, rules, flood, out.flood);
    std::vector<Span> masked;
    for (const Match& match : out.matches) {
        const bool severer = !out.action || match.action > *out.action;
        if (severer || (match.action == *out.action && match.rule < *out.rule)) out.rule = match.rule;
        if (severer) out.action = match.action;
        if (match.action == Action::mask) masked.push_back(match.span);
    }
    if (out.refused()) {
        out.flood.reset();
    } else {
        out.masked = merged(masked);
        out.content = mask(text, out.masked);
    }
    describe(out.matches, text);
    return out;
}

std::uint64_t flood_fingerprint(std::span<const FoldedCharacter> text) noexcept {
    constexpr std::uint64_t kBasis = 14695981039346656037U;
    constexpr std::uint64_t kPrime = 1099511628211U;
    std::uint64_t hash = kBasis;
    for (const FoldedCharacter& each : text) {
        if (!is_space(each.character)) hash = (hash ^ each.character) * kPrime;
    }
    return hash;
}

}  // namespace cariosan::core::moderation
