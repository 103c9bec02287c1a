#include "adapters/sqlite/search_text.hpp"

#include <cariosan/scripts.hpp>

namespace cariosan::sqlite {
namespace {

std::size_t sequence_length(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    if (byte < 0xC0) return 1;
    if (byte < 0xE0) return 2;
    return byte < 0xF0 ? 3 : 4;
}

char32_t decode(std::string_view character) {
    if (character.size() < 3) return 0;
    char32_t value = static_cast<unsigned char>(character[0]) & (character.size() == 3 ? 0x0FU : 0x07U);
    for (const char byte : character.substr(1)) value = (value << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
    return value;
}

enum class Use : std::uint8_t { index, query };

struct Segmented {
    std::string text;
    bool ends_alone = false;  ///< the last token is a single character of such a script
};

class Segmenter {
  public:
    explicit Segmenter(Use use) : use_(use) {}

    Segmented run(std::string_view text) {
        for (std::size_t at = 0; at < text.size();) {
            const std::string_view character = text.substr(at, sequence_length(text[at]));
            at += character.size();
            if (is_unspaced(decode(character))) {
                run_.push_back(character);
                continue;
            }
            end_run(false);
            out_.text += character;
        }
        end_run(true);
        return std::move(out_);
    }

  private:
    void end_run(bool at_end) {
        if (run_.empty()) return;
        out_.text += ' ';
        for (std::size_t i = 0; i + 1 < run_.size(); ++i) {
            out_.text += run_[i];
            out_.text += run_[i + 1];
            out_.text += ' ';
        }
        // What is looked for may go on in the text that is found, where its last character begins a pair.
        const bool alone = use_ == Use::index || !at_end || run_.size() == 1;
        if (alone) {
            out_.text += run_.back();
            out_.text += ' ';
        }
        out_.ends_alone = at_end && alone;
        run_.clear();
    }

    Use use_;
    Segmented out_;
    std::vector<std::string_view> run_;
};

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

}  // namespace

std::string searchable_text(std::string_view text) { return Segmenter(Use::index).run(text).text; }

std::string channel_token(std::int64_t channel_row) { return "c" + std::to_string(channel_row); }

std::string match_expression(const std::vector<SearchTerm>& terms, bool prefixes,
                             const std::vector<std::int64_t>& channels) {
    std::string out;
    if (!channels.empty()) {
        out += "channel : (";
        for (const std::int64_t channel : channels) {
            if (out.back() != '(') out += " OR ";
            append_quoted(out, channel_token(channel));
        }
        out += ") AND ";
    }
    out += "text : (";
    for (const SearchTerm& term : terms) {
        if (out.back() != '(') out += " AND ";
        const Segmented segmented = Segmenter(Use::query).run(term.text);
        append_quoted(out, segmented.text);
        if (segmented.ends_alone || (term.prefix && prefixes)) out += " *";
    }
    out += ')';
    return out;
}

}  // namespace cariosan::sqlite
