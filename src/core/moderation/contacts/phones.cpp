#include "core/moderation/contacts/phones.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/moderation/contacts/phone_digits.hpp"

namespace cariosan::core::moderation {
namespace {

using Text = std::span<const FoldedCharacter>;
using Digits = std::span<const PhoneDigit>;

/// The longest that matters: an international prefix, 62, a trunk 0 and twelve digits.
constexpr std::size_t kMostDigits = 20;

/// How long a whole number may be, in digits.
struct Length {
    std::size_t least = 0;
    std::size_t most = 0;
};

/// The text before a number that shows what the number is.
struct Context {
    std::u32string word;    ///< the last word
    std::u32string before;  ///< and the one before it
    bool plus = false;
    bool numbered = false;  ///< "#123"
    bool currency = false;  ///< "$"
};

Context context_before(Text text, std::size_t at) {
    constexpr std::size_t kFarthest = 40;
    const std::size_t stop = at > kFarthest ? at - kFarthest : 0;
    Context out;
    bool in_first = true;
    for (std::size_t i = at; i > stop; --i) {
        const char32_t c = text[i - 1].character;
        std::u32string& word = in_first ? out.word : out.before;
        if (is_ascii_letter(c)) {
            word.insert(word.begin(), c);
            continue;
        }
        if (is_ascii_digit(c)) break;
        if (out.word.empty()) {
            out.plus = out.plus || c == '+';
            out.numbered = out.numbered || c == '#';
            out.currency = out.currency || c == '$';
            continue;
        }
        if (!in_first && !word.empty()) break;
        in_first = false;
    }
    return out;
}

bool is_one_of(std::u32string_view word, std::span<const std::u32string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

/// "rek BCA 081…", "resi 081…", "Rp 62.812…": the number of an account, a parcel, a price.
bool is_something_else(const Context& context) {
    constexpr std::array<std::u32string_view, 24> kOthers{
        U"rek",   U"rekening", U"norek",  U"resi",  U"noresi", U"order", U"orderan", U"invoice",
        U"inv",   U"nota",     U"faktur", U"npwp",  U"nik",    U"ktp",   U"kk",      U"va",
        U"virtual", U"account", U"pesanan", U"transaksi", U"isbn", U"imei", U"sku",  U"serial"};
    constexpr std::array<std::u32string_view, 7> kCurrencies{U"rp", U"idr", U"usd", U"sgd", U"rm", U"harga", U"total"};
    return context.numbered || context.currency || is_one_of(context.word, kOthers) ||
           is_one_of(context.before, kOthers) || is_one_of(context.word, kCurrencies);
}

/// Whether the number is in the path or query of a link other than WhatsApp's.
bool is_in_link(Text text, std::size_t at) {
    constexpr std::size_t kFarthest = 256;
    const std::size_t stop = at > kFarthest ? at - kFarthest : 0;
    std::size_t begin = at;
    while (begin > stop && !is_space(text[begin - 1].character)) --begin;
    std::u32string before;
    for (std::size_t i = begin; i < at; ++i) before += text[i].character;
    const std::size_t dot = before.find(U'.');
    const bool link = before.find(U"://") != before.npos || (dot != before.npos && before.find(U'/', dot) != before.npos);
    return link && before.find(U"wa.me") == before.npos && before.find(U"whatsapp") == before.npos &&
           before.find(U"tel:") == before.npos;
}

std::size_t group_size(Digits digits) {
    std::size_t size = 1;
    while (size < digits.size() && !digits[size].starts_group) ++size;
    return size;
}

int value_of(Digits digits) {
    int value = 0;
    for (const PhoneDigit& digit : digits) value = value * 10 + digit.value;
    return value;
}

char32_t behind(Text text, const PhoneDigit& digit) {
    return digit.end < text.size() ? text[digit.end].character : U' ';
}

/// "08-12-2024".
bool is_date(Text text, Digits digits) {
    if (digits.size() < 8 || group_size(digits) != 2 || group_size(digits.subspan(2)) != 2 ||
        group_size(digits.subspan(4)) != 4) {
        return false;
    }
    const char32_t sign = behind(text, digits[1]);
    const int day = value_of(digits.first(2));
    const int month = value_of(digits.subspan(2, 2));
    const int year = value_of(digits.subspan(4, 4));
    return !is_space(sign) && sign == behind(text, digits[3]) && day >= 1 && day <= 31 && month >= 1 && month <= 12 &&
           year >= 1900 && year < 2100;
}

/// "62.812.345.678": groups of three, separated by single dots or commas.
bool is_price(Text text, Digits digits, std::size_t count) {
    std::size_t size = group_size(digits);
    if (size > 3 || size == count) return false;
    for (std::size_t at = 0; at + size < count;) {
        const char32_t sign = behind(text, digits[at + size - 1]);
        if ((sign != '.' && sign != ',') || digits[at + size - 1].end + 1 != digits[at + size].begin) return false;
        at += size;
        size = group_size(digits.subspan(at));
        if (size != 3) return false;
    }
    return true;
}

bool is_mobile_network(Digits national) {
    return national.size() >= 2 && national[0].value == 8 && national[1].value != 0 && national[1].value != 4;
}

/// The length of the area code at the beginning of a number without its 0; 0: there is no such area. Two digits for the largest
/// cities, three elsewhere: 2–7 and 9 are the first digits of regions, 8 is mobile.
std::size_t area_code_size(Digits national) {
    if (national.size() < 3) return 0;
    const int two = value_of(national.first(2));
    if (two == 21 || two == 22 || two == 24 || two == 31 || two == 61) return 2;
    const int first = national[0].value;
    const int second = national[1].value;
    const bool region = (first >= 2 && first <= 7 && second >= 0) || (first == 9 && second >= 0 && second <= 8);
    // Few regions have 0 as their second digit: 0401–0409, 0702, 0901, 0902.
    if (!region || (second == 0 && first != 4 && first != 7 && first != 9)) return 0;
    return 3;
}

/// The possible lengths of a number without its 0 or 62.
Length national_length(Digits national) {
    if (is_mobile_network(national)) return {9, 12};
    if (area_code_size(national) > 0) return {8, 11};
    return {};
}

/// How many digits precede the national number, if a number with a country code begins here; 0: none does.
std::size_t country_size(Digits digits, bool plus) {
    std::size_t at = 0;
    if (!plus) {
        for (const std::u32string_view prefix : {U"008", U"001", U"007", U"009", U"00"}) {
            if (digits.size() < prefix.size() + 2) continue;
            const bool equal = std::ranges::equal(prefix, digits.first(prefix.size()), {}, {}, [](const PhoneDigit& each) {
                return static_cast<char32_t>(U'0' + each.value);
            });
            const bool indonesia = digits[prefix.size()].value == 6 && digits[prefix.size() + 1].value == 2;
            if (equal && indonesia) {
                at = prefix.size();
                break;
            }
        }
    }
    if (digits.size() < at + 3 || digits[at].value != 6 || digits[at + 1].value != 2) return 0;
    at += 2;
    // "+62 (0) 812": the 0 that is dialled only within the country.
    return digits[at].value == 0 ? at + 1 : at;
}

/// A fixed line has a gap after its area code.
bool is_parted_area(Digits national) {
    const std::size_t area = area_code_size(national);
    if (area == 0 || national.size() <= area) return false;
    return group_size(national) == area && group_size(national.subspan(area)) >= 3;
}

/// The possible lengths of a number that begins here: {0, 0} if none does.
Length possible_length(Digits digits, const Context& context) {
    if (const std::size_t country = country_size(digits, context.plus); country > 0) {
        const Digits national = digits.subspan(country);
        const Length length = national_length(national);
        const bool sure = context.plus || country > 3 || is_mobile_network(national) || is_parted_area(national);
        if (length.least > 0 && sure) return {country + length.least, country + length.most};
    }
    if (context.plus) return digits.front().value == 0 ? Length{} : Length{9, 15};
    if (digits.front().value == 0) {
        const Digits national = digits.subspan(1);
        if (is_mobile_network(national)) return {10, 13};
        const int service = national.size() >= 3 ? value_of(national.first(3)) : 0;
        if (service == 800 || service == 804 || service == 807 || service == 809) return {10, 11};
        const std::size_t area = area_code_size(national);
        const bool parted = area > 0 && group_size(digits) == area + 1 && national.size() > area &&
                            group_size(national.subspan(area)) >= 3;
        if (parted || (area > 0 && announces_phone(context.word))) return {9, 12};
        return {};
    }
    if (is_mobile_network(digits) && announces_phone(context.word)) return {9, 12};
    return {};
}

/// How many digits the number has: whole groups. If the first group is long enough, the next ones do not belong to it.
std::size_t number_size(Digits digits, Length length) {
    std::size_t best = 0;
    for (std::size_t at = 0; at < digits.size();) {
        at += group_size(digits.subspan(at));
        if (at > length.most) break;
        if (at < length.least) continue;
        if (best == 0 || group_size(digits) < length.least) best = at;
    }
    return best;
}

/// How many of `digits`, from the first, are a telephone number; 0: none.
std::size_t phone_size(Text text, Digits digits) {
    const std::size_t begin = digits.front().begin;
    const Context context = context_before(text, begin);
    const Digits considered = digits.first(std::min(digits.size(), kMostDigits));
    const Length length = possible_length(considered, context);
    if (length.least == 0) return 0;
    const std::size_t size = number_size(considered, length);
    if (size == 0 || (digits.size() > size && !digits[size].starts_group)) return 0;
    if (!context.plus && digits.front().value != 0 && is_price(text, digits, size)) return 0;
    if (is_something_else(context) || is_in_link(text, begin)) return 0;
    return size;
}

}  // namespace

std::vector<Span> find_phones(std::span<const FoldedCharacter> text) {
    std::vector<Span> out;
    for (const PhoneDigits& run : phone_digits_of(text)) {
        const Digits all(run);
        for (std::size_t at = 0; at < all.size();) {
            const Digits digits = all.subspan(at);
            if (is_date(text, digits)) {
                at += 8;
                continue;
            }
            const std::size_t size = phone_size(text, digits);
            if (size == 0) {
                at += group_size(digits);
                continue;
            }
            std::size_t begin = digits.front().begin;
            while (begin > 0 && (text[begin - 1].character == '+' || text[begin - 1].character == '(')) --begin;
            out.push_back({text[begin].source.begin, text[digits[size - 1].end - 1].source.end});
            at += size;
        }
    }
    return out;
}

}  // namespace cariosan::core::moderation
