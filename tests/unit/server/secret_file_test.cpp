#include <cariosan/adapters/openssl.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <string>

#include "secret_file.hpp"
#include "support/temporary_folder.hpp"

using namespace cariosan;
using namespace cariosan::server;
using cariosan::test::TemporaryFolder;

TEST_CASE("a secret is created once, for its owner only") {
    const TemporaryFolder folder;
    const auto crypto = openssl_crypto();
    const std::string path = folder / "chat.db.jwt-secret";
    const auto first = load_or_make_secret(path, *crypto);
    REQUIRE(first);
    CHECK(first->size() == 64);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(status.st_nlink == 1);
    const auto second = load_or_make_secret(path, *crypto);
    REQUIRE(second);
    CHECK(*second == *first);
    CHECK(make_secret(*crypto) != make_secret(*crypto));
}

TEST_CASE("a secret file that is invalid or cannot be created is an error") {
    const TemporaryFolder folder;
    const auto crypto = openssl_crypto();
    const auto broken = load_or_make_secret(folder.write("short", "hunter2\n"), *crypto);
    REQUIRE_FALSE(broken);
    CHECK(broken.error().message.find("hunter2") == std::string::npos);
    CHECK_FALSE(load_or_make_secret(folder / "no/folder/secret", *crypto));
    CHECK(*load_or_make_secret(folder.write("own", std::string(40, 'x') + "\r\n"), *crypto) ==
          std::string(40, 'x'));
}

TEST_CASE("a secret is replaced completely, for its owner only") {
    const TemporaryFolder folder;
    const std::string path = folder / "chat.db.demo-key";
    const auto none = read_secret(path);
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
    REQUIRE(replace_secret(path, "pk_1:sk_1"));
    REQUIRE(replace_secret(path, "pk_2:sk_2"));
    CHECK(read_secret(path).value() == "pk_2:sk_2");
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK_FALSE(replace_secret(folder / "no/folder/key", "pk_1:sk_1"));
}
