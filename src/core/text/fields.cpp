#include "core/text/fields.hpp"

#include <algorithm>
#include <utility>

#include "core/propagate.hpp"
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"
#include "core/text/web_url.hpp"

namespace cariosan::core {
namespace {

std::string_view describe_fault(UrlFault fault) {
    switch (fault) {
        case UrlFault::user: return " must have neither a user name nor a password";
        case UrlFault::host: return " has a host that cannot exist";
        case UrlFault::port: return " must have a port in 1 to 65535, or none";
        default: return " must be an http or https URL";
    }
}

std::string sentence(std::string_view field, std::string_view rest) {
    return std::string(field).append(rest);
}

}  // namespace

bool Fields::text(std::string_view field, std::string_view text) {
    if (fault_) return false;
    if (!is_utf8(text)) {
        fault_ = invalid_field(std::string(field), sentence(field, " is not valid UTF-8"));
    } else if (has_nul(text)) {
        fault_ = invalid_field(std::string(field), sentence(field, " contains a NUL character"));
    }
    return !fault_;
}

bool Fields::size(std::string_view field, std::string_view text, std::int64_t limit, Empty empty) {
    if (fault_) return false;
    if (text.empty() && empty == Empty::refused) {
        fault_ = invalid_field(std::string(field), sentence(field, " must not be empty"));
    } else if (std::cmp_greater(text.size(), limit)) {
        fault_ = over_limit(std::string(field), limit, sentence(field, " is too long"), "bytes");
    }
    return !fault_;
}

void Fields::no_control(std::string_view field, std::string_view text) {
    if (has_control(text)) {
        fault_ = invalid_field(std::string(field), sentence(field, " contains a control character"));
    }
}

Fields& Fields::external_id(std::string_view field, std::string_view text) {
    if (size(field, text, limits_.external_id_bytes, Empty::refused) && this->text(field, text)) no_control(field, text);
    return *this;
}

Fields& Fields::new_external_id(std::string_view field, std::string_view text) {
    return external_id(field, text)
        .require(!shows_nothing(text), field, " must show something")
        .require(text != "." && text != "..", field, R"( must be neither "." nor "..")");
}

Fields& Fields::external_ids(std::string_view field, const std::vector<std::string>& texts,
                             std::int64_t limit, Empty empty) {
    count(field, texts.size(), limit, "users", empty);
    for (const std::string& text : texts) {
        if (fault_) break;
        external_id(field, text);
    }
    return *this;
}

Fields& Fields::reference(std::string_view field, std::string_view text) {
    // An internal id has 36 characters, even if external ids are limited to fewer.
    const std::int64_t limit = std::max<std::int64_t>(36, limits_.external_id_bytes);
    if (size(field, text, limit, Empty::refused)) this->text(field, text);
    return *this;
}

Fields& Fields::name(std::string_view field, std::string_view text, Empty empty) {
    return line(field, text, limits_.name_bytes, empty);
}

Fields& Fields::line(std::string_view field, std::string_view text, std::int64_t limit, Empty empty) {
    if (!size(field, text, limit, empty) || !this->text(field, text)) return *this;
    no_control(field, text);
    return require(!has_separator(text), field, " must be one line")
        .require(!has_direction_change(text), field, " must not change the direction of text (U+202A–U+202E, U+2066–U+2069)")
        .require(empty == Empty::allowed || !shows_nothing(text), field, " must show something");
}

Fields& Fields::key(std::string_view field, std::string_view text, std::int64_t limit) {
    if (!size(field, text, limit, Empty::refused) || !this->text(field, text)) return *this;
    return require(!shows_nothing(text), field, " must show something");
}

Fields& Fields::any_text(std::string_view field, std::string_view text, std::int64_t limit) {
    if (size(field, text, limit, Empty::allowed)) this->text(field, text);
    return *this;
}

Fields& Fields::term(std::string_view field, std::string_view text, std::int64_t limit) {
    constexpr std::int64_t kLongestCodePoint = 4;
    if (fault_ || (!text.empty() && !this->text(field, text))) return *this;
    const bool over = std::cmp_greater(text.size(), limit * kLongestCodePoint) ||
                      std::cmp_greater(count_code_points(text), limit);
    if (over) {
        fault_ = over_limit(std::string(field), limit, sentence(field, " has a term that is too long"), "code points");
    } else if (size(field, text, limit * kLongestCodePoint, Empty::refused)) {
        no_control(field, text);
    }
    return *this;
}

Fields& Fields::url(std::string_view field, const std::optional<std::string>& text) {
    if (!text || !size(field, *text, limits_.url_bytes, Empty::refused) || !this->text(field, *text))
        return *this;
    const UrlFault fault = judge_web_url(*text);
    return require(fault == UrlFault::none, field, describe_fault(fault));
}

Fields& Fields::number(std::string_view field, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (fault_) return *this;
    if (value < low) {
        fault_ =
            invalid_field(std::string(field), sentence(field, " must be at least ") + std::to_string(low));
    } else if (value > high) {
        fault_ = invalid_field(std::string(field), sentence(field, " must be at most ") + std::to_string(high))
                     .with("limit", high);
    }
    return *this;
}

Fields& Fields::count(std::string_view field, std::size_t count, std::int64_t limit, std::string_view unit, Empty empty) {
    if (fault_) return *this;
    if (count == 0 && empty == Empty::refused) {
        fault_ = invalid_field(std::string(field), sentence(field, " must not be empty"));
    } else if (std::cmp_greater(count, limit)) {
        fault_ = over_limit(std::string(field), limit, sentence(field, " has too many"), unit);
    }
    return *this;
}

Fields& Fields::require(bool condition, std::string_view field, std::string_view message) {
    if (!fault_ && !condition) fault_ = invalid_field(std::string(field), sentence(field, message));
    return *this;
}

Result<Done> Fields::result() {
    if (fault_) return *fault_;
    return Done{};
}

Error attachments_unavailable() {
    Error error(ErrorCode::unavailable, "attachments are not configured on this server");
    error.retryable = false;  // not until the configuration is changed
    return error;
}

Error message_too_long(std::string_view field, const Limits& limits) {
    return Error(ErrorCode::payload_too_large,
                 "the message is too long: at most " + std::to_string(limits.message_bytes) + " bytes")
        .with("field", std::string(field))
        .with("limit", limits.message_bytes);
}

Result<Done> check_text(std::string_view content, const Limits& limits, Empty empty) {
    if (content.empty() && empty == Empty::allowed) return Done{};
    if (std::cmp_greater(content.size(), limits.message_bytes)) {
        return message_too_long("content", limits);
    }
    Fields fields(limits);
    return empty == Empty::allowed ? fields.any_text("content", content, limits.message_bytes).result()
                                   : fields.key("content", content, limits.message_bytes).result();
}

Result<std::string> check_metadata(std::string_view json_text, Context& context) {
    if (json_text == "{}") return std::string(json_text);
    // Refuse it before parsing.
    CARIOSAN_TRY_DONE(
        Fields(context.limits).key("metadata", json_text, context.limits.metadata_bytes).result());
    return context.metadata.canonical(json_text, context.limits);
}

}  // namespace cariosan::core
