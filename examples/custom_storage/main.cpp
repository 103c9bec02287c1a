// A storage of the host's own around one that comes with the library: a journal of who wrote what and when, on the disk before
// the write is acknowledged. The journal of a write that then failed has a line too many, never one too few.
//
//   cariosan-custom-storage chat.db journal.txt

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/engine.hpp>
#include <cariosan/storage.hpp>
#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

using namespace cariosan;

namespace {

/// A file that only grows.
class Journal {
  public:
    explicit Journal(const std::string& path) : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
        if (file_ < 0) throw std::runtime_error("cannot write " + path);
    }
    ~Journal() { ::close(file_); }
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// False if the lines are not on the disk.
    bool append(std::string_view lines) {
        while (!lines.empty()) {
            const ssize_t written = ::write(file_, lines.data(), lines.size());
            if (written < 0) return false;
            lines.remove_prefix(static_cast<std::size_t>(written));
        }
        return ::fdatasync(file_) == 0;
    }

  private:
    int file_;
};

/// What a mutation leaves in the journal. Most leave nothing.
std::string line_of(const Mutation& mutation) {
    const auto* send = std::get_if<mutation::SendMessage>(&mutation);
    if (send == nullptr) return {};
    return std::to_string(send->at.milliseconds) + " " + send->author.to_string() + " writes to " + send->channel.to_string() + "\n";
}

/// Passes everything on, and writes the journal first. All of it is called on threads that may wait; `commit` by one at a time,
/// because that is how many lanes the inner storage has.
class JournaledStorage final : public Storage {
  public:
    JournaledStorage(std::unique_ptr<Storage> inner, const std::string& path) : inner_(std::move(inner)), journal_(path) {}

    std::vector<Result<Committed>> commit(std::span<const Mutation> batch) override {
        std::string lines;
        for (const Mutation& mutation : batch) lines += line_of(mutation);
        if (!lines.empty() && !journal_.append(lines)) {
            return std::vector<Result<Committed>>(batch.size(), Error(ErrorCode::unavailable, "the journal cannot be written"));
        }
        return inner_->commit(batch);
    }

    Result<bool> maintain() override { return inner_->maintain(); }
    Result<Done> probe() override { return inner_->probe(); }
    Result<std::string> rotate_epoch() override { return inner_->rotate_epoch(); }
    Result<std::unique_ptr<Backup>> begin_backup(const std::string& path) override { return inner_->begin_backup(path); }
    Result<std::unique_ptr<Reader>> open_reader() override { return inner_->open_reader(); }
    std::string epoch() const override { return inner_->epoch(); }

  private:
    std::unique_ptr<Storage> inner_;
    Journal journal_;
};

void chat(const std::string& database, const std::string& journal) {
    auto storage = std::make_unique<JournaledStorage>(open_sqlite({.path = database}).or_throw(), journal);
    auto engine = Engine::open({.storage = std::move(storage), .crypto = openssl_crypto()}).or_throw();
    const WorkspaceId shop = engine->run(Caller::host(), CreateWorkspace{.name = "Shop"}).or_throw().id;
    const Caller backend = Caller::backend(shop);
    engine->run(backend, UpsertUser{.external_id = "alice", .name = "Alice"}).or_throw();
    engine->run(backend, CreateChannel{.external_id = "order_1", .member_external_ids = {"alice"}}).or_throw();
    const Message sent = engine->run(Caller::user(shop, "alice"), SendMessage{.channel = "order_1", .content = "Halo!"}).or_throw();
    std::printf("%s is on the disk, and so is its line in %s\n", sent.id.to_string().c_str(), journal.c_str());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: %s DATABASE JOURNAL\n", argv[0]);
        return 2;
    }
    try {
        chat(argv[1], argv[2]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
