#include "capi/error_json.hpp"

#include <new>

#include "protocol/errors.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::capi {
namespace {

std::string details_of(const Error& error) {
    std::string out;
    protocol::write_object(out, [&](protocol::ObjectWriter& object) {
        protocol::write_details(object, error);
    });
    return out;
}

}  // namespace

cariosan_code to_c(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::validation_error: return CARIOSAN_VALIDATION_ERROR;
        case ErrorCode::unauthorized: return CARIOSAN_UNAUTHORIZED;
        case ErrorCode::forbidden: return CARIOSAN_FORBIDDEN;
        case ErrorCode::not_a_member: return CARIOSAN_NOT_A_MEMBER;
        case ErrorCode::not_author: return CARIOSAN_NOT_AUTHOR;
        case ErrorCode::not_admin: return CARIOSAN_NOT_ADMIN;
        case ErrorCode::muted: return CARIOSAN_MUTED;
        case ErrorCode::suspended: return CARIOSAN_SUSPENDED;
        case ErrorCode::frozen: return CARIOSAN_FROZEN;
        case ErrorCode::slow_mode: return CARIOSAN_SLOW_MODE;
        case ErrorCode::not_found: return CARIOSAN_NOT_FOUND;
        case ErrorCode::method_not_allowed: return CARIOSAN_METHOD_NOT_ALLOWED;
        case ErrorCode::conflict: return CARIOSAN_CONFLICT;
        case ErrorCode::payload_too_large: return CARIOSAN_PAYLOAD_TOO_LARGE;
        case ErrorCode::unsupported_media_type: return CARIOSAN_UNSUPPORTED_MEDIA_TYPE;
        case ErrorCode::headers_too_large: return CARIOSAN_HEADERS_TOO_LARGE;
        case ErrorCode::message_rejected: return CARIOSAN_MESSAGE_REJECTED;
        case ErrorCode::edit_window_expired: return CARIOSAN_EDIT_WINDOW_EXPIRED;
        case ErrorCode::rate_limited: return CARIOSAN_RATE_LIMITED;
        case ErrorCode::internal: return CARIOSAN_INTERNAL;
        case ErrorCode::unavailable: return CARIOSAN_UNAVAILABLE;
        case ErrorCode::would_block: return CARIOSAN_WOULD_BLOCK;
        case ErrorCode::forked: return CARIOSAN_FORKED;
        case ErrorCode::misuse: return CARIOSAN_MISUSE;
    }
    return CARIOSAN_INTERNAL;
}

std::unique_ptr<cariosan_error> make_error(const Error& error) {
    auto made = std::make_unique<cariosan_error>();
    made->code = to_c(error.code);
    made->name = to_string(error.code);
    made->message = error.message;
    made->details = details_of(error);
    made->retryable = error.retryable;
    return made;
}

cariosan_code report(cariosan_error** out, const Error& error) noexcept {
    if (out != nullptr) {
        try {
            *out = make_error(error).release();
        } catch (const std::bad_alloc&) {
            *out = nullptr;
        }
    }
    return to_c(error.code);
}

cariosan_code report_out_of_memory(cariosan_error** out) noexcept {
    if (out != nullptr) *out = nullptr;
    return CARIOSAN_INTERNAL;
}

cariosan_code report_fault(cariosan_error** out) noexcept {
    try {
        return report(out, Error(ErrorCode::internal, "something went wrong inside the library"));
    } catch (const std::bad_alloc&) {
        return report_out_of_memory(out);
    }
}

}  // namespace cariosan::capi

cariosan_code cariosan_error_code(const cariosan_error* error) {
    return error == nullptr ? cariosan_code{CARIOSAN_OK} : error->code;
}

const char* cariosan_error_name(const cariosan_error* error) {
    return error == nullptr ? "" : error->name.c_str();
}

const char* cariosan_error_message(const cariosan_error* error) {
    return error == nullptr ? "" : error->message.c_str();
}

const char* cariosan_error_details(const cariosan_error* error) {
    return error == nullptr ? "" : error->details.c_str();
}

int32_t cariosan_error_retryable(const cariosan_error* error) {
    return error != nullptr && error->retryable ? 1 : 0;
}

void cariosan_error_free(cariosan_error* error) { delete error; }
