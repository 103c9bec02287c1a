/// Passing an error to the caller: `CARIOSAN_TRY` for a call whose value is needed, `CARIOSAN_TRY_DONE` for one that only needs
/// to succeed. Both return the error from the enclosing function, which returns a `Result` of any type.
#pragma once

#include <cariosan/error.hpp>
#include <utility>

#define CARIOSAN_JOIN_(a, b) a##b
#define CARIOSAN_JOIN(a, b) CARIOSAN_JOIN_(a, b)

/// `CARIOSAN_TRY(const auto user, find_user(id));` declares `user` as the value of the expression's `Result`, or returns its
/// error. `CARIOSAN_TRY(subject.user, find_user(id));` assigns the value to an existing variable. It expands to several
/// statements, so it needs a block around it.
#define CARIOSAN_TRY(declaration, ...) \
    CARIOSAN_TRY_AS(CARIOSAN_JOIN(cariosan_tried_, __COUNTER__), declaration, __VA_ARGS__)
#define CARIOSAN_TRY_AS(result, declaration, ...)  \
    auto result = __VA_ARGS__;                     \
    if (!result) return std::move(result).error(); \
    declaration = *std::move(result)

/// `CARIOSAN_TRY_DONE(check(command));` returns the error of the expression's `Result`, if it is one.
#define CARIOSAN_TRY_DONE(...) CARIOSAN_TRY_DONE_AS(CARIOSAN_JOIN(cariosan_tried_, __COUNTER__), __VA_ARGS__)
#define CARIOSAN_TRY_DONE_AS(result, ...)                                         \
    do {                                                                          \
        if (auto result = __VA_ARGS__; !result) return std::move(result).error(); \
    } while (false)
