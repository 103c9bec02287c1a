// Files of attachments are taken away with their messages, again if that fails, and what was never sent is asked about.
#include <doctest/doctest.h>

#include <cariosan/attachments.hpp>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

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
        if (failing_.contains(std::string(url))) return Error(ErrorCode::unavailable, "the disk is away");
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
    Timestamp last_tidy() {
        const std::lock_guard lock(mutex_);
        return last_tidy_;
    }

  private:
    std::mutex mutex_;
    std::map<std::string, int> asked_;
    std::set<std::string> failing_;
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
