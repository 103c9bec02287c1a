/// Encodes errors as JSON and as HTTP statuses.
#pragma once

#include <cariosan/error.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cariosan::protocol {

class ObjectWriter;

/// The status in section 3 of the protocol. Codes that must not leave the process count as internal faults: 500.
int http_status(ErrorCode code) noexcept;

/// When a code is used, in one line, as the reference's table of errors says it. Static storage.
std::string_view meaning_of(ErrorCode code) noexcept;

/// `details.retry_after_ms`, if the error has it.
std::optional<std::int64_t> retry_after_ms(const Error& error) noexcept;

/// The members of `details`.
void write_details(ObjectWriter& object, const Error& error);

/// The members `code`, `message`, `retryable` and `details`. Internal faults become a plain "INTERNAL" without details.
void write_error(ObjectWriter& object, const Error& error);

/// The body of an HTTP error.
std::string error_envelope(const Error& error, std::string_view request_id);

}  // namespace cariosan::protocol
