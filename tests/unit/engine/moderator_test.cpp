// The host's own moderator: its verdicts, the order behind it, deadlines, bounds, and closing meanwhile.
#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <thread>

#include "support/manual_clock.hpp"
#include "unit/engine/gate_storage.hpp"

using namespace cariosan;
using namespace std::chrono_literals;

namespace {

using Kind = ModerationVerdict::Kind;
using PendingSend = std::future<Result<Message>>;

/// Keeps its questions until the test answers them.
class SlowModerator final : public Moderator {
  public:
    struct Question {
        ModerationDraft draft;
        std::function<void(ModerationVerdict)> done;
    };

    void judge(ModerationDraft draft, std::function<void(ModerationVerdict)> done) override {
        const std::lock_guard lock(mutex_);
        questions_.push_back({std::move(draft), std::move(done)});
        changed_.notify_all();
    }
    /// Waits for the question about this text and returns it.
    Question asked(const std::string& text) {
        std::unique_lock lock(mutex_);
        const auto about = [&](const Question& question) { return question.draft.text == text; };
        changed_.wait(lock, [&] { return std::ranges::any_of(questions_, about); });
        return *std::ranges::find_if(questions_, about);
    }
    void answer(const std::string& text, ModerationVerdict verdict = {}) { asked(text).done(std::move(verdict)); }
    std::size_t count() {
        const std::lock_guard lock(mutex_);
        return questions_.size();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Question> questions_;
};

/// A shop whose moderator and clock belong to the test.
struct ModeratedShop {
    explicit ModeratedShop(EngineOptions options = {}) {
        options.moderator = moderator;
        options.clock = clock;
        shop = std::make_unique<Shop>(std::move(options));
        CreateChannel other;
        other.external_id = "order_2";
        other.member_external_ids = {"alice", "budi"};
        REQUIRE(shop->engine->run(backend(), other).ok());
    }

    Caller backend() const { return Caller::backend(shop->workspace); }
    Caller as(const std::string& user) const { return Caller::user(shop->workspace, user); }

    template <class C>
    std::future<Result<typename C::Answer>> submit(const Caller& caller, C command) {
        using Outcome = Result<typename C::Answer>;
        auto promise = std::make_shared<std::promise<Outcome>>();
        auto future = promise->get_future();
        shop->engine->submit<C>(caller, std::move(command),
                                [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
        return future;
    }
    PendingSend say(const std::string& user, std::string text, const std::string& channel = "order_1") {
        SendMessage command;
        command.channel = channel;
        command.content = std::move(text);
        return submit(as(user), command);
    }
    PendingSend edit(const Message& message, std::string text) {
        return submit(as("alice"),
                      EditMessage{.channel = "order_1", .message_id = message.id.to_string(), .content = std::move(text)});
    }
    std::vector<ModerationRecord> log() {
        return shop->engine->run(backend(), ListModerationActions{}).value().items;
    }

    std::shared_ptr<SlowModerator> moderator = std::make_shared<SlowModerator>();
    std::shared_ptr<test::ManualClock> clock = std::make_shared<test::ManualClock>();
    std::unique_ptr<Shop> shop;
};

bool is_waiting(const PendingSend& answer) { return answer.wait_for(0s) == std::future_status::timeout; }

ErrorCode code_of(PendingSend& answer) {
    const auto result = answer.get();
    REQUIRE_FALSE(result.ok());
    return result.error().code;
}

std::string text_detail(const Error& error, std::string_view name) {
    const ErrorDetail* detail = error.detail(name);
    return detail != nullptr ? std::get<std::string>(detail->value) : "";
}

}  // namespace

TEST_CASE("a moderator allows, changes, flags and refuses") {
    ModeratedShop world;
    auto allowed = world.say("alice", "one");
    auto changed = world.say("alice", "two");
    auto flagged = world.say("alice", "three");
    auto refused = world.say("alice", "four");
    const ModerationDraft draft = world.moderator->asked("one").draft;
    CHECK(draft.workspace == world.shop->workspace);
    CHECK(draft.channel == world.shop->channel);
    CHECK_FALSE(draft.user.is_nil());
    CHECK_FALSE(draft.edited);
    world.moderator->answer("one");
    world.moderator->answer("two", {.kind = Kind::change, .text = "deux"});
    world.moderator->answer("three", {.kind = Kind::flag, .reason = "odd"});
    world.moderator->answer("four", {.kind = Kind::refuse, .reason = "rude"});
    CHECK(allowed.get().value().content == "one");
    CHECK(changed.get().value().content == "deux");
    const Message kept = flagged.get().value();
    CHECK(kept.content == "three");
    const auto answer = refused.get();
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code == ErrorCode::message_rejected);
    CHECK(text_detail(answer.error(), "rule") == "moderator");
    CHECK(text_detail(answer.error(), "reason") == "rude");
    CHECK(world.shop->history() == std::vector<std::string>{"one", "deux", "three"});
    const auto log = world.log();
    REQUIRE(log.size() == 2);
    CHECK(log[0].rule == ModerationRule::moderator);
    CHECK(log[0].action == ModerationAction::reject);
    CHECK(log[0].excerpt == "rude");
    CHECK_FALSE(log[0].message_id);
    CHECK(log[1].action == ModerationAction::flag);
    CHECK(log[1].excerpt == "odd");
    CHECK(log[1].message_id == kept.id);
}

TEST_CASE("a moderator is asked about edits, after the workspace's rules, and not about texts they refused") {
    ModeratedShop world;
    ModerationPatch patch{.enabled = true, .blocklist = {{"rahasia"}}};
    REQUIRE(world.shop->engine->run(world.backend(), UpdateWorkspace{.moderation = patch}).ok());
    auto sent = world.say("alice", "ini rahasia");
    world.moderator->answer("ini ***");
    const Message message = sent.get().value();
    CHECK(message.content == "ini ***");
    auto edited = world.edit(message, "lebih baik");
    CHECK(world.moderator->asked("lebih baik").draft.edited == message.id);
    world.moderator->answer("lebih baik", {.kind = Kind::change, .text = "paling baik"});
    CHECK(edited.get().value().content == "paling baik");
    auto refused = world.edit(message, "buruk");
    world.moderator->answer("buruk", {.kind = Kind::refuse});
    CHECK(code_of(refused) == ErrorCode::message_rejected);
    // If the message already has this text, the verdict does not matter.
    auto same = world.edit(message, "paling baik");
    world.moderator->answer("paling baik", {.kind = Kind::refuse});
    CHECK(same.get().value().content == "paling baik");
    CHECK(world.log().size() == 2);

    patch.profanity.rule.action = ModerationAction::reject;
    REQUIRE(world.shop->engine->run(world.backend(), UpdateWorkspace{.moderation = patch}).ok());
    const std::size_t questions = world.moderator->count();
    auto ruled_out = world.say("alice", "rahasia");
    CHECK(code_of(ruled_out) == ErrorCode::message_rejected);
    SendMessage trusted = Shop::message("rahasia");
    trusted.user = "alice";
    CHECK(world.shop->engine->run(world.backend(), trusted).ok());
    CHECK(world.moderator->count() == questions);
}

TEST_CASE("a changed text that could not be sent is refused, and an invalid reason is dropped") {
    EngineOptions options;
    options.limits.message_bytes = 10;
    ModeratedShop world(std::move(options));
    int number = 0;
    for (const std::string& text : {std::string(), std::string("\xFF"), std::string(1, '\0'), std::string(11, 'x')}) {
        const std::string said = std::to_string(++number);
        auto sent = world.say("alice", said);
        world.moderator->answer(said, {.kind = Kind::change, .text = text});
        CHECK(code_of(sent) == ErrorCode::message_rejected);
    }
    auto sent = world.say("alice", "x");
    world.moderator->answer("x", {.kind = Kind::refuse, .reason = "\xFF"});
    const auto answer = sent.get();
    CHECK(answer.error().detail("reason") == nullptr);
    auto long_reason = world.say("alice", "y");
    world.moderator->answer("y", {.kind = Kind::flag, .reason = std::string(1000, 'r')});
    CHECK(long_reason.get().ok());
    CHECK(world.log()[0].excerpt == std::string(200, 'r'));
    CHECK(world.shop->history() == std::vector<std::string>{"y"});
}

TEST_CASE("a user's messages behind a waiting text stay in order, and everything else passes") {
    ModeratedShop world;
    SendMessage trusted = Shop::message("trusted");
    trusted.user = "budi";
    CHECK(world.shop->engine->run(world.backend(), trusted).value().seq == 1);
    auto first = world.say("alice", "1");
    world.moderator->asked("1");
    auto second = world.say("alice", "2");
    auto read = world.submit(world.as("alice"), MarkRead{.channel = "order_1"});
    auto third = world.say("alice", "3");
    world.moderator->answer("3");
    world.moderator->answer("2");
    // Others, other channels and the backend do not wait.
    auto elsewhere = world.say("alice", "elsewhere", "order_2");
    world.moderator->answer("elsewhere");
    CHECK(elsewhere.get().ok());
    auto other = world.say("budi", "other");
    world.moderator->answer("other");
    CHECK(other.get().value().seq == 2);
    trusted.user = "alice";
    CHECK(world.shop->engine->run(world.backend(), trusted).value().seq == 3);
    CHECK(is_waiting(first));
    CHECK(is_waiting(second));
    CHECK(is_waiting(third));
    CHECK(read.wait_for(0s) == std::future_status::timeout);
    world.moderator->answer("1");
    CHECK(first.get().value().seq == 4);
    CHECK(second.get().value().seq == 5);
    CHECK(third.get().value().seq == 6);
    // It is read after the send before it, and before the one after it.
    CHECK(read.get().value().receipt.last_read_seq == 5);
}

TEST_CASE("what the commit checks is checked after the verdict") {
    ModeratedShop world;
    auto sent = world.say("alice", "x");
    world.moderator->asked("x");
    REQUIRE(world.shop->engine->run(world.backend(), SilenceUser{.user = "alice"}).ok());
    world.moderator->answer("x");
    CHECK(code_of(sent) == ErrorCode::muted);
    auto refused = world.say("budi", "y");
    world.moderator->asked("y");
    REQUIRE(world.shop->engine->run(world.backend(), RemoveMember{.channel = "order_1", .user = "budi"}).ok());
    world.moderator->answer("y", {.kind = Kind::refuse});
    CHECK(code_of(refused) == ErrorCode::not_a_member);
    auto gone = world.say("budi", "z", "order_2");
    world.moderator->asked("z");
    REQUIRE(world.shop->engine->run(world.backend(), DeleteChannel{.channel = "order_2"}).ok());
    world.moderator->answer("z");
    CHECK(code_of(gone) == ErrorCode::not_found);
    CHECK(world.log().empty());
}

TEST_CASE("without a verdict by the deadline the text is allowed, and a late verdict is ignored") {
    ModeratedShop world;
    auto sent = world.say("alice", "late");
    const auto question = world.moderator->asked("late");
    auto behind = world.say("alice", "behind");
    world.moderator->answer("behind");
    world.clock->advance(1999ms);
    auto other = world.say("budi", "other");
    world.moderator->answer("other");
    CHECK(other.get().ok());
    CHECK(is_waiting(sent));
    world.clock->advance(1ms);
    CHECK(sent.get().value().content == "late");
    CHECK(behind.get().ok());
    question.done({.kind = Kind::refuse});
    auto next = world.say("alice", "next");
    world.moderator->answer("next");
    CHECK(next.get().ok());
    CHECK(world.shop->history() == std::vector<std::string>{"other", "late", "behind", "next"});
}

TEST_CASE("without a verdict by the deadline the text is refused for now, if the host prefers that") {
    EngineOptions options;
    options.moderator_late = LateVerdict::refuse;
    options.moderator_deadline = 500ms;
    ModeratedShop world(std::move(options));
    auto sent = world.say("alice", "late");
    const auto question = world.moderator->asked("late");
    auto behind = world.say("alice", "behind");
    world.moderator->answer("behind");
    world.clock->advance(500ms);
    const auto answer = sent.get();
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code == ErrorCode::unavailable);
    CHECK(answer.error().retryable);
    CHECK(behind.get().ok());
    question.done({});
    CHECK(world.shop->history() == std::vector<std::string>{"behind"});
    CHECK(world.log().empty());
}

TEST_CASE("only the first of several verdicts counts") {
    ModeratedShop world;
    auto sent = world.say("alice", "x");
    const auto question = world.moderator->asked("x");
    question.done({.kind = Kind::change, .text = "first"});
    question.done({.kind = Kind::refuse});
    CHECK(sent.get().value().content == "first");
    question.done({.kind = Kind::change, .text = "third"});
    CHECK(world.shop->history() == std::vector<std::string>{"first"});
}

TEST_CASE("verdicts may be given inside the question and on many threads") {
    struct Prompt final : Moderator {
        void judge(ModerationDraft draft, std::function<void(ModerationVerdict)> done) override {
            if (draft.text.starts_with("now")) return done({.kind = Kind::change, .text = draft.text + "!"});
            const std::lock_guard lock(mutex);
            threads.emplace_back([done] { done({}); });
        }
        std::mutex mutex;
        std::vector<std::thread> threads;
    };
    const auto moderator = std::make_shared<Prompt>();
    {
        EngineOptions options;
        options.moderator = moderator;
        Shop shop(std::move(options));
        CHECK(shop.engine->run(shop.alice(), Shop::message("now")).value().content == "now!");
        std::vector<std::promise<std::int64_t>> seqs(40);
        for (std::size_t i = 0; i < seqs.size(); ++i) {
            shop.engine->submit(shop.alice(), Shop::message(i % 3 == 0 ? "now" : "later"),
                                [&seqs, i](Result<Message> sent) { seqs[i].set_value(sent.value().seq); });
        }
        for (std::size_t i = 0; i < seqs.size(); ++i) CHECK(seqs[i].get_future().get() == static_cast<std::int64_t>(i) + 2);
    }
    for (std::thread& thread : moderator->threads) thread.join();
}

TEST_CASE("too many waiting texts are refused for now, and so is a queue behind one that grows too long") {
    EngineOptions options;
    options.max_moderator_drafts = 2;
    ModeratedShop world(std::move(options));
    auto first = world.say("alice", "1");
    auto second = world.say("budi", "2");
    world.moderator->asked("1");
    world.moderator->asked("2");
    const auto third = world.say("alice", "3", "order_2").get();
    REQUIRE_FALSE(third.ok());
    CHECK(third.error().code == ErrorCode::unavailable);
    CHECK(third.error().message == "too many texts wait to be judged: at most 2");
    CHECK(third.error().retryable);
    CHECK(third.error().detail("retry_after_ms") != nullptr);
    const UpdateMyChannel mute{.channel = "order_1", .muted = true};
    std::vector<std::future<Result<UpdateMyChannel::Answer>>> behind;
    for (int i = 0; i < 64; ++i) behind.push_back(world.submit(world.as("alice"), mute));
    const auto over = world.submit(world.as("alice"), mute).get();
    REQUIRE_FALSE(over.ok());
    CHECK(over.error().code == ErrorCode::unavailable);
    CHECK(over.error().message == "too many writes wait behind a text of the same user that is being judged: at most 64");
    world.moderator->answer("1");
    world.moderator->answer("2");
    CHECK(first.get().ok());
    CHECK(second.get().ok());
    for (auto& each : behind) CHECK(each.get().ok());
    auto again = world.say("alice", "again", "order_2");
    world.moderator->answer("again");
    CHECK(again.get().ok());
}

TEST_CASE("closing answers what waits, and a later verdict does nothing") {
    ModeratedShop world;
    auto sent = world.say("alice", "x");
    auto behind = world.say("alice", "y");
    const auto question = world.moderator->asked("x");
    world.moderator->asked("y");
    CHECK(world.shop->engine->close(0ms).ok());
    CHECK(code_of(sent) == ErrorCode::unavailable);
    CHECK(code_of(behind) == ErrorCode::unavailable);
    question.done({});
    world.shop.reset();
    question.done({.kind = Kind::refuse, .reason = "too late"});
}

TEST_CASE("while an engine closes, verdicts still count") {
    ModeratedShop world;
    auto sent = world.say("alice", "x");
    const auto question = world.moderator->asked("x");
    std::thread closing([&] { CHECK(world.shop->engine->close(1min).ok()); });
    // New work is refused as soon as it closes.
    while (world.submit(world.as("budi"), GetMe{}).get().ok()) std::this_thread::yield();
    question.done({.kind = Kind::change, .text = "judged"});
    closing.join();
    CHECK(sent.get().value().content == "judged");
}

TEST_CASE("a host that polls is asked inside its poll") {
    struct Inside final : Moderator {
        void judge(ModerationDraft, std::function<void(ModerationVerdict)> done) override {
            thread = std::this_thread::get_id();
            done({});
        }
        std::thread::id thread;
    };
    const auto moderator = std::make_shared<Inside>();
    EngineOptions options;
    options.moderator = moderator;
    options.callbacks_by_poll = true;
    Shop shop(std::move(options));
    bool sent = false;
    shop.engine->submit(shop.alice(), Shop::message("x"), [&](Result<Message> message) { sent = message.ok(); });
    while (!sent) REQUIRE(shop.engine->poll().ok());
    CHECK(moderator->thread == std::this_thread::get_id());
}
