/// A connection for reading.
#pragma once

#include <cariosan/storage.hpp>
#include <functional>
#include <memory>
#include <string>

#include "adapters/postgres/pg_connection.hpp"

namespace cariosan::postgres {

/// Told the epoch of a snapshot if it is another than that of the last one. Called by `begin`, on the reader's thread.
using EpochRead = std::function<void(const std::string& epoch)>;

/// `Storage::open_reader`: a reader on a connection of its own, which `begin` connects again where it was lost.
Result<std::unique_ptr<Reader>> open_pg_reader(ConnectionOptions options, EpochRead epoch_read);

}  // namespace cariosan::postgres
