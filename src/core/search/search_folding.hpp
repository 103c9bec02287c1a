/// How a search compares one character. search_words.cpp makes words of them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

namespace cariosan::core {

/// The folded form of one character; absent for characters that are invisible or left out when typing.
class SearchFolding {
  public:
    /// The longest decomposition there is has 18 characters, of which a letter can become two.
    static constexpr std::size_t kMost = 36;

    explicit SearchFolding(char32_t character);
    std::span<const char32_t> parts() const noexcept { return {parts_.data(), size_}; }

  private:
    void add(char32_t part);

    std::array<char32_t, kMost> parts_{};
    std::size_t size_ = 0;
};

/// Marks: signs over, under or after a letter that are not letters themselves.
bool is_search_mark(char32_t character) noexcept;
bool is_search_letter(char32_t character) noexcept;
/// Consecutive marks mean the same in any order; they are compared in this order (0: the mark stays in place).
int search_mark_order(char32_t character) noexcept;

/// A kana with its voicing mark, or the Hangul letters of one syllable, as one composed character.
std::optional<char32_t> compose_for_search(char32_t first, char32_t second);

}  // namespace cariosan::core
