#include "core/moderation/lexicon.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/moderation/list_file.hpp"
#include "moderation_lists.hpp"

namespace cariosan::core::moderation {
namespace {

std::string_view list(std::string_view name) {
    const auto files = moderation_lists();
    const auto found = std::ranges::find(files, name, &EmbeddedFile::name);
    assert(found != files.end());
    return found == files.end() ? std::string_view{} : found->content;
}

std::optional<Severity> severity_of(std::string_view heading) {
    for (const Severity severity : {Severity::mild, Severity::strong, Severity::extreme}) {
        if (heading.substr(1, heading.size() - 2) == to_string(severity)) return severity;
    }
    return std::nullopt;
}

/// "f*ck": each vowel inside the word starred out.
void append_starred(std::vector<ListedWord>& out, std::string_view word, Severity severity) {
    constexpr std::size_t kShortest = 4;
    if (word.size() < kShortest || word.find_first_of("_*") != word.npos) return;
    for (std::size_t i = 1; i + 1 < word.size(); ++i) {
        if (std::string_view("aeiou").find(word[i]) == std::string_view::npos) continue;
        std::string starred(word);
        starred[i] = '*';
        out.push_back({std::move(starred), WordKind::profanity, severity});
    }
}

void append_profanity(std::vector<ListedWord>& out, std::string_view file) {
    Severity severity = Severity::strong;
    each_line(file, [&](std::string_view line) {
        if (line.front() == '[') {
            const auto heading = severity_of(line);
            assert(heading);
            severity = heading.value_or(severity);
            return;
        }
        bool first = true;
        each_word(line, [&](std::string_view word) {
            if (first && severity != Severity::mild) append_starred(out, word, severity);
            first = false;
            std::string text(word);
            std::ranges::replace(text, '_', ' ');
            out.push_back({std::move(text), WordKind::profanity, severity});
        });
    });
}

std::vector<ListedWord> listed_words() {
    std::vector<ListedWord> out;
    append_profanity(out, list("en.txt"));
    append_profanity(out, list("id.txt"));
    each_line(list("exceptions.txt"), [&](std::string_view line) {
        out.push_back({std::string(line.substr(0, line.find(" |"))), WordKind::allowed, {}});
    });
    return out;
}

}  // namespace

Lexicon::Lexicon()
    : lookalikes_(list("lookalikes.txt")),
      words_(listed_words(), lookalikes_),
      top_level_domains_(list("top_level_domains.txt")) {}

}  // namespace cariosan::core::moderation
