/// The built-in word lists of moderation: the files in lists/, compiled in.
#pragma once

#include "core/moderation/contacts/top_level_domains.hpp"
#include "core/moderation/words/symbols.hpp"
#include "core/moderation/words/word_set.hpp"

namespace cariosan::core::moderation {

/// The compiled-in lists, ready to use. Immutable; safe to use from any thread. Making one takes some milliseconds and
/// keeps about three megabytes: make one and share it.
class Lexicon {
  public:
    Lexicon();

    const Lookalikes& lookalikes() const noexcept { return lookalikes_; }
    /// Profanity of all severities, and the exceptions as allowed words.
    const WordSet& words() const noexcept { return words_; }
    const TopLevelDomains& top_level_domains() const noexcept { return top_level_domains_; }

  private:
    Lookalikes lookalikes_;
    WordSet words_;
    TopLevelDomains top_level_domains_;
};

}  // namespace cariosan::core::moderation
