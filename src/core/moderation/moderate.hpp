/// Moderation: which rules a text breaks, and what happens to it. Start here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/moderation/flood.hpp"
#include "core/moderation/rules.hpp"
#include "core/moderation/words/folded_text.hpp"
#include "core/moderation/words/lexicon.hpp"
#include "core/moderation/words/word_set.hpp"

namespace cariosan::core::moderation {

/// The compiled rules of a workspace: its own lists as an automaton, next to the built-in one. Immutable; safe to use from any
/// thread. Compile it when the rules change, not per message.
class CompiledRules {
  public:
    /// `lexicon` is not null.
    CompiledRules(std::shared_ptr<const Lexicon> lexicon, Rules rules);

    const Rules& rules() const noexcept { return rules_; }
    const Lexicon& lexicon() const noexcept { return *lexicon_; }
    const WordSet& own_words() const noexcept { return own_words_; }
    const std::vector<std::u32string>& allowed_hosts() const noexcept { return allowed_hosts_; }

  private:
    std::shared_ptr<const Lexicon> lexicon_;
    Rules rules_;
    WordSet own_words_;
    std::vector<std::u32string> allowed_hosts_;
};

/// Who writes it and where, for the flood rule.
struct FloodAttempt {
    FloodCounter& counter;
    UserId user;
    ChannelId channel;
    FloodSend send = 0;
    std::chrono::milliseconds now{0};  ///< `Clock::elapsed()`
};

/// One place that breaks a rule.
struct Match {
    Rule rule = Rule::profanity;
    Action action = Action::flag;
    Span span;            ///< bytes of the text, on code point boundaries
    std::string excerpt;  ///< for the record: the text around it, with every match masked
};

/// What happens to a text.
struct Verdict {
    /// The most severe action; absent if the text breaks no rule.
    std::optional<Action> action;
    /// The rule that demands it (`details.rule`); of several the first in the order of `Rule`.
    std::optional<Rule> rule;
    /// What to store and deliver: the text, with the spans of masking rules as `***`. Empty if refused.
    std::string content;
    /// What of the text became `***`: ascending, not overlapping.
    std::vector<Span> masked;
    /// What to record, in the order of the text: the first `kMostMatches` matches of a message.
    std::vector<Match> matches;
    /// The place of the flood rule, to keep once the message is stored. Null if not counted, or refused.
    std::shared_ptr<FloodPlace> flood;

    /// No message is stored.
    bool refused() const noexcept { return action && *action >= Action::reject; }
    /// The author is silenced, for `Rules::auto_mute_seconds`.
    bool silences() const noexcept { return action == Action::auto_mute; }
};

/// The most records of one message, even one made up of listed words.
inline constexpr std::size_t kMostMatches = 16;

/// Judges `text`, which is UTF-8, and counts it if `flood` is given (an edit is never a repeat; see `Verdict::flood`). Linear
/// in the size of the text. Finds nothing if moderation is off (`Rules::enabled`).
Verdict moderate(std::string_view text, const CompiledRules& rules, const FloodAttempt* flood = nullptr);

/// Equal for texts with the same content: after folding, ignoring white space.
std::uint64_t flood_fingerprint(std::span<const FoldedCharacter> text) noexcept;

}  // namespace cariosan::core::moderation
