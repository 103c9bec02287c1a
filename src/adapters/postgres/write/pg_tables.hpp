/// The tables of a connection that writes.
#pragma once

#include <cariosan/commit_tables.hpp>
#include <memory>

#include "adapters/postgres/pg_connection.hpp"

namespace cariosan::postgres {

/// The connection must outlive them. They serve all its transactions.
std::unique_ptr<commit::Tables> make_tables(Connection& connection);

}  // namespace cariosan::postgres
