// The suite's program with PostgreSQL.
#include "conformance/postgres_kind.hpp"
#include "conformance/storage_kind.hpp"

namespace cariosan::test {

std::span<const SuiteKind> suite_kinds() {
    // A step is a round trip.
    static constexpr SuiteKind kinds[] = {{.name = "Postgres",
                                           .make = []() -> std::unique_ptr<StorageKind> { return std::make_unique<Postgres>(); },
                                           .available = Postgres::available,
                                           .shared = true,
                                           .step_stride = 11,
                                           .most_seeds = 1}};
    return kinds;
}

}  // namespace cariosan::test
