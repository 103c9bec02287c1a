// PostgreSQL stopped and started under load, and PgBouncer in front of it.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cariosan/adapters/postgres.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "conformance/world.hpp"
#include "support/source_folder.hpp"

namespace cariosan::test {
namespace {

/// Runs a command and returns what it prints; empty if it fails.
std::string output_of(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    if (::pclose(pipe) != 0) return "";
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

/// As root, the servers run as another user, who has to get in.
class OpenFolder {
  public:
    OpenFolder() { REQUIRE(::chmod((folder_ / "").c_str(), 0777) == 0); }
    std::string operator/(const std::string& name) const { return folder_ / name; }

  private:
    TemporaryFolder folder_;
};

/// A server that a test may stop.
class PrivateServer final : public StorageKind {
  public:
    PrivateServer() { start(); }
    ~PrivateServer() override { stop("immediate"); }

    void start() {
        url_ = output_of(script() + "start " + (folder_ / "pg"));
        REQUIRE_FALSE(url_.empty());
    }
    void stop(const std::string& how) const { output_of(script() + "stop " + (folder_ / "pg") + " " + how); }

    Result<std::unique_ptr<Storage>> open(OpenOptions) override {
        return open_postgres({.connection = database_on(url_, "postgres"), .use_own_time = true});
    }
    bool persistent() const override { return true; }
    std::string path(const std::string& name) const override { return folder_ / name; }
    Result<std::unique_ptr<Storage>> open_backup(const std::string&) override { return Error(); }

  private:
    static std::string script() { return (source_folder() / "cmake/services.sh").string() + " postgres "; }

    OpenFolder folder_;
    std::string url_;
};

/// What senders were told.
struct Told {
    std::mutex mutex;
    std::set<MessageId> acknowledged;
    std::set<MessageId> refused;
    std::atomic<int> count{0};
};

/// Sends until it is stopped, one batch of a few messages after the other.
void send_until(const std::atomic<bool>& stop, World& world, std::mutex& making, ChannelId channel, UserId author, Told& told) {
    while (!stop) {
        std::vector<Mutation> batch;
        {
            const std::lock_guard lock(making);
            for (int i = 0; i < 3; ++i) batch.emplace_back(world.message(channel, author));
        }
        const auto answers = world.commit(batch);
        const std::lock_guard lock(told.mutex);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const MessageId id = std::get<mutation::SendMessage>(batch[i]).id;
            if (answers[i].ok()) {
                told.acknowledged.insert(id);
                ++told.count;
            } else if (answers[i].error().detail("outcome") == nullptr) {
                told.refused.insert(id);
            }
        }
        if (!answers.front().ok()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

void wait_for_more(const Told& told, int more) {
    const int wanted = told.count + more;
    while (told.count < wanted) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

TEST_CASE("a server that is stopped under load loses nothing that was acknowledged") {
    if (!Postgres::available()) return;
    auto owned = std::make_unique<PrivateServer>();
    PrivateServer& server = *owned;
    World world(std::move(owned));
    const auto users = world.add_users(2);
    const std::array channels{world.add_group(users), world.add_group(users)};
    Told told;
    std::mutex making;
    std::atomic<bool> stop{false};
    std::vector<std::thread> senders;
    for (const ChannelId channel : channels) {
        senders.emplace_back([&, channel] { send_until(stop, world, making, channel, users[0], told); });
    }
    for (const char* how : {"fast", "immediate", "immediate"}) {
        wait_for_more(told, 60);
        server.stop(how);
        server.start();
        const auto started = std::chrono::steady_clock::now();
        wait_for_more(told, 1);
        const auto passed = std::chrono::steady_clock::now() - started;
        MESSAGE(std::string(how) << ": serving again after "
                    << std::chrono::duration_cast<std::chrono::milliseconds>(passed).count() << " ms");
    }
    wait_for_more(told, 60);
    stop = true;
    for (std::thread& sender : senders) sender.join();
    std::set<MessageId> stored;
    for (const ChannelId channel : channels) {
        std::int64_t seq = 0;
        for (const Message& message : world.messages(channel)) {
            CHECK(message.seq == ++seq);
            stored.insert(message.id);
        }
    }
    for (const MessageId& id : told.acknowledged) CHECK(stored.contains(id));
    for (const MessageId& id : told.refused) CHECK_FALSE(stored.contains(id));
}

TEST_CASE("PgBouncer in transaction mode may stand in between") {
    if (!Postgres::available()) return;
    if (output_of("command -v pgbouncer || ls /usr/sbin/pgbouncer").empty()) {
        std::puts("skipped: pgbouncer is not installed");
        return;
    }
    const PooledDatabase database(*PostgresDatabase::server());
    const OpenFolder folder;
    {
        std::ofstream file(folder / "bouncer.ini");
        // Fewer connections than the storage has: no two of its transactions can count on the same one.
        file << "[databases]\nchat = " << database.connection() << "\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = "
             << (folder / "") << "\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 2\npidfile = "
             << (folder / "pid") << "\nlogfile = " << (folder / "log") << "\n";
    }
    const std::string user = ::getuid() == 0 ? "-u postgres " : "";
    output_of("PATH=$PATH:/usr/sbin pgbouncer -q -d " + user + (folder / "bouncer.ini"));
    const std::string through = "host='" + (folder / "") + "' port=6432 dbname=chat user=anybody";
    // It puts itself into the background before it listens.
    for (int i = 0; i < 5000 && PQping(through.c_str()) != PQPING_OK; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    {
        auto storage = must(open_postgres({.connection = through, .prepared_statements = false, .use_own_time = true}));
        const auto run = [&](Mutation mutation) {
            auto answers = storage->commit(std::span(&mutation, 1));
            return must(std::move(answers.front()));
        };
        mutation::CreateWorkspace create;
        create.workspace.id = id_of<WorkspaceId>(1);
        create.api_key = "pk";
        run(create);
        const auto one = must(storage->open_reader());
        const auto other = must(storage->open_reader());
        for (int i = 0; i < 20; ++i) {
            mutation::UpdateWorkspace update;
            update.workspace = create.workspace.id;
            update.name = "name " + std::to_string(i);
            run(update);
            must(storage->maintain());
            REQUIRE(one->begin().ok());
            CHECK(must_find(one->workspaces().find(create.workspace.id)).name == *update.name);
            one->end();
            REQUIRE(other->begin().ok());
            CHECK(must_find(other->workspaces().find(create.workspace.id)).name == *update.name);
            other->end();
        }
        CHECK(storage->probe().ok());
        CHECK_FALSE(must(storage->rotate_epoch()).empty());
    }
    std::ifstream pid(folder / "pid");
    int number = 0;
    pid >> number;
    REQUIRE(number > 0);
    CHECK(::kill(number, SIGINT) == 0);
}

}  // namespace cariosan::test
