/// Compares both sides of a move.
#pragma once

#include <cariosan/adapters/move.hpp>
#include <cariosan/error.hpp>
#include <functional>
#include <vector>

#include "adapters/move/move_target.hpp"

namespace cariosan::move {

/// Called with a table and how many of its rows were read on both sides. False: stop.
using Compared = std::function<bool(const Table& table, std::int64_t rows)>;

/// Reads every row of both sides and adds to the report: how many rows each table has, how many channels there are, and what
/// differs. Per table, it remembers a digest for each channel.
Result<Done> compare(Source& source, Target& target, const std::vector<Table>& tables, Crypto& crypto, const Compared& compared,
                     MoveReport& report);

}  // namespace cariosan::move
