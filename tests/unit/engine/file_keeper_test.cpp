// Files of attachments are taken away with their messages, again if that fails, and what was never sent is asked about.
#include <doctest/doctest.h>

#include <cariosan/attachments.hpp>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/becomes_true.hpp"
#include "support/manual_clock.hpp"
#include "unit/engine/gate_storage.hpp"

using namespace cariosan;

namespace {

constexpr std::string_view kFiles = "https://files.example/";

/// Knows no files, but what was asked of it.
class AskedStore final : public AttachmentStore {
  public:
    Result<PresignedUpload> presign(const UploadRequest&) override { return Error(ErrorCode::unavailable, "not here"); }
    bool accepts(std::string_view url, WorkspaceId) override { return url.starts_with(kFiles); }
    Result<bool> remove(std::string_view url, FileNames& names) override {
        const auto named = names.is_named(url.substr(kFiles.size()));
        const std::lock_guard lock(mutex_);
        ++asked_[std::string(url)];
        Error error(ErrorCode::unavailable, "the disk is away");
        error.retryable = !final_;
        if (all_fail_ || failing_.contains(std::string(url))) return error;
        return named ? Result<bool>(!*named) : named;
    }
    Result<std::uint64_t> tidy(Timestamp now, FileNames&) override {
        const std::lock_guard lock(mutex_);
        last_tidy_ = now;
        return std::uint64_t{0};
    }

    int asked(const std::string& url) {
        const std::lock_guard lock(mutex_);
        return asked_[url];
    }
    void fail(std::set<std::string> urls) {
        const std::lock_guard lock(mutex_);
        failing_ = std::move(urls);
    }
    void fail_all(bool all) {
        const std::lock_guard lock(mutex_);
        all_fail_ = all;
    }
    void fail_for_good() {
        const std::lock_guard lock(mutex_);
        all_fail_ = final_ = true;
    }
    std::size_t asked_in_all() {
        const std::lock_guard lock(mutex_);
        std::size_t count = 0;
        for (const auto& [url, times] : asked_) count += static_cast<std::size_t>(times);
        return count;
    }
    Timestamp last_tidy() {
        const std::lock_guard lock(mutex_);
        return last_tidy_;
    }

  private:
    std::mutex mutex_;
    std::map<std::string, int> asked_;
    std::set<std::string> failing_;
    bool all_fail_ = false;
    bool final_ = false;
    Timestamp last_tidy_{};
};

std::string address_of(const std::string& name) {
    return std::string(kFiles) + "shop/2026/01/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/" + name;
}

Message send_file(Shop& shop, const std::string& name) {
    SendMessage send = Shop::message("");
    send.type = MessageType::file;
    send.attachment_url = address_of(name);
    return shop.engine->run(shop.alice(), send).value();
}

void unsend(Shop& shop, const Message& message) {
    DeleteMessage remove;
    remove.channel = message.channel_id.to_string();
    remove.message_id = message.id.to_string();
    (void)shop.engine->run(shop.alice(), remove).value();
}

}  // namespace

TEST_CASE("the file of an unsent message is taken away once, and the store hears of the time") {
    const auto store = std::make_shared<AskedStore>();
    const auto clock = std::make_shared<test::ManualClock>();
    EngineOptions options;
    options.attachments = store;
    options.clock = clock;
    Shop shop(std::move(options));
    const Message first = send_file(shop, "a.png");
    const Message second = send_file(shop, "a.png");
    unsend(shop, first);
    CHECK(test::becomes_true([&] { return store->asked(address_of("a.png")) == 1; }));
    unsend(shop, second);
    CHECK(test::becomes_true([&] { return shop.engine->metrics().files_removed == 1; }));
    CHECK(store->asked(address_of("a.png")) == 2);
    CHECK(test::becomes_true([&] { return store->last_tidy() == clock->now(); }));
    CHECK(shop.engine->close().ok());
    CHECK(store->asked(address_of("a.png")) == 2);
}

TEST_CASE("a file that cannot be taken away is tried again after half a minute, and holds up no other") {
    const auto store = std::make_shared<AskedStore>();
    const auto clock = std::make_shared<test::ManualClock>();
    store->fail({address_of("bad.png")});
    EngineOptions options;
    options.attachments = store;
    options.clock = clock;
    Shop shop(std::move(options));
    unsend(shop, send_file(shop, "bad.png"));
    unsend(shop, send_file(shop, "good.png"));
    CHECK(test::becomes_true([&] {
        clock->advance(std::chrono::seconds(30));
        return store->asked(address_of("good.png")) == 1 && store->asked(address_of("bad.png")) >= 2;
    }));
    CHECK(shop.engine->metrics().files_not_removed >= 2);
    store->fail({});
    CHECK(test::becomes_true([&] {
        clock->advance(std::chrono::seconds(30));
        return shop.engine->metrics().files_removed == 2;
    }));
    CHECK(store->asked(address_of("good.png")) == 1);
}

TEST_CASE("a store that is away is asked for five files, then again after longer and longer times") {
    const auto store = std::make_shared<AskedStore>();
    const auto clock = std::make_shared<test::ManualClock>();
    store->fail_all(true);
    EngineOptions options;
    options.attachments = store;
    options.clock = clock;
    Shop shop(std::move(options));
    std::vector<Message> sent;
    for (int i = 0; i < 8; ++i) sent.push_back(send_file(shop, "file" + std::to_string(i) + ".png"));
    for (const Message& message : sent) unsend(shop, message);
    // Those of the first walk may have been fewer: it begins with the first message that is gone.
    const auto walk_after = [&](std::chrono::seconds time) {
        const std::uint64_t before = shop.engine->metrics().files_not_removed;
        clock->advance(time - std::chrono::seconds(1));
        const Timestamp seen = clock->now();
        CHECK(test::becomes_true([&] { return store->last_tidy() == seen; }));
        CHECK(shop.engine->metrics().files_not_removed == before);
        clock->advance(std::chrono::seconds(1));
        CHECK(test::becomes_true([&] { return shop.engine->metrics().files_not_removed == before + 5; }));
    };
    CHECK(test::becomes_true([&] { return shop.engine->metrics().files_not_removed >= 1; }));
    clock->advance(std::chrono::seconds(30));
    CHECK(test::becomes_true([&] { return shop.engine->metrics().files_not_removed >= 6; }));
    for (const int seconds : {120, 600, 3'600, 21'600, 21'600}) walk_after(std::chrono::seconds(seconds));
    store->fail_all(false);
    clock->advance(std::chrono::hours(6));
    CHECK(test::becomes_true([&] { return shop.engine->metrics().files_removed == 8; }));
}

TEST_CASE("a file that a store will never give up is not asked for again") {
    const auto store = std::make_shared<AskedStore>();
    const auto clock = std::make_shared<test::ManualClock>();
    store->fail_for_good();
    EngineOptions options;
    options.attachments = store;
    options.clock = clock;
    Shop shop(std::move(options));
    unsend(shop, send_file(shop, "kept.png"));
    CHECK(test::becomes_true([&] { return shop.engine->metrics().files_not_removed == 1; }));
    store->fail_all(false);
    clock->advance(std::chrono::hours(7));
    const Timestamp seen = clock->now();
    CHECK(test::becomes_true([&] { return store->last_tidy() == seen; }));
    CHECK(shop.engine->close().ok());
    CHECK(store->asked_in_all() == 1);
}
