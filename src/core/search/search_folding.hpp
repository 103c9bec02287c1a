/// One character as searching compares it. Words are made of these in search_words.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

namespace cariosan::core {

/// The folded form of one character; nothing for characters that are invisible or left out when typing.
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
/// Marks that follow each other mean the same in any order; they are compared in this one (0: it stays where it is).
int search_mark_order(char32_t character) noexcept;

/// A kana with its voicing mark, or Hangul letters of one syllable, as the one character they are.
std::optional<char32_t> compose_for_search(char32_t first, char32_t second);

}  // namespace cariosan::core
