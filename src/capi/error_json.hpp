/// Errors on their way out, and the one place where exceptions end.
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

/// The number of a code in cariosan.h.
cariosan_code to_c(ErrorCode code) noexcept;

std::unique_ptr<cariosan_error> make_error(const Error& error);

/// Hands an error out if anyone wants it, and answers its code. Without memory for it `out` stays null.
cariosan_code report(cariosan_error** out, const Error& error) noexcept;
cariosan_code report_out_of_memory(cariosan_error** out) noexcept;
/// For an exception of ours that should not have been.
cariosan_code report_fault(cariosan_error** out) noexcept;

/// Runs the inside of a function of the C interface: nothing but a code leaves it.
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
