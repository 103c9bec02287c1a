/// Converts errors for the C interface, and stops all exceptions.
#pragma once

#include <cariosan/cariosan.h>

#include <cariosan/error.hpp>
#include <concepts>
#include <memory>
#include <string>
#include <type_traits>

/// What `cariosan_error*` points to.
struct cariosan_error {
    cariosan_code code = CARIOSAN_OK;
    std::string name;
    std::string message;
    std::string details;
    bool retryable = false;
};

namespace cariosan::capi {

/// The code's number in cariosan.h.
cariosan_code to_c(ErrorCode code) noexcept;

std::unique_ptr<cariosan_error> make_error(const Error& error);

/// Stores the error in `out`, unless `out` is null, and returns its code. If there is no memory for it, `*out` stays null.
cariosan_code report(cariosan_error** out, const Error& error) noexcept;
cariosan_code report_out_of_memory(cariosan_error** out) noexcept;
/// Reports an unexpected exception as an internal fault.
cariosan_code report_fault(cariosan_error** out) noexcept;

/// Runs the body of a C function; turns exceptions into codes.
template <std::invocable F>
requires std::same_as<std::invoke_result_t<F>, Result<Done>> cariosan_code guarded(cariosan_error** out,
                                                                                   F&& inside)
noexcept {
    if (out != nullptr) *out = nullptr;
    try {
        const Result<Done> result = inside();
        return result ? CARIOSAN_OK : report(out, result.error());
    } catch (const std::bad_alloc&) {
        return report_out_of_memory(out);
    } catch (...) {
        return report_fault(out);
    }
}

}  // namespace cariosan::capi
