#include "conformance/storage_kind.hpp"

#include <cariosan/adapters/sqlite.hpp>
#include <filesystem>
#include <system_error>
#include <utility>

namespace cariosan::test {

Result<std::unique_ptr<Storage>> SqliteFile::open(OpenOptions options) {
    return open_sqlite({.path = folder_ / "chat.db",
                        .clock = std::move(options.clock),
                        .fail_step = std::move(options.fail_step),
                        .search = options.search,
                        .search_cleaning = options.search_cleaning});
}

Result<std::unique_ptr<Storage>> SqliteFile::open_backup(const std::string& path) {
    return open_sqlite({.path = path});
}

std::uintmax_t SqliteFile::log_bytes() const {
    std::error_code missing;
    const auto bytes = std::filesystem::file_size(folder_ / "chat.db-wal", missing);
    return missing ? 0 : bytes;
}

Result<std::unique_ptr<Storage>> SqliteMemory::open(OpenOptions options) {
    return open_sqlite({.path = ":memory:",
                        .clock = std::move(options.clock),
                        .fail_step = std::move(options.fail_step),
                        .search = options.search,
                        .search_cleaning = options.search_cleaning});
}

Result<std::unique_ptr<Storage>> SqliteMemory::open_backup(const std::string& path) {
    return open_sqlite({.path = path});
}

}  // namespace cariosan::test
