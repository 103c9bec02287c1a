// The quality and speed of moderation: moderation FOLDER [--misses], where FOLDER contains moderation/ and torture/.
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bench/bench.hpp"
#include "core/moderation/moderate.hpp"

namespace {

using namespace cariosan::core::moderation;
namespace json = boost::json;

struct Options {
    std::string folder;
    bool misses = false;
};

std::vector<json::object> read_json_lines(const std::string& path) {
    std::vector<json::object> out;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (!line.empty()) out.push_back(json::parse(line).as_object());
    }
    if (out.empty()) std::printf("skipped: no test data %s\n", path.c_str());
    return out;
}

std::vector<std::string> read_lines(const std::string& path) {
    std::vector<std::string> out;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) out.push_back(line);
    if (out.empty()) std::printf("skipped: no test data %s\n", path.c_str());
    return out;
}

std::string text_of(const json::object& row) { return std::string(row.at("text").as_string()); }

CompiledRules rules_for(const std::shared_ptr<const Lexicon>& lexicon, const std::function<void(Rules&)>& change) {
    Rules rules;
    rules.enabled = true;
    change(rules);
    return CompiledRules(lexicon, rules);
}

bool is_hit(const CompiledRules& rules, std::string_view text) { return moderate(text, rules).action.has_value(); }

/// The Wilson interval of a proportion, 95 %.
std::pair<double, double> interval(int hits, int total) {
    if (total == 0) return {0, 1};
    constexpr double kZ = 1.96;
    const double n = total;
    const double share = hits / n;
    const double middle = (share + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
    const double half = kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n)) / (1 + kZ * kZ / n);
    return {middle - half, middle + half};
}

void print_share(const char* name, int hits, int total) {
    const auto [low, high] = interval(hits, total);
    std::printf("  %-20s %.3f  (%d of %d, 95 %% %.3f–%.3f)\n", name, total == 0 ? 0 : double(hits) / total, hits,
                total, low, high);
}

void print_miss(bool hit, std::string text) {
    std::ranges::replace(text, '\n', ' ');
    std::printf("    %s: %s\n", hit ? "false" : "missed", text.c_str());
}

void print_quality(const char* what, const std::vector<json::object>& rows, const CompiledRules& rules,
                   const Options& options) {
    int true_hits = 0;
    int false_hits = 0;
    int abusive = 0;
    for (const auto& row : rows) {
        const bool wanted = row.at("abusive").as_bool();
        const bool hit = is_hit(rules, text_of(row));
        abusive += wanted ? 1 : 0;
        true_hits += wanted && hit ? 1 : 0;
        false_hits += !wanted && hit ? 1 : 0;
        if (options.misses && wanted != hit) print_miss(hit, text_of(row));
    }
    std::printf("%s\n", what);
    print_share("precision", true_hits, true_hits + false_hits);
    print_share("recall", true_hits, abusive);
    print_share("false positives", false_hits, static_cast<int>(rows.size()) - abusive);
}

void print_innocent(const Options& options, const std::string& name, const CompiledRules& rules) {
    const auto words = read_lines(options.folder + "/moderation/" + name);
    std::vector<std::string> hits;
    for (const auto& line : words) {
        const std::string word = line.substr(0, line.find('\t'));
        if (!word.starts_with('#') && is_hit(rules, word)) hits.push_back(word);
    }
    std::printf("innocent words, %s: %zu hits of %zu", name.c_str(), hits.size(), words.size());
    for (std::size_t i = 0; i < hits.size() && (options.misses || i < 20); ++i) std::printf(" %s", hits[i].c_str());
    std::printf("\n");
}

std::vector<std::string> words_in(std::string_view text) {
    std::vector<std::string> out(1);
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter) {
            out.back() += static_cast<char>(c | 0x20);
        } else if (!out.back().empty()) {
            out.emplace_back();
        }
    }
    if (out.back().empty()) out.pop_back();
    return out;
}

/// `text` with digits replaced by letters.
std::string without_leet(std::string text) {
    constexpr std::string_view kDigits = "0134578";
    constexpr std::string_view kLetters = "oieastb";
    for (char& c : text) {
        if (const auto at = kDigits.find(c); at != kDigits.npos) c = kLetters[at];
    }
    return text;
}

/// Joins the single letters of `text`: the longest such word, and the same without its first letter (a word of its own in
/// "a c a t") or its last.
std::vector<std::string> without_spaces(std::string_view text) {
    std::string best;
    std::string joined;
    for (const auto& word : words_in(text)) {
        joined = word.size() == 1 ? joined + word : "";
        if (joined.size() > best.size()) best = joined;
    }
    if (best.size() < 4) return {best};
    return {best, best.substr(1), best.substr(0, best.size() - 1)};
}

/// The possible words before one letter was lost or two were swapped.
std::vector<std::string> without_error(const std::string& word) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i <= word.size(); ++i) {
        for (char c = 'a'; c <= 'z'; ++c) out.push_back(word.substr(0, i) + c + word.substr(i));
    }
    for (std::size_t i = 0; i + 1 < word.size(); ++i) {
        std::string swapped = word;
        std::swap(swapped[i], swapped[i + 1]);
        out.push_back(std::move(swapped));
    }
    return out;
}

/// HateCheck's disguised cases, if the disguised word is a listed one.
void print_hatecheck(const Options& options, const CompiledRules& rules) {
    const auto rows = read_json_lines(options.folder + "/moderation/en-hatecheck.jsonl");
    std::set<std::string> ordinary;
    for (const auto& row : rows) {
        if (std::string_view(row.at("functionality").as_string()).starts_with("spell_")) continue;
        for (auto& word : words_in(text_of(row))) ordinary.insert(std::move(word));
    }
    const auto any_hit = [&](const std::vector<std::string>& texts) {
        return std::ranges::any_of(texts, [&](const auto& text) { return is_hit(rules, text); });
    };
    const auto misspells_listed = [&](const std::string& text) {
        for (const auto& word : words_in(text)) {
            if (word.size() >= 3 && !ordinary.contains(word) && any_hit(without_error(word))) return true;
        }
        return false;
    };
    const auto print = [&](const char* name, std::initializer_list<std::string_view> functionalities,
                           const std::function<bool(const std::string&)>& disguises_listed) {
        int hits = 0;
        int total = 0;
        for (const auto& row : rows) {
            const std::string_view functionality(row.at("functionality").as_string());
            if (std::ranges::find(functionalities, functionality) == functionalities.end()) continue;
            const std::string text = text_of(row);
            if (!disguises_listed(text)) continue;
            ++total;
            if (is_hit(rules, text)) {
                ++hits;
            } else if (options.misses) {
                print_miss(false, text);
            }
        }
        print_share(name, hits, total);
    };
    std::printf("HateCheck, cases of listed words (wanted 0.90)\n");
    print("leetspeak", {"spell_leet_h"}, [&](const auto& text) {
        return without_leet(text) != text && is_hit(rules, without_leet(text));
    });
    print("spaced", {"spell_space_add_h"}, [&](const auto& text) { return any_hit(without_spaces(text)); });
    print("misspelled", {"spell_char_del_h", "spell_char_swap_h"}, misspells_listed);
    print("profanity", {"profanity_h", "profanity_nh"}, [](const auto&) { return true; });
}

void print_phones(const Options& options, const CompiledRules& rules) {
    int found = 0;
    int positives = 0;
    int false_hits = 0;
    int negatives = 0;
    for (const auto& row : read_json_lines(options.folder + "/torture/phone/id-phone-formats.jsonl")) {
        const bool wanted = row.at("phone").as_bool();
        const bool hit = is_hit(rules, text_of(row));
        (wanted ? positives : negatives) += 1;
        found += wanted && hit ? 1 : 0;
        false_hits += !wanted && hit ? 1 : 0;
        if (options.misses && hit != wanted) print_miss(hit, text_of(row));
    }
    std::printf("phone formats (wanted 0.95 and at most one negative)\n");
    print_share("positives", found, positives);
    print_share("negatives", false_hits, negatives);
}

double nanoseconds_each(const CompiledRules& rules, const std::vector<std::string>& texts) {
    constexpr std::size_t kBytesInRound = 200'000;
    std::size_t kept = 0;
    std::vector<double> rounds;
    for (int round = 0; round < 9; ++round) {
        std::size_t calls = 0;
        const auto start = std::chrono::steady_clock::now();
        for (std::size_t bytes = 0; bytes < kBytesInRound;) {
            for (const auto& text : texts) {
                kept += moderate(text, rules).content.size();
                bytes += text.size();
            }
            calls += texts.size();
        }
        const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
        rounds.push_back(took.count() / static_cast<double>(calls));
    }
    if (kept == 1) std::printf(" ");
    return cariosan::bench::median(rounds);
}

std::string repeated(std::string_view part, std::size_t size) {
    std::string out;
    while (out.size() + part.size() <= size) out += part;
    return out;
}

void print_cost(const std::shared_ptr<const Lexicon>& lexicon) {
    const auto defaults = rules_for(lexicon, [](Rules&) {});
    const auto all = rules_for(lexicon, [](Rules& rules) {
        rules.link.enabled = rules.phone.enabled = true;
        rules.blocklist = {"slot gacor", "judi online", "w88", "pinjol ilegal"};
    });
    const std::vector<std::string> messages{
        "Halo kak, barangnya masih ada? Saya mau pesan dua untuk dikirim ke Bandung besok pagi, bisa ya kak?",
        "Thanks for the quick answer, the order arrived today and everything works as expected. Great service",
        "Pesanan #20240524 sudah dikirim lewat JNE, total Rp 1.250.000 sudah termasuk ongkir dan asuransi ya.",
        "dasar goblok lu anjing, what the fuck is this sh1t, k o n t o l, balikin duit gue sekarang juga bro!"};
    std::printf("cost of a message of 100 bytes (wanted 5 us): %.2f us with the default rules, %.2f us with all\n",
                nanoseconds_each(defaults, messages) / 1000, nanoseconds_each(all, messages) / 1000);

    std::printf("hostile texts, all rules, ns a byte (wanted: the same at every size)\n  %-26s", "");
    for (const std::size_t size : {1024UL, 2048UL, 4096UL, 8192UL}) std::printf(" %7zu", size);
    const std::vector<std::pair<const char*, const char*>> parts{
        {"a repeated letter", "a"},      {"combining marks", "\xCC\x81"},  {"a letter and marks", "f\xCC\x81\xCC\x82"},
        {"digits", "081"},               {"single letters", "a s "},       {"dotted letters", "a.s."},
        {"listed words", "ass "},        {"beginnings of words", "asasas"}, {"domains", "a.co "},
        {"dots", "a.a"},                 {"schemes", "http://a"},          {"number words", "nol "},
        {"phones", "081234567890 "},     {"two letters leet", "1!"},       {"emoji", "\xF0\x9F\x98\x80"},
        {"the longest decomposition", "\xEF\xB7\xBA"}};
    std::printf("\n");
    for (const auto& [name, part] : parts) {
        std::printf("  %-26s", name);
        for (const std::size_t size : {1024UL, 2048UL, 4096UL, 8192UL}) {
            const std::string text = repeated(part, size);
            std::printf(" %7.1f", nanoseconds_each(all, {text}) / static_cast<double>(text.size()));
        }
        std::printf("\n");
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        std::fprintf(stderr, "usage: moderation FOLDER [--misses]\n");
        return 2;
    }
    const Options options{arguments[1], count > 2 && std::string_view(arguments[2]) == "--misses"};
    const auto start = std::chrono::steady_clock::now();
    const auto lexicon = std::make_shared<const Lexicon>();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    std::printf("the lists are ready after %.1f ms\n", took.count());

    const auto strong = rules_for(lexicon, [](Rules&) {});
    const auto mild = rules_for(lexicon, [](Rules& rules) { rules.profanity.min_severity = Severity::mild; });
    const auto english = read_json_lines(options.folder + "/moderation/en.jsonl");
    print_quality("en.jsonl, min_severity strong (wanted 0.97, 0.88, at most 0.04)", english, strong, options);
    print_quality("en.jsonl, min_severity mild", english, mild, options);
    const auto indonesian = read_json_lines(options.folder + "/moderation/id.jsonl");
    print_quality("id.jsonl, min_severity strong", indonesian, strong, options);
    print_quality("id.jsonl, min_severity mild", indonesian, mild, options);
    for (const char* name : {"innocent-words-id-common.txt", "innocent-words-en-common.txt", "innocent-words-id.txt",
                             "innocent-words-en.txt", "innocent-substrings.txt"}) {
        print_innocent(options, name, mild);
    }
    print_hatecheck(options, mild);
    print_phones(options, rules_for(lexicon, [](Rules& rules) {
                     rules.profanity.enabled = false;
                     rules.phone.enabled = true;
                 }));
    print_cost(lexicon);
    return 0;
}
