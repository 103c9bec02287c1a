/// What a move says when it cannot go on.
#pragma once

#include <cariosan/error.hpp>
#include <string>
#include <utility>

namespace cariosan::move {

/// The operator named the wrong thing.
inline Error refused(std::string sentence) { return {ErrorCode::misuse, std::move(sentence)}; }

/// The caller wanted no more.
inline Error stopped() { return {ErrorCode::unavailable, "the move was stopped; the same call continues it"}; }

/// With its cause, for the person who runs the move.
inline Error told(Error error) {
    if (!error.cause.empty()) error.message += " (" + std::exchange(error.cause, {}) + ")";
    return error;
}

}  // namespace cariosan::move
