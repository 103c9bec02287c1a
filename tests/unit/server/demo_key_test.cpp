#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/engine.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "demo_key.hpp"
#include "support/temporary_folder.hpp"

using namespace cariosan;
using namespace cariosan::server;
using cariosan::test::TemporaryFolder;

namespace {

std::unique_ptr<Engine> open_engine() {
    auto storage = open_sqlite({.path = ":memory:"});
    REQUIRE(storage);
    auto engine = Engine::open({.storage = *std::move(storage), .crypto = openssl_crypto()});
    REQUIRE(engine);
    return *std::move(engine);
}

WorkspaceCredentials make_workspace(Engine& engine, const char* name) {
    auto made = engine.run(Caller::host(), CreateWorkspace{.name = name});
    REQUIRE(made);
    return *std::move(made);
}

WorkspaceId opened_by(Engine& engine, const std::string& pair) {
    const std::size_t colon = pair.find(':');
    const auto found = engine.run(Caller::host(), VerifyApiKey{.api_key = pair.substr(0, colon),
                                                               .api_secret = pair.substr(colon + 1)});
    return found ? found->id : WorkspaceId{};
}

}  // namespace

TEST_CASE("the demo's key opens its workspace, stays the same, and leaves older ones alone") {
    const TemporaryFolder folder;
    const std::string path = folder / "demo-key";
    const auto engine = open_engine();
    const auto workspace = make_workspace(*engine, "Demo");
    const auto first = provide_demo_key(*engine, workspace.id, path);
    REQUIRE(first);
    CHECK(opened_by(*engine, *first) == workspace.id);
    CHECK(provide_demo_key(*engine, workspace.id, path).value() == *first);
    CHECK(opened_by(*engine, workspace.api_key + ":" + workspace.api_secret) == workspace.id);
}

TEST_CASE("a stored key that does not open the workspace is replaced") {
    const TemporaryFolder folder;
    const auto engine = open_engine();
    const auto demo = make_workspace(*engine, "Demo");
    const auto other = make_workspace(*engine, "Other");
    for (const std::string& kept : {std::string("nonsense"), std::string(), other.api_key + ":" + other.api_secret}) {
        const std::string path = folder.write("key", kept + "\n");
        const auto made = provide_demo_key(*engine, demo.id, path);
        REQUIRE(made);
        CHECK(opened_by(*engine, *made) == demo.id);
        CHECK(provide_demo_key(*engine, demo.id, path).value() == *made);
    }
}

TEST_CASE("without a file, the demo's key is created each time") {
    const auto engine = open_engine();
    const auto demo = make_workspace(*engine, "Demo");
    const auto first = provide_demo_key(*engine, demo.id, "");
    const auto second = provide_demo_key(*engine, demo.id, "");
    REQUIRE(first);
    REQUIRE(second);
    CHECK(*first != *second);
    CHECK(opened_by(*engine, *first) == demo.id);
}
