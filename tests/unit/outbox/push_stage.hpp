/// A push worker on a real storage, with a sender that answers when the test says so.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cariosan/adapters/sqlite.hpp>
#include <cariosan/delivery.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "outbox/push_worker.hpp"

namespace cariosan::test {

struct PushClock final : Clock {
    Timestamp wall{1'700'000'000'000};
    std::chrono::milliseconds passed{5000};

    Timestamp now() override { return wall; }
    std::chrono::milliseconds elapsed() override { return passed; }
    void advance(std::chrono::milliseconds time) {
        wall.milliseconds += time.count();
        passed += time;
    }
};

/// Keeps what is sent until it is answered.
class FakePushSender final : public PushSender {
  public:
    struct Sent {
        PushCall call;
        std::function<void(PushAnswer)> done;
    };

    void send(PushCall call, std::function<void(PushAnswer)> done) override {
        ++count;
        if (at_once) return done(*at_once);
        under_way.push_back({std::move(call), std::move(done)});
    }
    /// Answers everything in progress, including what is sent meanwhile.
    void answer_all(const PushAnswer& answer = {.outcome = PushOutcome::delivered}) {
        while (!under_way.empty()) answer_first(answer);
    }
    void answer_first(const PushAnswer& answer = {.outcome = PushOutcome::delivered}) {
        Sent sent = std::move(under_way.front());
        under_way.pop_front();
        sent.done(answer);
    }
    std::vector<std::string> tokens() const {
        std::vector<std::string> list;
        for (const Sent& sent : under_way) list.push_back(sent.call.device_token);
        std::ranges::sort(list);
        return list;
    }

    std::optional<PushAnswer> at_once;
    std::deque<Sent> under_way;
    std::size_t count = 0;
};

/// Runs the worker's requests when the test says so, one after the other.
class StagePorts final : public outbox::Ports {
  public:
    StagePorts(Storage& storage, PushClock& clock) : storage_(storage), clock_(clock) {
        reader_ = storage.open_reader().value();
    }
    void commit(Mutation mutation, std::function<void(Result<Committed>)> done) override {
        work_.push_back([this, mutation = std::move(mutation), done = std::move(done)] {
            const auto failure = std::exchange(fail_next, std::nullopt);
            done(failure ? Result<Committed>(*failure) : std::move(storage_.commit(std::span(&mutation, 1)).front()));
        });
    }
    void read(std::function<void(const Result<Reader*>&)> read) override {
        work_.push_back([this, read = std::move(read)] {
            REQUIRE(reader_->begin().ok());
            read(reader_.get());
            reader_->end();
        });
    }
    Clock& clock() override { return clock_; }
    std::chrono::milliseconds look_anyway() override { return std::chrono::seconds(30); }
    std::uint32_t random() override { return 1U << 31U; }
    void warn(std::string event, std::string) override { warnings.push_back(std::move(event)); }

    bool work_once() {
        if (work_.empty()) return false;
        const auto next = std::move(work_.front());
        work_.pop_front();
        next();
        return true;
    }

    std::optional<Error> fail_next;
    std::vector<std::string> warnings;

  private:
    Storage& storage_;
    PushClock& clock_;
    std::unique_ptr<Reader> reader_;
    std::deque<std::function<void()>> work_;
};

/// A group of users with one device each; the first is the author.
class PushStage {
  public:
    explicit PushStage(std::size_t users) {
        storage = open_sqlite({.path = ":memory:"}).value();
        commit(mutation::CreateWorkspace{.workspace = {.id = workspace, .name = "Shop"}, .api_key = "pk"});
        mutation::CreateChannel create{.workspace = workspace, .new_id = channel, .name = "Group", .metadata = "{}"};
        for (std::size_t i = 0; i < users; ++i) {
            const UserId id = make_id<UserId>();
            people.push_back(id);
            create.members.push_back(id);
            commit(mutation::UpsertUser{.workspace = workspace,
                                        .new_id = id,
                                        .external_id = "u" + std::to_string(i),
                                        .name = "User " + std::to_string(i),
                                        .metadata = "{}",
                                        .at = clock.wall});
            commit(mutation::RegisterDevice{.workspace = workspace, .user = id, .token = token(i), .at = clock.wall});
        }
        commit(std::move(create));
        start();
    }
    ~PushStage() {
        if (worker) worker->stop();
        settle();
    }

    static std::string token(std::size_t user) { return "token " + std::to_string(user); }

    /// Replaces the worker with another, without stopping it first.
    void start() {
        ports = std::make_unique<StagePorts>(*storage, clock);
        worker = std::make_shared<outbox::PushWorker>(*ports, sender, counters, make_id<UserId>().uuid, everyone);
        worker->expect();
    }
    MessageId message() {
        mutation::SendMessage send{.workspace = workspace, .channel = channel, .id = make_id<MessageId>(), .metadata = "{}"};
        send.author = people[0];
        send.content = "not for the service";
        send.at = clock.wall;
        send.push = true;
        commit(send);
        if (worker) worker->expect();
        return send.id;
    }
    /// Continues until the worker has no more requests.
    void settle() {
        if (worker) worker->tick();
        while (ports->work_once()) {
        }
    }
    void settle_after(std::chrono::milliseconds time) {
        clock.advance(time);
        settle();
    }
    PushBacklog backlog() {
        const auto reader = storage->open_reader().value();
        REQUIRE(reader->begin().ok());
        return reader->push().backlog().value();
    }
    Committed commit(Mutation mutation) { return storage->commit(std::span(&mutation, 1)).front().value(); }

    template <class IdType>
    IdType make_id() {
        IdType id;
        ++ids_;
        for (std::size_t i = 0; i < 4; ++i) id.uuid.bytes[15 - i] = static_cast<std::uint8_t>(ids_ >> (8 * i));
        id.uuid.bytes[6] = 0x70;
        id.uuid.bytes[8] = 0x80;
        return id;
    }

  private:
    std::uint32_t ids_ = 0;

  public:
    PushClock clock;
    WorkspaceId workspace = make_id<WorkspaceId>();
    ChannelId channel = make_id<ChannelId>();
    std::vector<UserId> people;
    std::int64_t everyone = 10'000;
    std::unique_ptr<Storage> storage;
    FakePushSender sender;
    outbox::PushCounters counters;
    std::unique_ptr<StagePorts> ports;
    std::shared_ptr<outbox::PushWorker> worker;
};

}  // namespace cariosan::test
