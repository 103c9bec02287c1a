#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cariosan/search_words.hpp>
#include <utility>

#include "core/search/search_folding.hpp"
#include "core/text/scripts.hpp"

namespace cariosan {
namespace {

using core::SearchFolding;

/// Increase it when the rules of folding or of word boundaries change.
constexpr std::int64_t kRules = 3;

constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kKeycap = 0x20E3;

/// Part of the text.
struct Source {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::int64_t start = 0;
    std::int64_t length = 1;
};

bool is_pictograph(char32_t c) {
    return utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->boundclass ==
           UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}
bool is_regional(char32_t c) { return c >= 0x1F1E6 && c <= 0x1F1FF; }
bool is_skin_tone(char32_t c) { return c >= 0x1F3FB && c <= 0x1F3FF; }
bool is_tag(char32_t c) { return c >= 0xE0020 && c <= 0xE007F; }
bool is_keycap_base(char c) { return (c >= '0' && c <= '9') || c == '#' || c == '*'; }

/// A digit or sign drawn as a keycap: how many bytes follow the first.
std::size_t keycap_tail(std::string_view rest) {
    constexpr std::string_view kEmojiStyle = "\uFE0F";
    constexpr std::string_view kEnclosingKeycap = "\u20E3";
    const std::size_t style = rest.starts_with(kEmojiStyle) ? kEmojiStyle.size() : 0;
    return rest.substr(style).starts_with(kEnclosingKeycap) ? style + kEnclosingKeycap.size() : 0;
}

void append_utf8(std::string& out, char32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
        return;
    }
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes.data());
    out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

/// Consumes the characters of a text one by one.
class Segmenter {
  public:
    explicit Segmenter(std::size_t text_size) : most_(text_size / 2 + 16) {}

    void take_ascii(char c, const Source& source) {
        end_marks();
        const bool upper = c >= 'A' && c <= 'Z';
        const bool letter = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter) return close();
        open_plain(source);
        words_.back().folded += static_cast<char>(upper ? c - 'A' + 'a' : c);
    }
    void take_keycap(char base, const Source& source) {
        begin_alone(State::closed, source);
        words_.back().folded = base;
        append_utf8(words_.back().folded, kKeycap);
    }
    void take(char32_t c, const Source& source) {
        if (take_emoji(c, source)) return;
        const SearchFolding folding(c);
        if (folding.parts().empty()) {
            joiner_ = state_ == State::emoji && c == kJoiner;
            return extend(source);
        }
        for (const char32_t part : folding.parts()) take_part(part, source);
    }

    bool is_full() const { return words_.size() >= most_; }
    std::vector<SearchWord> finish() {
        end_marks();
        end_cluster();
        if (is_full()) words_.resize(most_);
        return std::move(words_);
    }

  private:
    /// The kind of the last word, which decides what may be added to it.
    enum class State : std::uint8_t { closed, plain, unspaced, emoji, half_flag, tags };
    struct Mark {
        char32_t character;
        Source source;
    };

    bool take_emoji(char32_t c, const Source& source) {
        if (is_regional(c)) {
            if (state_ == State::half_flag) {
                join_alone(State::closed, source);
            } else {
                begin_alone(State::half_flag, source);
            }
            append_utf8(words_.back().folded, c);
            return true;
        }
        if (is_tag(c) && (state_ == State::emoji || state_ == State::tags)) {
            if (state_ == State::emoji) join_alone(State::tags, source);
            extend(source);
            append_utf8(words_.back().folded, c);
            return true;
        }
        if (is_skin_tone(c) && state_ == State::emoji) {
            extend(source);
            return true;
        }
        if (!is_pictograph(c) && !is_skin_tone(c)) return false;
        if (joiner_) {
            join_alone(State::emoji, source);
        } else {
            begin_alone(State::emoji, source);
        }
        append_utf8(words_.back().folded, c);
        return true;
    }

    void take_part(char32_t part, const Source& source) {
        if (core::is_search_mark(part) && core::search_mark_order(part) > 0) {
            marks_.push_back({part, source});
            return;
        }
        end_marks();
        add_part(part, source);
    }
    void end_marks() {
        if (marks_.empty()) return;
        auto marks = std::exchange(marks_, {});
        // Their sources become one, whatever their order.
        Source all = marks.front().source;
        all.end = marks.back().source.end;
        all.length = marks.back().source.start + marks.back().source.length - all.start;
        std::ranges::stable_sort(marks, {}, [](const Mark& mark) { return core::search_mark_order(mark.character); });
        for (const Mark& mark : marks) add_part(mark.character, all);
    }

    void add_part(char32_t part, const Source& source) {
        if (state_ == State::unspaced && compose(part, source)) return;
        const bool mark = core::is_search_mark(part);
        if (core::is_unspaced(part)) {
            add_unspaced(part, mark, source);
        } else if (mark) {
            if (state_ == State::plain) append_utf8(words_.back().folded, part);
            extend(source);
        } else if (core::is_search_letter(part)) {
            open_plain(source);
            append_utf8(words_.back().folded, part);
        } else {
            close();
        }
    }
    bool compose(char32_t part, const Source& source) {
        const auto whole = core::compose_for_search(last_, part);
        if (!whole) return false;
        extend(source);
        words_.back().folded.clear();
        append_utf8(words_.back().folded, *whole);
        last_ = *whole;
        return true;
    }
    void add_unspaced(char32_t part, bool mark, const Source& source) {
        if (state_ != State::unspaced) {
            begin_alone(State::unspaced, source);
        } else {
            if (!mark) end_cluster();
            join_alone(State::unspaced, source);
        }
        append_utf8(words_.back().folded, part);
        last_ = part;
    }

    void open_plain(const Source& source) {
        if (state_ == State::plain) {
            extend(source);
        } else {
            end_cluster();
            begin_word(source);
            state_ = State::plain;
            joiner_ = false;
        }
    }
    void begin_alone(State state, const Source& source) {
        end_marks();
        end_cluster();
        join_alone(state, source);
        words_.back().joined = false;
    }
    void join_alone(State state, const Source& source) {
        begin_word(source);
        words_.back().alone = true;
        words_.back().joined = true;
        state_ = state;
        joiner_ = false;
    }
    void begin_word(const Source& source) {
        if (cluster_ == words_.size()) cluster_source_ = source;
        words_.emplace_back();
        extend(source);
    }
    void close() {
        end_cluster();
        state_ = State::closed;
        joiner_ = false;
    }

    /// An invisible character belongs to the cluster before it.
    void extend(const Source& source) {
        if (state_ == State::closed && cluster_ == words_.size()) return;
        cluster_source_.end = std::max(cluster_source_.end, source.end);
        cluster_source_.length =
            std::max(cluster_source_.length, source.start + source.length - cluster_source_.start);
    }
    /// All words of a cluster have the cluster's position: characters seen as one are highlighted as a whole.
    void end_cluster() {
        for (; cluster_ < words_.size(); ++cluster_) {
            SearchWord& word = words_[cluster_];
            word.begin = cluster_source_.begin;
            word.end = cluster_source_.end;
            word.start = cluster_source_.start;
            word.length = cluster_source_.length;
        }
    }

    std::size_t most_;
    std::vector<SearchWord> words_;
    State state_ = State::closed;
    bool joiner_ = false;  ///< a joiner follows the emoji
    char32_t last_ = 0;    ///< the last word, if it is a character of a script without spaces
    std::vector<Mark> marks_;
    std::size_t cluster_ = 0;  ///< its first word; all of them, if no cluster is open
    Source cluster_source_;
};

}  // namespace

std::vector<SearchWord> search_words(std::string_view text) {
    Segmenter segmenter(text.size());
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    std::int64_t position = 0;
    for (std::size_t at = 0; at < text.size() && !segmenter.is_full();) {
        const char c = text[at];
        Source source{.begin = at, .end = at + 1, .start = position};
        if (bytes[at] >= 0x80) {
            utf8proc_int32_t character = 0;
            const auto left = static_cast<utf8proc_ssize_t>(text.size() - at);
            source.end = at + static_cast<std::size_t>(
                                  std::max<utf8proc_ssize_t>(1, utf8proc_iterate(bytes + at, left, &character)));
            segmenter.take(static_cast<char32_t>(std::max(character, 0)), source);
        } else if (const std::size_t tail = is_keycap_base(c) ? keycap_tail(text.substr(at + 1)) : 0; tail > 0) {
            source.end += tail;
            source.length = tail > 3 ? 3 : 2;
            segmenter.take_keycap(c, source);
        } else {
            segmenter.take_ascii(c, source);
        }
        at = source.end;
        position += source.length;
    }
    return segmenter.finish();
}

std::int64_t search_words_version() noexcept {
    // "major.minor.patch"; the patch changes no property.
    std::int64_t unicode = 0;
    std::int64_t number = 0;
    for (const char c : std::string_view(utf8proc_unicode_version())) {
        if (c == '.') {
            unicode = unicode * 1000 + number;
            number = 0;
        } else {
            number = number * 10 + (c - '0');
        }
    }
    return kRules * 1'000'000 + unicode;
}

}  // namespace cariosan
