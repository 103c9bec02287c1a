// examples/server/README.md lists every variable, and no file mentions one that does not exist.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/source_folder.hpp"
#include "variable_names.hpp"

namespace cariosan::server {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = test::source_folder();
const fs::path kServerReadme = kRoot / "examples/server/README.md";

std::set<std::string> found_in(const fs::path& path, const std::regex& pattern) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    std::set<std::string> found;
    for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match) found.insert((*match)[1]);
    return found;
}

TEST_CASE("reference: the server's README has a row for each variable") {
    static const std::regex kRow(R"(\n\| `(CARIOS_[A-Z0-9_]+)` \|)");
    const auto rows = found_in(kServerReadme, kRow);
    for (const std::string& name : supported_variables()) {
        CAPTURE(name);
        CHECK(rows.contains(name));
    }
}

TEST_CASE("reference: no variable is mentioned that does not exist") {
    static const std::regex kName(R"((CARIOS_[A-Z0-9]+(_[A-Z0-9]+)*)\b)");
    const auto supported = supported_variables();
    std::set<std::string> known(supported.begin(), supported.end());
    known.insert("CARIOS_REDIS_URL");  // of builds with Redis
    std::vector<fs::path> files = {kServerReadme, kRoot / "README.md"};
    for (const auto& entry : fs::directory_iterator(kRoot / "src/protocol/reference")) files.push_back(entry.path());
    REQUIRE(files.size() > 10);
    for (const fs::path& file : files) {
        for (const std::string& name : found_in(file, kName)) {
            CAPTURE(file.string());
            CAPTURE(name);
            CHECK(known.contains(name));
        }
    }
}

}  // namespace
}  // namespace cariosan::server
