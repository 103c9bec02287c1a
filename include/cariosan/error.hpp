/// Errors and `Result`: how every call of the library says what went wrong. No exception leaves a public call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
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
    muted,                   ///< 403, `details.until`: the user is silenced
    suspended,               ///< 403, `details.until`: the backend keeps the user out
    frozen,                  ///< 403: only the backend and the group's admins write in this channel
    slow_mode,               ///< 403, `details.retry_after_ms`: the author's last message is too recent; may be retried
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
    std::variant<std::string, std::int64_t, std::shared_ptr<const Message>, std::nullptr_t> value;
};

/// Why a call failed. A plain value; safe to copy between threads.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;               ///< one English sentence for a developer; never holds secrets or message text
    std::vector<ErrorDetail> details;  ///< machine-readable facts; usually empty
    bool retryable = false;            ///< the same request may succeed later, unchanged
    std::string cause{};  ///< what the system or the database said, for the log; never sent to a client; usually empty

    Error() = default;
    /// `retryable` follows from the code: true for `rate_limited`, `slow_mode` and `unavailable`.
    Error(ErrorCode code, std::string message);

    /// Adds a fact and returns the error, so that calls chain.
    Error&& with(std::string name, std::string value) &&;
    Error&& with(std::string name, std::int64_t value) &&;
    Error&& with(std::string name, std::nullptr_t) &&;
    Error&& with(std::string name, std::shared_ptr<const Message> value) &&;
    /// Sets `cause` and returns the error.
    Error&& because(std::string reason) &&;

    /// The fact called `name`, or null. Points into this object.
    const ErrorDetail* detail(std::string_view name) const noexcept;
};

/// `VALIDATION_ERROR` about one field.
Error invalid_field(std::string field, std::string message);
/// `VALIDATION_ERROR` about a limit: `details.field` names what is too large, `details.limit` the most allowed. The
/// text says so too: "<message>: at most <limit> <unit>".
Error over_limit(std::string field, std::int64_t limit, std::string message, std::string_view unit);
/// `NOT_FOUND`: "no such <thing>".
Error not_found(std::string_view thing);

/// Marks success of a call that has nothing to return.
struct Done {
    bool operator==(const Done&) const = default;
};

/// What `Result::or_throw` throws: the error as an exception, for hosts that handle failures that way. The library
/// itself never throws it out of a call. `what()` is the code and the message, such as "NOT_FOUND: no such user".
class ErrorException : public std::runtime_error {
  public:
    explicit ErrorException(Error error);

    const Error& error() const noexcept { return *error_; }

  private:
    std::shared_ptr<const Error> error_;  // shared, so that copying the exception cannot throw
};

namespace detail {
/// Stop the process through `std::terminate`, with a `std::logic_error` that says what was read.
[[noreturn]] void stop_on_error(const Error& error) noexcept;
[[noreturn]] void stop_on_value() noexcept;
[[noreturn]] void throw_error(Error error);
}  // namespace detail

/// Either a value of type `T` or an `Error`. As safe between threads as the `T` it holds.
///
/// `value()`, `*` and `->` are for a caller that knows there is a value, and `error()` for one that knows there is not.
/// Reading the wrong one is a programming error: in every build it stops the process through `std::terminate`, with a
/// `std::logic_error` that says what went wrong; unless the host has set another handler, that text is printed.
template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    T& value() & { return checked(), *std::get_if<0>(&state_); }
    const T& value() const& { return checked(), *std::get_if<0>(&state_); }
    T&& value() && { return checked(), std::move(*std::get_if<0>(&state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    Error& error() & { return checked_error(), *std::get_if<1>(&state_); }
    const Error& error() const& { return checked_error(), *std::get_if<1>(&state_); }
    Error&& error() && { return checked_error(), std::move(*std::get_if<1>(&state_)); }

    /// The value, or `fallback` if there is none.
    template <class U>
    T value_or(U&& fallback) const& {
        return ok() ? value() : static_cast<T>(std::forward<U>(fallback));
    }
    template <class U>
    T value_or(U&& fallback) && {
        return ok() ? std::move(*this).value() : static_cast<T>(std::forward<U>(fallback));
    }

    /// What `next` returns for the value, or the error without calling it. `next` takes a `T` and returns a `Result` of
    /// any type, so that calls chain: `parse_workspace(id).and_then(find)`.
    template <class F>
    auto and_then(F&& next) const& -> std::invoke_result_t<F, const T&> {
        if (!ok()) return error();
        return std::invoke(std::forward<F>(next), value());
    }
    template <class F>
    auto and_then(F&& next) && -> std::invoke_result_t<F, T&&> {
        if (!ok()) return std::move(*this).error();
        return std::invoke(std::forward<F>(next), std::move(*this).value());
    }

    /// The value; throws `ErrorException` if there is none.
    const T& or_throw() const& {
        if (!ok()) detail::throw_error(error());
        return value();
    }
    T or_throw() && {
        if (!ok()) detail::throw_error(std::move(*this).error());
        return std::move(*this).value();
    }

  private:
    void checked() const {
        if (!ok()) detail::stop_on_error(*std::get_if<1>(&state_));
    }
    void checked_error() const {
        if (ok()) detail::stop_on_value();
    }

    std::variant<T, Error> state_;
};

}  // namespace cariosan
