/// Databases as earlier versions wrote them, with data.
#pragma once

#include <cariosan/types.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cariosan::test {

/// The ids of their rows: a kind and a number.
template <class IdType>
IdType first_id(std::uint8_t kind, std::uint8_t number) {
    IdType id;
    id.uuid.bytes = {kind, 0x70, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number};
    return id;
}
inline const auto kShopId = first_id<WorkspaceId>(1, 1);
inline const auto kAliceId = first_id<UserId>(2, 1);
inline const auto kBobId = first_id<UserId>(2, 2);
inline const auto kGroupId = first_id<ChannelId>(3, 1);

/// From these versions on there are more tables, and rows in them.
inline constexpr std::size_t kTenthVersion = 10;
inline constexpr std::size_t kFourteenthVersion = 14;
inline constexpr std::size_t kTwentyFourthVersion = 24;
inline constexpr std::size_t kTwentyFifthVersion = 25;

/// How many migrations there are.
std::size_t present_version();

/// A database that only these first migrations were applied to, with rows in the tables from when they came.
void write_version(const std::string& path, std::size_t version);

/// The tables without a row.
std::vector<std::string> empty_tables(const std::string& path);

void run_sql_in(const std::string& path, const std::string& sql);

}  // namespace cariosan::test
