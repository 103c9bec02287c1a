/// What searching takes for a word (protocol, 3.2). The engine marks matches by these words and a storage finds
/// messages by them, so a storage of your own that keeps an index of words builds it from here too: what the one
/// finds the other marks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cariosan {

/// A word as it is compared: two words are the same if their `folded` are. It holds no white space and no control
/// character.
struct SearchWord {
    /// NFKC and full case folding, without what people leave out when they type: accents, vowel points, hamza,
    /// tatweel, the bars of `đ` and `ł`, skin tones, whatever has no width. Digits of every script are 0–9.
    std::string folded;
    std::size_t begin = 0;  ///< where it stands in the text, in bytes: whole characters as a reader sees them
    std::size_t end = 0;
    std::int64_t start = 0;   ///< the same in code points
    std::int64_t length = 0;
    /// One character of a script written without spaces (Han, Kana, Hangul, Thai, Lao, Khmer, Myanmar), or an emoji:
    /// a word by itself, which cannot continue.
    bool alone = false;
    /// This word and the one before are both `alone`, with nothing in between. A phrase only matches a text whose words are
    /// joined in the same places.
    bool joined = false;
};

/// The words of a text, in order. `text` is UTF-8. Time and result are linear in its size: because some characters stand for
/// whole sentences, there are at most half as many words as the text has bytes, plus 16. Thread-safe.
std::vector<SearchWord> search_words(std::string_view text);

/// Which folding this is: an index built with another one is of no use. It depends on the version of Unicode as well.
/// Positive, less than 10^9. Thread-safe.
std::int64_t search_words_version() noexcept;

}  // namespace cariosan
