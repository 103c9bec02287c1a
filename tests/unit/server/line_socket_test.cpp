#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

#include "line_socket.hpp"
#include "support/temporary_folder.hpp"

using namespace cariosan;
using namespace cariosan::server;
using cariosan::test::TemporaryFolder;

namespace {

/// Both ends of a connection through this path.
struct Pair {
    explicit Pair(const std::string& path) {
        auto made = listen_at(path);
        REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
        listening = *std::move(made);
        client = connect_to(path);
        REQUIRE(client);
        server = LineSocket(Descriptor(::accept(listening.get(), nullptr, nullptr)));
        REQUIRE(server);
    }
    Descriptor listening;
    LineSocket client;
    LineSocket server;
};

}  // namespace

TEST_CASE("lines go both ways through a socket, for its owner") {
    const TemporaryFolder folder;
    const std::string path = folder / "chat.db.sock";
    Pair pair(path);
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    CHECK(pair.server.peer_user() == ::geteuid());

    CHECK(pair.client.write_line("one"));
    CHECK(pair.client.write_line("two"));
    CHECK(pair.server.read_line(10) == "one");
    CHECK(pair.server.read_line(10) == "two");
    CHECK(pair.server.write_line("three"));
    CHECK(pair.client.read_line(10) == "three");
    CHECK_FALSE(pair.server.peer_is_gone());
    pair.client = LineSocket();
    CHECK(pair.server.peer_is_gone());
    CHECK_FALSE(pair.server.read_line(10));
}

TEST_CASE("a line over its limit is refused, one in parts is assembled") {
    const TemporaryFolder folder;
    Pair pair(folder / "s");
    const std::string big(200'000, 'x');
    std::thread writer([&] { pair.client.write_line(big); });
    CHECK(pair.server.read_line(200'000) == big);
    writer.join();
    CHECK(pair.client.write_line("12345678901"));
    CHECK_FALSE(pair.server.read_line(10));
}

TEST_CASE("a socket can have a path too long for its address, and replaces a stale one") {
    const TemporaryFolder folder;
    const std::string long_folder = folder / std::string(150, 'd');
    std::filesystem::create_directory(long_folder);
    const std::string path = long_folder + "/chat.db.sock";
    { const Pair pair(path); }
    CHECK_FALSE(connect_to(path));
    { const Pair pair(path); }
    CHECK_FALSE(connect_to(folder / "nothing"));
    CHECK_FALSE(listen_at(folder / "no/folder/s"));
}
