// The smallest host: a chat in a file, two users, one message, and the event that says so.
//
//   cariosan-embed-minimal chat.db

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/engine.hpp>
#include <cstdio>
#include <exception>
#include <future>
#include <string>
#include <utility>
#include <variant>

using namespace cariosan;

namespace {

/// The first workspace of the database, which is made if there is none.
WorkspaceId open_workspace(Engine& engine) {
    const auto page = engine.run(Caller::host(), ListWorkspaces{}).or_throw();
    if (!page.items.empty()) return page.items.front().id;
    return engine.run(Caller::host(), CreateWorkspace{.name = "Shop"}).or_throw().id;
}

void chat(const std::string& path) {
    auto storage = open_sqlite({.path = path}).or_throw();
    auto engine = Engine::open({.storage = std::move(storage), .crypto = openssl_crypto()}).or_throw();

    const WorkspaceId shop = open_workspace(*engine);
    const Caller backend = Caller::backend(shop);
    engine->run(backend, UpsertUser{.external_id = "alice", .name = "Alice"}).or_throw();
    engine->run(backend, UpsertUser{.external_id = "budi", .name = "Budi"}).or_throw();
    const CreateChannel direct{.type = ChannelType::direct, .member_external_ids = {"alice", "budi"}};
    const std::string channel = engine->run(backend, direct).or_throw().id.to_string();

    // Callbacks run on a thread of the engine: they hand over, and return.
    std::promise<std::string> received;
    const auto subscription = engine->subscribe(shop, [&received](const EventRef& event) {
        if (const auto* created = std::get_if<MessageCreated>(&event->body)) received.set_value(created->message.content);
    }).or_throw();

    engine->run(Caller::user(shop, "alice"), SendMessage{.channel = channel, .content = "Halo!"}).or_throw();
    std::printf("the event says: %s\n\nall messages, the newest first:\n", received.get_future().get().c_str());

    for (const Message& message : engine->run(Caller::user(shop, "budi"), ListMessages{.channel = channel}).or_throw().messages) {
        std::printf("%3lld  %s: %s\n", static_cast<long long>(message.seq), message.user.name.c_str(), message.content.c_str());
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        chat(argc > 1 ? argv[1] : "chat.db");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
