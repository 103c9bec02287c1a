#include <cariosan/error.hpp>

namespace cariosan {

namespace {

std::string text_of(const Error& error) { return std::string(to_string(error.code)) + ": " + error.message; }

[[noreturn]] void raise(const std::string& fault) { throw std::logic_error("cariosan: " + fault); }

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::validation_error: return "VALIDATION_ERROR";
        case ErrorCode::unauthorized: return "UNAUTHORIZED";
        case ErrorCode::forbidden: return "FORBIDDEN";
        case ErrorCode::not_a_member: return "NOT_A_MEMBER";
        case ErrorCode::not_author: return "NOT_AUTHOR";
        case ErrorCode::not_admin: return "NOT_ADMIN";
        case ErrorCode::muted: return "MUTED";
        case ErrorCode::suspended: return "SUSPENDED";
        case ErrorCode::frozen: return "FROZEN";
        case ErrorCode::slow_mode: return "SLOW_MODE";
        case ErrorCode::not_found: return "NOT_FOUND";
        case ErrorCode::method_not_allowed: return "METHOD_NOT_ALLOWED";
        case ErrorCode::conflict: return "CONFLICT";
        case ErrorCode::payload_too_large: return "PAYLOAD_TOO_LARGE";
        case ErrorCode::unsupported_media_type: return "UNSUPPORTED_MEDIA_TYPE";
        case ErrorCode::headers_too_large: return "HEADERS_TOO_LARGE";
        case ErrorCode::message_rejected: return "MESSAGE_REJECTED";
        case ErrorCode::edit_window_expired: return "EDIT_WINDOW_EXPIRED";
        case ErrorCode::rate_limited: return "RATE_LIMITED";
        case ErrorCode::internal: return "INTERNAL";
        case ErrorCode::unavailable: return "UNAVAILABLE";
        case ErrorCode::would_block: return "WOULD_BLOCK";
        case ErrorCode::forked: return "FORKED";
        case ErrorCode::misuse: return "MISUSE";
    }
    return "INTERNAL";
}

Error::Error(ErrorCode error_code, std::string text)
    : code(error_code),
      message(std::move(text)),
      retryable(error_code == ErrorCode::rate_limited || error_code == ErrorCode::unavailable ||
                error_code == ErrorCode::slow_mode) {}

Error&& Error::with(std::string name, std::string value) && {
    details.push_back({std::move(name), std::move(value)});
    return std::move(*this);
}

Error&& Error::with(std::string name, std::int64_t value) && {
    details.push_back({std::move(name), value});
    return std::move(*this);
}

Error&& Error::with(std::string name, std::nullptr_t) && {
    details.push_back({std::move(name), nullptr});
    return std::move(*this);
}

Error&& Error::with(std::string name, std::shared_ptr<const Message> value) && {
    details.push_back({std::move(name), std::move(value)});
    return std::move(*this);
}

Error&& Error::because(std::string reason) && {
    cause = std::move(reason);
    return std::move(*this);
}

const ErrorDetail* Error::detail(std::string_view name) const noexcept {
    for (const ErrorDetail& detail : details) {
        if (detail.name == name) return &detail;
    }
    return nullptr;
}

Error invalid_field(std::string field, std::string message) {
    return Error(ErrorCode::validation_error, std::move(message)).with("field", std::move(field));
}

Error over_limit(std::string field, std::int64_t limit, std::string message, std::string_view unit) {
    message.append(": at most ").append(std::to_string(limit)).append(" ").append(unit);
    return invalid_field(std::move(field), std::move(message)).with("limit", limit);
}

Error not_found(std::string_view thing) { return {ErrorCode::not_found, "no such " + std::string(thing)}; }

ErrorException::ErrorException(Error error)
    : std::runtime_error(text_of(error)), error_(std::make_shared<const Error>(std::move(error))) {}

namespace detail {

// An exception that reaches `noexcept` ends the process, prints its text, and is visible to the host's terminate handler.
// NOLINTNEXTLINE(bugprone-exception-escape)
void stop_on_error(const Error& error) noexcept {
    raise("the value of a Result was read, but it is an error: " + text_of(error));
}

// NOLINTNEXTLINE(bugprone-exception-escape)
void stop_on_value() noexcept { raise("the error of a Result was read, but it has a value"); }

void throw_error(Error error) { throw ErrorException(std::move(error)); }

}  // namespace detail

}  // namespace cariosan
