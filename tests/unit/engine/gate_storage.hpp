#pragma once

#include <cariosan/adapters/openssl.hpp>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/engine.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/forwarding_storage.hpp"

namespace cariosan {

/// How a test controls the storage behind a `GateStorage`.
class Gate {
  public:
    void shut() {
        const std::lock_guard lock(mutex_);
        shut_ = true;
    }
    void open() {
        const std::lock_guard lock(mutex_);
        shut_ = false;
        changed_.notify_all();
    }
    /// Waits until a commit has reached the closed gate.
    void wait_until_reached() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_; });
    }
    /// Makes the next commit fail with this error and write nothing.
    void fail_next(Error error) {
        const std::lock_guard lock(mutex_);
        failure_ = std::move(error);
    }
    /// Also makes every probe fail, until it is called with nothing.
    void fail_probes(std::optional<Error> error) {
        const std::lock_guard lock(mutex_);
        probe_failure_ = std::move(error);
    }
    std::optional<Error> probe() {
        const std::lock_guard lock(mutex_);
        ++probes_;
        return probe_failure_;
    }
    int probes() {
        const std::lock_guard lock(mutex_);
        return probes_;
    }
    std::vector<std::size_t> batches() {
        const std::lock_guard lock(mutex_);
        return batches_;
    }

    std::optional<Error> pass(std::size_t batch) {
        std::unique_lock lock(mutex_);
        batches_.push_back(batch);
        waiting_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !shut_; });
        waiting_ = false;
        return std::exchange(failure_, std::nullopt);
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool shut_ = false;
    bool waiting_ = false;
    std::optional<Error> failure_;
    std::vector<std::size_t> batches_;
    std::optional<Error> probe_failure_;
    int probes_ = 0;
};

/// Blocks the readers of a `GateStorage` where they begin, or before they search.
class ReadGate {
  public:
    enum class Place : std::uint8_t { begin, search };

    void shut(Place place) {
        const std::lock_guard lock(mutex_);
        shut_ = place;
    }
    void open() {
        const std::lock_guard lock(mutex_);
        shut_.reset();
        changed_.notify_all();
    }
    /// Waits until this many readers have reached the closed gate.
    void wait_until_reached(int readers = 1) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ >= readers; });
    }
    /// How many snapshots have begun.
    int snapshots() {
        const std::lock_guard lock(mutex_);
        return snapshots_;
    }
    void pass(Place place) {
        std::unique_lock lock(mutex_);
        if (place == Place::begin) ++snapshots_;
        if (shut_ != place) return;
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [&] { return shut_ != place; });
        --waiting_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Place> shut_;
    int waiting_ = 0;
    int snapshots_ = 0;
};

class GateReader final : public test::ForwardingReader {
  public:
    GateReader(std::unique_ptr<Reader> inner, std::shared_ptr<ReadGate> gate)
        : ForwardingReader(std::move(inner)), gate_(std::move(gate)) {}

    Result<Done> begin() override {
        gate_->pass(ReadGate::Place::begin);
        return ForwardingReader::begin();
    }
    SearchReader& search() override {
        gate_->pass(ReadGate::Place::search);
        return ForwardingReader::search();
    }

  private:
    std::shared_ptr<ReadGate> gate_;
};

/// A storage whose commits and reads a test can block, and whose commits it can make fail.
class GateStorage final : public test::ForwardingStorage {
  public:
    GateStorage(std::unique_ptr<Storage> inner, std::shared_ptr<Gate> gate, std::shared_ptr<ReadGate> read_gate)
        : ForwardingStorage(std::move(inner)), gate_(std::move(gate)), read_gate_(std::move(read_gate)) {}

    std::vector<Result<Committed>> commit(std::span<const Mutation> batch) override {
        if (const auto failure = gate_->pass(batch.size())) {
            return std::vector<Result<Committed>>(batch.size(), Result<Committed>(*failure));
        }
        return ForwardingStorage::commit(batch);
    }
    Result<Done> probe() override {
        if (const auto failure = gate_->probe()) return *failure;
        return ForwardingStorage::probe();
    }
    Result<std::unique_ptr<Reader>> open_reader() override {
        auto reader = ForwardingStorage::open_reader();
        if (!reader) return reader;
        return std::unique_ptr<Reader>(std::make_unique<GateReader>(std::move(*reader), read_gate_));
    }

  private:
    std::shared_ptr<Gate> gate_;
    std::shared_ptr<ReadGate> read_gate_;
};

/// An engine with a fresh in-memory database, a workspace, alice, budi and the group "order_1".
struct Shop {
    explicit Shop(EngineOptions options = {}, bool rates = false) {
        auto storage = open_sqlite({.path = ":memory:"});
        options.storage = std::make_unique<GateStorage>(std::move(storage).value(), gate, read_gate);
        options.crypto = openssl_crypto();
        options.rates.enabled = rates;
        engine = Engine::open(std::move(options)).value();
        workspace = engine->run(Caller::host(), CreateWorkspace{.name = "Shop"}).value().id;
        backend().upsert("alice");
        backend().upsert("budi");
        CreateChannel create;
        create.external_id = "order_1";
        create.name = "Order #1";
        create.member_external_ids = {"alice", "budi"};
        channel = engine->run(Caller::backend(workspace), create).value().id;
    }

    struct Backend {
        Shop& shop;
        void upsert(const std::string& name) {
            UpsertUser command;
            command.external_id = name;
            command.name = name;
            (void)shop.engine->run(Caller::backend(shop.workspace), command).value();
        }
    };
    Backend backend() { return {*this}; }
    Caller alice() const { return Caller::user(workspace, "alice"); }

    static SendMessage message(std::string text) {
        SendMessage command;
        command.channel = "order_1";
        command.content = std::move(text);
        return command;
    }
    std::vector<std::string> history() {
        ListMessages list;
        list.channel = "order_1";
        list.limit = 100;
        const MessagePage page = engine->run(Caller::backend(workspace), list).value();
        std::vector<std::string> texts;
        for (const Message& each : page.messages) {
            texts.insert(texts.begin(), each.content);
        }
        return texts;
    }

    std::shared_ptr<Gate> gate = std::make_shared<Gate>();
    std::shared_ptr<ReadGate> read_gate = std::make_shared<ReadGate>();
    std::unique_ptr<Engine> engine;
    WorkspaceId workspace;
    ChannelId channel;
};

}  // namespace cariosan
