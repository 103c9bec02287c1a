/// What every function of cariosan.h does with its pointers.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>

#include "capi/error_json.hpp"
#include "capi/host.hpp"

namespace cariosan::capi {

inline Error null_argument() { return {ErrorCode::misuse, "an argument is a null pointer that must not be one"}; }

/// Runs `inside` with the engine's host, unless this is the wrong process or a pointer is null.
template <class F>
cariosan_code with_host(const cariosan_engine* engine, std::initializer_list<const void*> required,
                        cariosan_error** error, F&& inside) noexcept {
    return guarded(error, [&]() -> Result<Done> {
        if (engine == nullptr) return null_argument();
        if (!engine->host->in_its_process()) {
            return Error(ErrorCode::forked, "the engine belongs to the parent process");
        }
        for (const void* pointer : required) {
            if (pointer == nullptr) return null_argument();
        }
        return inside(*engine->host);
    });
}

/// Hands out a copy to be freed by `cariosan_free`; `length` may be null.
void hand_out(const std::string& text, char** out, std::size_t* length);

}  // namespace cariosan::capi
