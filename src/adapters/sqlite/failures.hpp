/// The errors that callers get when SQLite or the file system fails: a sentence and a reason that do not depend on the layer
/// below, with the exact error in `cause`.
#pragma once

#include <cariosan/error.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace cariosan::sqlite {

/// Beside SQLite's own codes: a reader was used outside of `begin` and `end`.
inline constexpr int kOutsideSnapshot = -1;

/// The error for a result code of SQLite and the `errno` that SQLite got from the system; 0: none. Never contains stored data.
Error sqlite_error(int code, int system = 0);

/// `unavailable`, with the attempted action, the file and the system's reason. For operators: it names a path.
Error file_error(std::string_view action, const std::string& path, int system);
/// Like the one above, but with the present `errno`.
Error file_error(std::string_view action, const std::string& path);
/// Like `file_error`, but fit for clients: the path is in `cause`.
Error storage_error(std::string_view action, const std::string& path, int system);

/// The error of opening a database, as one line for the person starting a server: what failed, and what to do about it.
Error opening_error(const std::string& database, Error error);

}  // namespace cariosan::sqlite
