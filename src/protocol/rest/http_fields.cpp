#include "protocol/rest/http_fields.hpp"

#include <algorithm>

#include "core/propagate.hpp"
#include "core/text/text.hpp"
#include "encoding/ascii.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::size_t kMaxParameters = 64;

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = encoding::lower_ascii(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

Error bad_url(std::string_view why) { return {ErrorCode::validation_error, "the URL " + std::string(why)}; }

/// `plus_is_space`: form encoding, which client libraries use for queries.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return bad_url("has a bad percent-encoding");
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    if (!core::is_utf8(out) || core::has_nul(out)) return bad_url("is not UTF-8 or contains NUL");
    return out;
}

Result<Done> parse_path(std::string_view path, std::vector<std::string>& segments) {
    if (!path.starts_with('/')) return bad_url("does not begin with a slash");
    path.remove_prefix(1);
    while (true) {
        const std::size_t slash = path.find('/');
        CARIOSAN_TRY(auto segment, percent_decode(path.substr(0, slash), false));
        segments.push_back(std::move(segment));
        if (slash == std::string_view::npos) return Done{};
        path.remove_prefix(slash + 1);
    }
}

Result<Done> parse_query(std::string_view query, std::vector<Parameter>& parameters) {
    while (!query.empty()) {
        const std::size_t ampersand = query.find('&');
        const std::string_view pair = query.substr(0, ampersand);
        query.remove_prefix(ampersand == std::string_view::npos ? query.size() : ampersand + 1);
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        CARIOSAN_TRY(auto name, percent_decode(pair.substr(0, equals), true));
        auto value = percent_decode(
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (!value) return std::move(value).error().with("field", std::move(name));
        if (parameters.size() == kMaxParameters) {
            return over_limit("query", kMaxParameters, "the query has too many", "parameters");
        }
        if (std::ranges::find(parameters, name, &Parameter::name) != parameters.end()) {
            return invalid_field(std::move(name), "a query parameter is given twice");
        }
        parameters.push_back({std::move(name), std::move(*value)});
    }
    return Done{};
}

}  // namespace

bool is_reading(const HttpRequest& request) noexcept { return request.method == "GET" || request.method == "HEAD"; }

std::vector<std::string_view> list_field(const HttpRequest& request, std::string_view name) {
    std::vector<std::string_view> elements;
    for (const HttpHeader& header : request.headers) {
        if (!encoding::equal_ignoring_case(header.name, name)) continue;
        std::string_view rest = header.value;
        while (!rest.empty()) {
            const std::size_t comma = rest.find(',');
            const std::string_view element = encoding::trim_blanks(rest.substr(0, comma));
            if (!element.empty()) elements.push_back(element);
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        }
    }
    return elements;
}

std::size_t count_fields(const HttpRequest& request, std::string_view name) {
    return static_cast<std::size_t>(std::ranges::count_if(request.headers, [name](const HttpHeader& header) {
        return encoding::equal_ignoring_case(header.name, name);
    }));
}

bool has_json_type(const HttpRequest& request) {
    const auto coding = request.header("Content-Encoding");
    if (coding && !encoding::equal_ignoring_case(encoding::trim_blanks(*coding), "identity")) return false;
    if (count_fields(request, "Content-Type") != 1) return false;
    const std::string_view value = *request.header("Content-Type");
    std::size_t semicolon = value.find(';');
    if (!encoding::equal_ignoring_case(encoding::trim_blanks(value.substr(0, semicolon)), "application/json")) return false;
    while (semicolon != std::string_view::npos) {
        const std::size_t next = value.find(';', semicolon + 1);
        const std::string_view parameter = encoding::trim_blanks(value.substr(semicolon + 1, next - semicolon - 1));
        semicolon = next;
        const std::size_t equals = parameter.find('=');
        if (!encoding::equal_ignoring_case(encoding::trim_blanks(parameter.substr(0, equals)), "charset")) continue;
        const std::string_view charset =
            equals == std::string_view::npos ? "" : encoding::trim_blanks(parameter.substr(equals + 1));
        if (!encoding::equal_ignoring_case(charset, "utf-8") && !encoding::equal_ignoring_case(charset, "\"utf-8\""))
            return false;
    }
    return true;
}

Result<Target> parse_target(std::string_view text) {
    Target target;
    const std::size_t question = text.find('?');
    CARIOSAN_TRY_DONE(parse_path(text.substr(0, question), target.segments));
    if (question != std::string_view::npos) {
        CARIOSAN_TRY_DONE(parse_query(text.substr(question + 1), target.query));
    }
    return target;
}

}  // namespace cariosan::protocol

namespace cariosan {

std::optional<std::string_view> HttpRequest::header(std::string_view name) const noexcept {
    for (const HttpHeader& each : headers) {
        if (encoding::equal_ignoring_case(each.name, name)) return each.value;
    }
    return std::nullopt;
}

}  // namespace cariosan
