#include "protocol/json/json_reader.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cariosan/http.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/text/text.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

namespace json = boost::json;

/// What `StrictHandler` refuses although the parser accepts it.
enum class Complaint { none, nul, number, name_twice };

/// Builds the tree from the parser's events, and refuses what RFC 8259 leaves open.
class StrictHandler {
  public:
    // Limits in the form the parser requires of its handler; none of them restricts anything here.
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

    /// `compare_names`: find the first duplicate name of an object. This is slow, so it is used only once a duplicate is known to
    /// exist.
    explicit StrictHandler(json::storage_ptr memory, bool compare_names = false)
        : stack_({}, buffer_, sizeof(buffer_)), compare_names_(compare_names) {
        stack_.reset(std::move(memory));
    }

    json::value release() { return stack_.release(); }
    std::size_t names() const noexcept { return names_; }
    Complaint complaint() const noexcept { return complaint_; }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) {
        if (compare_names_) open_objects_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t size, json::error_code&) {
        if (compare_names_) open_objects_.pop_back();
        stack_.push_object(size);
        return true;
    }
    bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t size, json::error_code&) {
        stack_.push_array(size);
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, json::error_code& error) {
        if (compare_names_) name_.append(part.data(), part.size());
        return add_chars(part, error);
    }
    bool on_key(json::string_view part, std::size_t, json::error_code& error) {
        if (!has_no_nul(part, error)) return false;
        if (compare_names_) {
            name_.append(part.data(), part.size());
            if (!open_objects_.back().insert(std::exchange(name_, {})).second) return refuse(Complaint::name_twice, error);
        }
        stack_.push_key(part);
        ++names_;
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code& error) {
        return add_chars(part, error);
    }
    bool on_string(json::string_view part, std::size_t, json::error_code& error) {
        if (!has_no_nul(part, error)) return false;
        stack_.push_string(part);
        return true;
    }
    bool on_number_part(json::string_view part, json::error_code&) {
        number_.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
        number_.clear();
        stack_.push_int64(value);
        return true;
    }
    bool on_uint64(std::uint64_t, json::string_view, json::error_code& error) { return too_large(error); }
    bool on_double(double value, json::string_view part, json::error_code& error) {
        number_.append(part.data(), part.size());
        if (number_.find_first_of(".eE") == std::string::npos) return too_large(error);
        // The parser's own conversion may be off in the last digit; this one is exact.
        double exact = value;
        std::from_chars(number_.data(), number_.data() + number_.size(), exact);
        number_.clear();
        if (!std::isfinite(exact)) return too_large(error);
        stack_.push_double(exact);
        return true;
    }
    bool on_bool(bool value, json::error_code&) {
        stack_.push_bool(value);
        return true;
    }
    bool on_null(json::error_code&) {
        stack_.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

  private:
    bool refuse(Complaint complaint, json::error_code& error) {
        complaint_ = complaint;
        error = json::error::syntax;
        return false;
    }
    bool too_large(json::error_code& error) { return refuse(Complaint::number, error); }
    bool has_no_nul(json::string_view part, json::error_code& error) {
        return part.find('\0') == json::string_view::npos || refuse(Complaint::nul, error);
    }
    bool add_chars(json::string_view part, json::error_code& error) {
        if (!has_no_nul(part, error)) return false;
        stack_.push_chars(part);
        return true;
    }

    unsigned char buffer_[2048];
    json::value_stack stack_;
    std::string number_;
    std::size_t names_ = 0;
    bool compare_names_;
    std::string name_;                                ///< the part of the current name read so far
    std::vector<std::set<std::string>> open_objects_; ///< the names of each so far
    Complaint complaint_ = Complaint::none;
};

Error malformed(std::string_view why, std::size_t at) {
    return Error(ErrorCode::validation_error,
                 "this is not valid JSON: " + std::string(why) + " at byte " + std::to_string(at));
}

/// The position of the first character that is not UTF-8; the end if there is none.
std::size_t first_bad_character(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<std::uint8_t>(text[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (!core::is_utf8(text.substr(at, length))) return at;
        at += length;
    }
    return text.size();
}

/// The position of the escape of half a surrogate pair, if that stopped the parser; else `npos`. A lone first half is right
/// before the place where the parser stopped; faults of a second half have their own error codes.
std::size_t half_pair(std::string_view text, std::size_t used, const json::error_code& error) {
    constexpr std::size_t kEscape = 6;  // \uXXXX
    if (error == json::error::illegal_leading_surrogate || error == json::error::illegal_trailing_surrogate ||
        error == json::error::expected_utf16_escape) {
        return text.rfind("\\u", used);
    }
    if (used < kEscape) return std::string_view::npos;
    const std::string_view escape = text.substr(used - kEscape, kEscape);
    const bool first_half = escape.starts_with("\\u") && (escape[2] == 'd' || escape[2] == 'D') &&
                            std::string_view("89abAB").find(escape[3]) != std::string_view::npos;
    if (!first_half) return std::string_view::npos;
    // After an even number of backslashes it is an escape; otherwise its backslash is itself escaped.
    std::size_t backslashes = 0;
    while (backslashes < used - kEscape && text[used - kEscape - 1 - backslashes] == '\\') ++backslashes;
    return backslashes % 2 == 0 ? used - kEscape : std::string_view::npos;
}

/// The position of the escape of U+0000. The first one is refused, so this finds the right one.
std::size_t nul_escape(std::string_view text) {
    std::size_t at = text.find('\\');
    while (at != std::string_view::npos && !text.substr(at).starts_with("\\u0000")) at = text.find('\\', at + 2);
    return at;
}

/// The position of the number read last.
std::size_t number_before(std::string_view text, std::size_t used) {
    while (used > 0 && std::string_view("0123456789+-.eE").find(text[used - 1]) != std::string_view::npos) --used;
    return used;
}

/// The position of the string read last.
std::size_t string_before(std::string_view text, std::size_t used) {
    const auto escaped = [text](std::size_t at) {
        const std::size_t other = text.find_last_not_of('\\', at - 1);
        return (at - 1 - other) % 2 == 1;
    };
    std::size_t begin = text.rfind('"', text.rfind('"', used) - 1);
    while (escaped(begin)) begin = text.rfind('"', begin - 1);
    return begin;
}

Error malformed_at(std::string_view text, std::size_t used, Complaint complaint) {
    switch (complaint) {
        case Complaint::nul: return malformed("a string contains U+0000", nul_escape(text));
        case Complaint::number: return malformed("a number is too large", number_before(text, used));
        default: return malformed("an object has the same name twice, the second time", string_before(text, used));
    }
}

/// Describes for a developer what the parser refused after `used` bytes.
Error malformed_at(std::string_view text, std::size_t used, const json::error_code& error) {
    constexpr std::string_view kSpace = " \t\r\n";
    if (text.starts_with("\xef\xbb\xbf")) return malformed("it begins with a byte order mark", 0);
    if (text.empty()) return malformed("it is empty", 0);
    if (error == json::error::too_deep) return malformed("it is nested more than " + std::to_string(kMaxJsonDepth) + " deep", used);
    if (error == json::error::exponent_overflow) return malformed_at(text, used, Complaint::number);
    const std::size_t bad = first_bad_character(text);
    if (bad < text.size() && bad <= used + 4) return malformed("it is not UTF-8", bad);
    if (error == json::error::incomplete) return malformed("it ends too early", text.size());
    if (const std::size_t half = half_pair(text, used, error); half != std::string_view::npos)
        return malformed("half of a surrogate pair", half);
    const std::size_t at = text.find_first_not_of(kSpace, used);
    const bool closes = at != std::string_view::npos && (text[at] == '}' || text[at] == ']');
    const std::size_t before = used == 0 ? std::string_view::npos : text.find_last_not_of(kSpace, used - 1);
    if (closes && before != std::string_view::npos && text[before] == ',') return malformed("a comma before a closing bracket", before);
    return malformed("an unexpected character", std::min(used, text.size() - 1));
}

/// Parses the text again to find the duplicate name that it is known to have.
Error name_twice(std::string_view text, const json::parse_options& options) {
    json::basic_parser<StrictHandler> parser(options, json::storage_ptr(), true);
    json::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    return malformed_at(text, used, Complaint::name_twice);
}

std::size_t count_names(const json::value& value) {
    std::size_t names = 0;
    if (const json::object* object = value.if_object()) {
        names = object->size();
        for (const auto& member : *object) names += count_names(member.value());
    } else if (const json::array* array = value.if_array()) {
        for (const json::value& element : *array) names += count_names(element);
    }
    return names;
}

void append_canonical(std::string& out, const json::value& value);

void append_canonical(std::string& out, const json::object& object) {
    std::vector<const json::key_value_pair*> members;
    members.reserve(object.size());
    for (const json::key_value_pair& member : object) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* left, const auto* right) { return left->key() < right->key(); });
    out += '{';
    for (const json::key_value_pair* member : members) {
        if (out.back() != '{') out += ',';
        append_json_string(out, {member->key().data(), member->key().size()});
        out += ':';
        append_canonical(out, member->value());
    }
    out += '}';
}

/// The shortest text that parses as the same number. Beyond 64 bits it is never written as an integer, which would be refused.
void append_number(std::string& out, double value) {
    constexpr double kIntegers = 9'223'372'036'854'775'808.0;
    std::array<char, 32> digits{};
    char* const begin = digits.data();
    char* const limit = begin + digits.size();
    if (value == 0) {
        out += '0';  // not "-0", which would read back as the integer 0
        return;
    }
    const bool large = std::fabs(value) >= kIntegers;
    const auto end = large ? std::to_chars(begin, limit, value, std::chars_format::scientific).ptr
                           : std::to_chars(begin, limit, value).ptr;
    out.append(begin, end);
}

void append_canonical(std::string& out, const json::value& value) {
    switch (value.kind()) {
        case json::kind::object: return append_canonical(out, value.get_object());
        case json::kind::array:
            return write_array(out, value.get_array(), [](std::string& to, const json::value& element) {
                append_canonical(to, element);
            });
        case json::kind::string:
            return append_json_string(out, {value.get_string().data(), value.get_string().size()});
        case json::kind::int64: return append_json_integer(out, value.get_int64());
        case json::kind::uint64: return append_number(out, static_cast<double>(value.get_uint64()));
        case json::kind::double_: return append_number(out, value.get_double());
        case json::kind::bool_: out += value.get_bool() ? "true" : "false"; return;
        case json::kind::null: out += "null"; return;
    }
}

}  // namespace

JsonDocument::JsonDocument() : memory_(buffer_.data(), buffer_.size()), root_(&memory_) {}

void JsonDocument::forget(std::string_view member) {
    if (auto* object = root_.if_object()) object->erase(member);
}

Result<Done> JsonDocument::parse(std::string_view text) {
    json::parse_options options;
    options.max_depth = kMaxJsonDepth;
    json::basic_parser<StrictHandler> parser(options, json::storage_ptr(&memory_));
    json::error_code error;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (error) {
        const Complaint complaint = parser.handler().complaint();
        return complaint != Complaint::none ? malformed_at(text, used, complaint) : malformed_at(text, used, error);
    }
    if (used < text.size()) return malformed("something follows the value", used);
    root_ = parser.handler().release();
    // The tree keeps only one of several members with the same name, so it then has fewer names than were read.
    if (count_names(root_) != parser.handler().names()) return name_twice(text, options);
    return Done{};
}

std::string canonical_json(const json::value& value) {
    std::string out;
    append_canonical(out, value);
    return out;
}

std::size_t json_depth(const json::value& value) {
    std::size_t below = 0;
    if (const json::object* object = value.if_object()) {
        for (const auto& member : *object) below = std::max(below, json_depth(member.value()));
    } else if (const json::array* array = value.if_array()) {
        for (const json::value& element : *array) below = std::max(below, json_depth(element));
    } else {
        return 0;
    }
    return below + 1;
}

}  // namespace cariosan::protocol

namespace cariosan {

Result<Done> check_json(std::string_view text) {
    protocol::JsonDocument document;
    return document.parse(text);
}

}  // namespace cariosan
