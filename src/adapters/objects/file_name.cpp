#include "adapters/objects/file_name.hpp"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace cariosan::objects {
namespace {

constexpr std::string_view kNameless = "file";
constexpr std::size_t kMaxExtensionBytes = 16;
/// As in the Stream-Safe Text Format of UAX #15; more marks on one letter are not text, and are slow to sort.
constexpr int kMaxMarks = 30;

struct FreeNormalised {
    void operator()(utf8proc_uint8_t* text) const noexcept { std::free(text); }
};

const utf8proc_uint8_t* unicode_bytes(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

/// Takes the code point at the front off; a byte that begins none is -1.
utf8proc_int32_t take_code_point(std::string_view& text) {
    utf8proc_int32_t code_point = -1;
    const utf8proc_ssize_t length =
        utf8proc_iterate(unicode_bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    text.remove_prefix(length > 0 ? static_cast<std::size_t>(length) : 1);
    return length > 0 ? code_point : -1;
}

enum class Kind : std::uint8_t { kept, mark, invisible, other };

Kind kind_of(utf8proc_int32_t code_point) {
    if (code_point < 0) return Kind::invisible;
    const utf8proc_property_t* property = utf8proc_get_property(code_point);
    if (property->ignorable) return Kind::invisible;
    switch (property->category) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO: return Kind::kept;
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ME: return Kind::mark;
        case UTF8PROC_CATEGORY_CF: return Kind::invisible;
        default: return code_point == '_' ? Kind::kept : Kind::other;
    }
}

void append_code_point(std::string& out, utf8proc_int32_t code_point) {
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t length = utf8proc_encode_char(code_point, bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

void strip_ends(std::string& text) {
    const std::size_t first = text.find_first_not_of("-.");
    text.erase(0, first == std::string::npos ? text.size() : first);
    while (text.ends_with('-') || text.ends_with('.')) text.pop_back();
}

/// Appends a dot, which replaces hyphens before it, or a hyphen, which may only stand between kept characters.
void append_separator(std::string& out, char separator) {
    if (separator == '.') {
        while (out.ends_with('-')) out.pop_back();
        if (!out.ends_with('.')) out += '.';
    } else if (!out.empty() && !out.ends_with('-') && !out.ends_with('.')) {
        out += '-';
    }
}

/// The characters that may stay, without normalisation. Marks stay only on a letter or a digit.
std::string filtered(std::string_view name) {
    std::string out;
    int marks = kMaxMarks;
    while (!name.empty()) {
        const utf8proc_int32_t code_point = take_code_point(name);
        switch (kind_of(code_point)) {
            case Kind::kept:
                append_code_point(out, code_point);
                marks = code_point == '_' ? kMaxMarks : 0;
                break;
            case Kind::mark:
                if (marks < kMaxMarks) append_code_point(out, code_point);
                marks += marks < kMaxMarks ? 1 : 0;
                break;
            case Kind::invisible: break;
            case Kind::other:
                append_separator(out, code_point == '.' ? '.' : '-');
                marks = kMaxMarks;
                break;
        }
    }
    return out;
}

/// NFC. `text` is UTF-8.
std::string normalised(const std::string& text) {
    utf8proc_uint8_t* composed = nullptr;
    const utf8proc_ssize_t length =
        utf8proc_map(unicode_bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &composed,
                     static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    const std::unique_ptr<utf8proc_uint8_t, FreeNormalised> owned(composed);
    // Only the allocation can fail: the text is valid.
    if (length < 0) throw std::bad_alloc();
    return {reinterpret_cast<const char*>(composed), static_cast<std::size_t>(length)};
}

/// The longest prefix of whole grapheme clusters within `limit`; of whole code points, where the first
/// cluster alone is longer.
std::string_view cut(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    std::size_t clusters_end = 0;
    std::size_t code_points_end = 0;
    utf8proc_int32_t before = -1;
    utf8proc_int32_t state = 0;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t at = text.size() - rest.size();
        if (at > limit) break;
        const utf8proc_int32_t code_point = take_code_point(rest);
        if (before >= 0 && utf8proc_grapheme_break_stateful(before, code_point, &state)) clusters_end = at;
        code_points_end = at;
        before = code_point;
    }
    return text.substr(0, clusters_end > 0 ? clusters_end : code_points_end);
}

}  // namespace

std::string sanitise_file_name(std::string_view name) {
    const std::size_t directory = name.find_last_of("/\\");
    if (directory != std::string_view::npos) name.remove_prefix(directory + 1);
    // Normalising can split characters into more marks than are allowed.
    std::string whole = filtered(normalised(filtered(name)));
    while (whole.ends_with('-') || whole.ends_with('.')) whole.pop_back();

    std::string extension;
    const std::size_t dot = whole.rfind('.');
    if (dot != std::string::npos && whole.size() - dot - 1 <= kMaxExtensionBytes) {
        extension = whole.substr(dot);
        whole.resize(dot);
    }
    strip_ends(whole);
    whole = cut(whole, kMaxFileNameBytes - extension.size());
    strip_ends(whole);
    if (whole.empty()) whole = kNameless;
    return whole + extension;
}

}  // namespace cariosan::objects
