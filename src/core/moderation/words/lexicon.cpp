#include "core/moderation/words/lexicon.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/moderation/words/list_file.hpp"
#include "moderation_lists.hpp"

namespace cariosan::core::moderation {
namespace {

std::string_view list(std::string_view name) {
    const auto files = moderation_lists();
    const auto found = std::ranges::find(files, name, &EmbeddedFile::name);
    assert(found != files.end());
    return found == files.end() ? std::string_view{} : found->content;
}

std::optional<Severity> severity_of(std::string_view name) {
    for (const Severity severity : {Severity::mild, Severity::strong, Severity::extreme}) {
        if (name == to_string(severity)) return severity;
    }
    return std::nullopt;
}

/// What a heading says of the words below it.
struct Section {
    Severity severity = Severity::strong;
    std::vector<std::string_view> patterns;
};

/// `[strong]`, or `[strong: ~ ~nya dasar_~]`: the forms listed for each word below; `~` is the word.
Section section_of(std::string_view heading) {
    Section out;
    heading = heading.substr(1, heading.size() - 2);
    const std::string_view name = heading.substr(0, heading.find(':'));
    const auto severity = severity_of(name);
    assert(severity);
    out.severity = severity.value_or(out.severity);
    heading.remove_prefix(std::min(heading.size(), name.size() + 1));
    each_word(heading, [&](std::string_view pattern) { out.patterns.push_back(pattern); });
    if (out.patterns.empty()) out.patterns.push_back("~");
    return out;
}

std::string filled(std::string_view pattern, std::string_view word) {
    std::string out(pattern);
    const auto at = out.find('~');
    assert(at != out.npos);
    return at == out.npos ? out : out.replace(at, 1, word);
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

/// Without patterns a line is a family of forms, and only its first has starred-out spellings.
void append_profanity(std::vector<ListedWord>& out, std::string_view file) {
    Section section;
    each_line(file, [&](std::string_view line) {
        if (line.front() == '[') {
            section = section_of(line);
            return;
        }
        bool first = true;
        each_word(line, [&](std::string_view word) {
            for (const std::string_view pattern : section.patterns) {
                const bool head = pattern == "~" && (first || section.patterns.size() > 1);
                if (head && section.severity != Severity::mild) append_starred(out, word, section.severity);
                std::string text = filled(pattern, word);
                std::ranges::replace(text, '_', ' ');
                out.push_back({std::move(text), WordKind::profanity, section.severity});
            }
            first = false;
        });
    });
}

std::vector<ListedWord> listed_words() {
    std::vector<ListedWord> out;
    for (const auto file : {"en.txt", "id.txt", "id_insults.txt"}) append_profanity(out, list(file));
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
