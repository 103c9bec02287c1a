#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "support/source_folder.hpp"

namespace cariosan::test {

/// The path of an optional test data file or folder. If it is missing, prints a line that begins with "skipped:" and
/// returns nothing; the test then returns. The folder is the environment variable CARIOSAN_TEST_DATA, or else the one
/// beside the project.
inline std::optional<std::filesystem::path> test_data(std::string_view relative) {
    const char* folder = std::getenv("CARIOSAN_TEST_DATA");
    const std::filesystem::path root = folder != nullptr && *folder != '\0' ? folder : source_folder() / "../shared/data";
    std::filesystem::path path = root / relative;
    std::error_code error;
    if (std::filesystem::exists(path, error)) return path;
    std::printf("skipped: no test data %s\n", std::string(relative).c_str());
    std::fflush(stdout);
    return std::nullopt;
}

}  // namespace cariosan::test
