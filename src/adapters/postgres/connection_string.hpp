/// What is wrong with a connection string, without showing any of it.
#pragma once

#include <cariosan/error.hpp>
#include <string>

namespace cariosan::postgres {

/// `misuse` if libpq cannot read it, or if a password with unescaped characters spills into another part: libpq would name that part
/// in its errors.
Result<Done> check_connection_string(const std::string& text);

}  // namespace cariosan::postgres
