/// The errors that callers get when SQLite or the file system fails: a sentence and a reason that stay the same whatever lies below, and
/// what exactly was said as the error's `cause`.
#pragma once

#include <cariosan/error.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace cariosan::sqlite {

/// Beside SQLite's own codes: a reader was used outside of `begin` and `end`.
inline constexpr int kOutsideSnapshot = -1;

/// The error for a result code of SQLite, and for what the system said (`errno`) when SQLite asked it; 0: nothing. Never holds
/// what is stored.
Error sqlite_error(int code, int system = 0);

/// `unavailable`, with what was tried, the file and the reason the system gives. For operators: it names a path.
Error file_error(std::string_view action, const std::string& path, int system);
/// The same with the present `errno`.
Error file_error(std::string_view action, const std::string& path);
/// The same as clients may see it: the path is in `cause`.
Error storage_error(std::string_view action, const std::string& path, int system);

/// The error of opening a database, as one line for whoever starts a server: what failed, and what to do about it.
Error opening_error(const std::string& database, Error error);

}  // namespace cariosan::sqlite
