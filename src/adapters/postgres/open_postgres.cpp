#include <cariosan/adapters/postgres.hpp>

#include "adapters/postgres/connection_string.hpp"

namespace cariosan {

Result<std::unique_ptr<Storage>> open_postgres(PostgresOptions options) {
    if (auto readable = postgres::check_connection_string(options.connection); !readable) return readable.error();
    return Error(ErrorCode::unavailable, "storage in PostgreSQL is not finished in this version");
}

}  // namespace cariosan
