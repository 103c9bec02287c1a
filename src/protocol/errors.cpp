#include "protocol/errors.hpp"

#include "protocol/json/json_objects.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::protocol {
namespace {

/// The code that clients get.
ErrorCode public_code(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::would_block:
        case ErrorCode::forked:
        case ErrorCode::misuse: return ErrorCode::internal;
        default: return code;
    }
}

struct DetailWriter {
    ObjectWriter& object;
    std::string_view name;

    void operator()(const std::string& text) { object.string(name, text); }
    void operator()(std::int64_t number) { object.integer(name, number); }
    void operator()(std::nullptr_t) { object.null(name); }
    /// The way its author sees it: only an author can make the change that this error is about.
    void operator()(const std::shared_ptr<const Message>& message) {
        append_message(object.key(name), *message, {.own = true, .personal = true});
    }
};

}  // namespace

int http_status(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::validation_error: return 400;
        case ErrorCode::unauthorized: return 401;
        case ErrorCode::forbidden:
        case ErrorCode::not_a_member:
        case ErrorCode::not_author:
        case ErrorCode::not_admin:
        case ErrorCode::muted:
        case ErrorCode::suspended:
        case ErrorCode::frozen:
        case ErrorCode::slow_mode: return 403;
        case ErrorCode::not_found: return 404;
        case ErrorCode::method_not_allowed: return 405;
        case ErrorCode::conflict: return 409;
        case ErrorCode::payload_too_large: return 413;
        case ErrorCode::unsupported_media_type: return 415;
        case ErrorCode::message_rejected:
        case ErrorCode::edit_window_expired: return 422;
        case ErrorCode::rate_limited: return 429;
        case ErrorCode::headers_too_large: return 431;
        case ErrorCode::unavailable: return 503;
        case ErrorCode::internal:
        case ErrorCode::would_block:
        case ErrorCode::forked:
        case ErrorCode::misuse: return 500;
    }
    return 500;
}

std::string_view meaning_of(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::validation_error:
            return "malformed JSON, an invalid field (`details.field`), a limit exceeded (`details.limit`), a "
                   "mention of a user who is not a member, a parent from another channel";
        case ErrorCode::unauthorized: return "credentials missing, wrong or expired (`details.reason` = `\"expired\"`)";
        case ErrorCode::forbidden: return "not allowed for this kind of caller";
        case ErrorCode::not_a_member: return "the caller is not a member of the channel";
        case ErrorCode::not_author: return "only the author may do this";
        case ErrorCode::not_admin: return "only an admin of the group may do this";
        case ErrorCode::muted: return "a moderator muted the caller; `details.until` is the end, if there is one";
        case ErrorCode::suspended:
            return "the backend suspended the caller, whose tokens are refused; `details.until` is the end, null if there is none";
        case ErrorCode::frozen: return "the channel is frozen: only the backend and the group's admins write there";
        case ErrorCode::slow_mode: return "the channel is in slow mode; wait `details.retry_after_ms`";
        case ErrorCode::not_found: return "it does not exist, or belongs to another workspace";
        case ErrorCode::method_not_allowed: return "the path exists but does not support the method; see `Allow`";
        case ErrorCode::conflict:
            return "`external_id` taken; idempotency key used for a different request; the last admin would "
                   "leave; `if_rev` is not the current revision (`details.message` is the current message); a "
                   "ping or retry for a webhook that is disabled or has 100,000 pending deliveries "
                   "(`details.limit`)";
        case ErrorCode::payload_too_large: return "message text or body over its limit";
        case ErrorCode::unsupported_media_type:
            return "the body is not `application/json` in UTF-8, or is compressed (any `Content-Encoding` other "
                   "than `identity`)";
        case ErrorCode::headers_too_large: return "the request head is over its limit";
        case ErrorCode::message_rejected:
            return "moderation refused the text; `details.rule`, and `details.reason` if a host's moderator gave "
                   "one";
        case ErrorCode::edit_window_expired: return "too late to edit";
        case ErrorCode::rate_limited: return "too many requests; wait `details.retry_after_ms`";
        case ErrorCode::internal:
            return "a fault of the server. No details here; the log has them under the request id. Nothing is "
                   "left half done";
        case ErrorCode::unavailable:
            return "try again later; also a feature that is not configured. `details.outcome` = `\"unknown\"` if "
                   "it may have been committed";
        case ErrorCode::would_block: return "the call would wait, on a thread of the engine";
        case ErrorCode::forked: return "called in a forked child process";
        case ErrorCode::misuse: return "the call breaks the rules of the interface, as its documentation has them";
    }
    return {};
}

/// Used if the error does not say when to retry.
constexpr std::int64_t kRetryAfter = 1000;

std::optional<std::int64_t> retry_after_ms(const Error& error) noexcept {
    if (!error.retryable || (error.code != ErrorCode::rate_limited && error.code != ErrorCode::unavailable)) return std::nullopt;
    const ErrorDetail* detail = error.detail("retry_after_ms");
    const auto* value = detail != nullptr ? std::get_if<std::int64_t>(&detail->value) : nullptr;
    return value != nullptr ? *value : kRetryAfter;
}

void write_details(ObjectWriter& object, const Error& error) {
    for (const ErrorDetail& detail : error.details) std::visit(DetailWriter{object, detail.name}, detail.value);
}

void write_error(ObjectWriter& object, const Error& error) {
    const ErrorCode code = public_code(error.code);
    object.string("code", to_string(code));
    object.string("message",
                  code == ErrorCode::internal ? "something went wrong on our side" : error.message);
    object.boolean("retryable", error.retryable);
    write_object(object.key("details"), [&](ObjectWriter& details) {
        if (code == ErrorCode::internal) return;
        write_details(details, error);
        if (error.detail("retry_after_ms") == nullptr) {
            if (const auto wait = retry_after_ms(error)) details.integer("retry_after_ms", *wait);
        }
    });
}

std::string error_envelope(const Error& error, std::string_view request_id) {
    std::string out;
    write_object(out, [&](ObjectWriter& envelope) {
        write_object(envelope.key("error"), [&](ObjectWriter& object) {
            write_error(object, error);
            object.string("request_id", request_id);
        });
    });
    return out;
}

}  // namespace cariosan::protocol
