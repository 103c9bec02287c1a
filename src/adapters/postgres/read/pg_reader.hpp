/// A connection for reading.
#pragma once

#include <cariosan/storage.hpp>
#include <memory>

#include "adapters/postgres/pg_connection.hpp"

namespace cariosan::postgres {

/// `Storage::open_reader`: a reader on a connection of its own, which `begin` connects again where it was lost.
Result<std::unique_ptr<Reader>> open_pg_reader(ConnectionOptions options);

}  // namespace cariosan::postgres
