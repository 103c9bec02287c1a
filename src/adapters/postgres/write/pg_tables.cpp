#include "adapters/postgres/write/pg_tables.hpp"

#include <algorithm>
#include <cariosan/commit_footprint.hpp>
#include <cstddef>
#include <random>
#include <variant>

#include "adapters/postgres/write/pg_write_statements.hpp"
#include "adapters/sql/write/tables.hpp"

namespace cariosan::postgres {
namespace {

/// Declared before the tables, so that they outlive them.
struct HeldStatements {
    explicit HeldStatements(Connection& connection) : statements(connection) {}
    WriteStatements statements;
};

class OwningTables final : private HeldStatements, public sql::Tables<WriteStatements> {
  public:
    explicit OwningTables(Connection& connection) : HeldStatements(connection), Tables(statements) {}
};

}  // namespace

void WriteStatements::randomize(std::span<std::uint8_t> bytes) {
    std::random_device source;
    std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(source()); });
}

void WriteStatements::prepare(std::span<const Mutation> batch) {
    const commit::Footprint footprint = commit::footprint_of(batch);
    locks.take_before_channels(footprint);
    lock_channels(footprint);
    locks.take_after_channels(footprint);
    const auto sends = std::ranges::count_if(
        batch, [](const Mutation& mutation) { return std::holds_alternative<mutation::SendMessage>(mutation); });
    load(footprint, static_cast<std::size_t>(sends));
}

std::unique_ptr<commit::Tables> make_tables(Connection& connection) { return std::make_unique<OwningTables>(connection); }

}  // namespace cariosan::postgres
