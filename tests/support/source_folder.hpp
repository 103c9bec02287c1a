#pragma once

#include <filesystem>

namespace cariosan::test {

/// The folder of the project that these tests were built from. Only one file is compiled with its name, so that a compiler cache serves
/// a copy of the project elsewhere too.
std::filesystem::path source_folder();

}  // namespace cariosan::test
