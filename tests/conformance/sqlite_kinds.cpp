// The suite's program with SQLite.
#include "conformance/storage_kind.hpp"

namespace cariosan::test {

std::span<const SuiteKind> suite_kinds() {
    static constexpr SuiteKind kinds[] = {
        {.name = "SqliteFile", .make = []() -> std::unique_ptr<StorageKind> { return std::make_unique<SqliteFile>(); }},
        {.name = "SqliteMemory", .make = []() -> std::unique_ptr<StorageKind> { return std::make_unique<SqliteMemory>(); }}};
    return kinds;
}

}  // namespace cariosan::test
