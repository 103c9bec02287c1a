#include "core/moderation/contacts/phone_digits.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

namespace cariosan::core::moderation {
namespace {

constexpr std::uint32_t kWidestDigitGap = 3;

using Number = std::pair<std::u32string_view, int>;
constexpr std::array<Number, 32> kNumbers{{
    {U"nol", 0},   {U"kosong", 0}, {U"zero", 0},  {U"oh", 0},     {U"satu", 1},  {U"one", 1},      {U"dua", 2},
    {U"two", 2},   {U"tiga", 3},   {U"three", 3}, {U"empat", 4},  {U"four", 4},  {U"lima", 5},     {U"five", 5},
    {U"enam", 6},  {U"six", 6},    {U"tujuh", 7}, {U"tuju", 7},   {U"seven", 7}, {U"delapan", 8},  {U"lapan", 8},
    {U"dlapan", 8}, {U"eight", 8}, {U"sembilan", 9}, {U"smbilan", 9}, {U"nine", 9}, {U"sepuluh", 10}, {U"sebelas", 11},
    {U"ten", 10},  {U"eleven", 11}, {U"twelve", 12}, {U"nil", 0},
}};

/// The first letters of number words and their modifiers: enough to rule out most words.
bool may_be_number_word(char32_t first) {
    return std::u32string_view(U"bdefklnopstz").find(first) != std::u32string_view::npos;
}

std::optional<int> number_of(std::u32string_view word) {
    const auto found = std::ranges::find_if(kNumbers, [&](const Number& number) {
        return number.first.front() == word.front() && number.first == word;
    });
    if (found == kNumbers.end()) return std::nullopt;
    return found->second;
}

bool is_between_digits(char32_t c) {
    constexpr std::u32string_view kSigns = U".-()*/_,~•·–—‐";
    return is_space(c) || kSigns.find(c) != kSigns.npos;
}

std::optional<std::uint8_t> digit_that_looks_like(char32_t c) {
    if (is_ascii_digit(c)) return static_cast<std::uint8_t>(c - '0');
    if (c == 'o') return std::uint8_t{0};
    if (c == 'i' || c == 'l') return std::uint8_t{1};
    return std::nullopt;
}

class Reader {
  public:
    explicit Reader(std::span<const FoldedCharacter> text) : text_(text) {}

    std::vector<PhoneDigits> read() {
        std::uint32_t gap = 0;
        for (std::uint32_t at = 0; at < text_.size();) {
            const char32_t c = text_[at].character;
            if (is_ascii_digit(c) || is_ascii_letter(c)) {
                std::uint32_t end = at;
                while (end < text_.size() && is_token(text_[end].character)) ++end;
                take_token(at, end);
                gap = 0;
                at = end;
                continue;
            }
            // A plus begins a number.
            if (!is_between_digits(c) || ++gap > kWidestDigitGap) close();
            ++at;
        }
        close();
        return std::move(runs_);
    }

  private:
    static bool is_token(char32_t c) { return is_ascii_digit(c) || is_ascii_letter(c); }

    void close() {
        if (!digits_.empty()) runs_.push_back(std::move(digits_));
        digits_.clear();
        tens_ = false;
        times_ = 1;
    }

    void add(int value, bool starts_group, std::uint32_t begin, std::uint32_t end) {
        digits_.push_back({static_cast<std::uint8_t>(value), starts_group, begin, end});
    }

    void add_group(std::uint32_t begin, std::uint32_t end) {
        for (std::uint32_t i = begin; i < end; ++i) {
            add(digit_that_looks_like(text_[i].character).value_or(0), i == begin, i, i + 1);
        }
        tens_ = false;
    }

    void take_token(std::uint32_t begin, std::uint32_t end) {
        const auto token = text_.subspan(begin, end - begin);
        const auto has = [&](auto is) {
            return std::ranges::any_of(token, [&](const FoldedCharacter& each) { return is(each.character); });
        };
        if (!has(is_ascii_digit)) {
            if (!take_word(begin, end)) close();
        } else if (!has([](char32_t c) { return !digit_that_looks_like(c); })) {
            add_group(begin, end);
        } else {
            take_mixed(begin, end);
        }
    }

    /// "wa0812…ya": digits attached to words. The word before them must announce a number; any may follow.
    void take_mixed(std::uint32_t begin, std::uint32_t end) {
        const auto is_digit = [&](std::uint32_t i) { return is_ascii_digit(text_[i].character); };
        std::uint32_t first = begin;
        while (!is_digit(first)) ++first;
        std::uint32_t last = first;
        while (last < end && is_digit(last)) ++last;
        bool more = false;
        for (std::uint32_t i = last; i < end; ++i) more = more || is_digit(i);
        const bool announced = first == begin || announces_phone(word(begin, first));
        if (more || !announced) {
            close();
            return;
        }
        if (first > begin) close();
        add_group(first, last);
        if (last < end) close();
    }

    /// A number word; false if it is not one. "dua belas" is 12, "dua puluh satu" 21, "double nol" 00.
    bool take_word(std::uint32_t begin, std::uint32_t end) {
        constexpr std::uint32_t kLongest = 8;
        if (end - begin < 2 || end - begin > kLongest || !may_be_number_word(text_[begin].character)) return false;
        const std::u32string text = word(begin, end);
        if (text == U"double" || text == U"dobel" || text == U"triple" || text == U"tripel") {
            times_ = text.front() == 'd' ? 2 : 3;
            return true;
        }
        if (text == U"belas" && !digits_.empty()) {
            const int units = digits_.back().value;
            digits_.back().value = 1;
            add(units, false, begin, end);
            return true;
        }
        if (text == U"puluh" && !digits_.empty()) {
            add(0, false, begin, end);
            tens_ = true;
            return true;
        }
        const auto number = number_of(text);
        if (!number) return false;
        if (*number > 9) {
            add(*number / 10, true, begin, end);
            add(*number % 10, false, begin, end);
        } else if (tens_) {
            digits_.back().value = static_cast<std::uint8_t>(*number);
            digits_.back().end = end;
        } else {
            for (int i = 0; i < times_; ++i) add(*number, true, begin, end);
        }
        tens_ = false;
        times_ = 1;
        return true;
    }

    std::u32string word(std::uint32_t begin, std::uint32_t end) const {
        std::u32string out;
        for (std::uint32_t i = begin; i < end; ++i) out += text_[i].character;
        return out;
    }

    std::span<const FoldedCharacter> text_;
    std::vector<PhoneDigits> runs_;
    PhoneDigits digits_;
    bool tens_ = false;  ///< the last word was "puluh": its 0 may become another digit
    int times_ = 1;      ///< how often the next digit counts
};

}  // namespace

std::vector<PhoneDigits> phone_digits_of(std::span<const FoldedCharacter> text) { return Reader(text).read(); }

bool announces_phone(std::u32string_view word) {
    constexpr std::array<std::u32string_view, 31> kWords{
        U"wa",    U"whatsapp", U"whatsap", U"wasap", U"wapp",  U"hp",    U"hape",  U"tel",     U"telp", U"tlp",  U"tlpn",
        U"telpon", U"telepon", U"telephone", U"telfon", U"phone", U"nohp", U"nope", U"nowa",   U"notelp", U"no",   U"nomor",
        U"nomer", U"call",     U"calling", U"sms",   U"cp",    U"hub",   U"hubungi", U"kontak", U"contact"};
    return std::ranges::find(kWords, word) != kWords.end();
}

}  // namespace cariosan::core::moderation
