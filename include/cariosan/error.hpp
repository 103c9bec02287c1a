/// Errors and `Result`: how every call of the library says what went wrong. No exception leaves a public call.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cariosan {

/// What went wrong, as section 3 of the protocol names it. The last three never leave the process.
enum class ErrorCode : std::uint8_t {
    validation_error,        ///< 400: a bad field (`details.field`) or a limit exceeded (`details.limit`)
    unauthorized,            ///< 401
    forbidden,               ///< 403: this caller may never do this
    not_a_member,            ///< 403
    not_author,              ///< 403
    not_admin,               ///< 403
    muted,                   ///< 403, `details.until`
    not_found,               ///< 404: also everything that belongs to another workspace
    method_not_allowed,      ///< 405
    conflict,                ///< 409
    payload_too_large,       ///< 413
    unsupported_media_type,  ///< 415
    headers_too_large,       ///< 431
    message_rejected,        ///< 422
    edit_window_expired,     ///< 422
    rate_limited,            ///< 429, `details.retry_after_ms`
    internal,                ///< 500: a fault of ours; nothing half-done remains
    unavailable,             ///< 503: try again; `details.outcome == "unknown"` if it may have been committed
    would_block,             ///< `run` was called on a thread of the engine
    forked,                  ///< called in a child process after `fork`
    misuse,                  ///< a call that breaks the rules of this interface (see its comment)
};

/// The wire name of a code, such as "VALIDATION_ERROR". Static storage.
std::string_view to_string(ErrorCode code) noexcept;

struct Message;

/// One named fact about an error: text, a whole number, or a message (never null) as the caller sees it.
struct ErrorDetail {
    std::string name;
    std::variant<std::string, std::int64_t, std::shared_ptr<const Message>> value;
};

/// Why a call failed. A plain value; safe to copy between threads.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;               ///< one English sentence for a developer; never holds secrets or message text
    std::vector<ErrorDetail> details;  ///< machine-readable facts; usually empty
    bool retryable = false;            ///< the same request may succeed later, unchanged
    std::string cause{};  ///< what the system or the database said, for the log; never sent to a client; usually empty

    Error() = default;
    /// `retryable` follows from the code: true for `rate_limited` and `unavailable`.
    Error(ErrorCode code, std::string message);

    /// Adds a fact and returns the error, so that calls chain.
    Error&& with(std::string name, std::string value) &&;
    Error&& with(std::string name, std::int64_t value) &&;
    Error&& with(std::string name, std::shared_ptr<const Message> value) &&;
    /// Sets `cause` and returns the error.
    Error&& because(std::string reason) &&;

    /// The fact called `name`, or null. Points into this object.
    const ErrorDetail* detail(std::string_view name) const noexcept;
};

/// `VALIDATION_ERROR` about one field.
Error invalid_field(std::string field, std::string message);
/// `VALIDATION_ERROR` about a limit: `details.field` names what is too large, `details.limit` the most allowed.
Error over_limit(std::string field, std::int64_t limit, std::string message);
/// `NOT_FOUND`: "no such <thing>".
Error not_found(std::string_view thing);

/// Marks success of a call that has nothing to return.
struct Done {
    bool operator==(const Done&) const = default;
};

/// Either a value or an `Error`. Reading the side that is not there is a programming error (asserted).
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    T& value() & { return assert(ok()), *std::get_if<0>(&state_); }
    const T& value() const& { return assert(ok()), *std::get_if<0>(&state_); }
    T&& value() && { return assert(ok()), std::move(*std::get_if<0>(&state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    Error& error() & { return assert(!ok()), *std::get_if<1>(&state_); }
    const Error& error() const& { return assert(!ok()), *std::get_if<1>(&state_); }
    Error&& error() && { return assert(!ok()), std::move(*std::get_if<1>(&state_)); }

  private:
    std::variant<T, Error> state_;
};

}  // namespace cariosan
