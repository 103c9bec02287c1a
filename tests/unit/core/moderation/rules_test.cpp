#include <doctest/doctest.h>

#include <cariosan/adapters/memory.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "core/moderation/contacts/links.hpp"
#include "core/moderation/contacts/phones.hpp"
#include "support/manual_clock.hpp"
#include "unit/core/moderation/moderation_stage.hpp"

namespace cariosan::test {
namespace {

using namespace core::moderation;
using std::chrono::milliseconds;
using std::chrono::seconds;

Rules link_rules() {
    Rules rules;
    rules.enabled = rules.link.enabled = true;
    rules.profanity.enabled = false;
    rules.link.action = Action::mask;
    return rules;
}

Rules phone_rules() {
    Rules rules;
    rules.enabled = rules.phone.enabled = true;
    rules.profanity.enabled = false;
    return rules;
}

UserId user(std::uint8_t number) {
    UserId out;
    out.uuid.bytes[0] = number;
    return out;
}

}  // namespace

TEST_CASE("links: schemes, www and bare domains under a real top-level domain") {
    const Rules rules = link_rules();
    CHECK(moderated("lihat https://example.com/a?b=c#d.", rules) == "lihat ***.");
    CHECK(moderated("(http://localhost:8080/x)", rules) == "(***)");
    CHECK(moderated("ftp://files.example, www.tokosaya", rules) == "***, ***");
    CHECK(moderated("cek contoh.co.id/promo ya", rules) == "cek *** ya");
    CHECK(moderated("EXAMPLE.COM, bit.ly/3xY dan t.me/grup", rules) == "***, *** dan ***");
    CHECK(moderated("ｅｘａｍｐｌｅ．ｃｏｍ", rules) == "***");
    CHECK(moderated("exam\u200Bple.com", rules) == "***");
    CHECK(moderated("https://user@evil.example/", rules) == "***");
    CHECK(moderated("https://пример.рф пример.рф", rules) == "*** ***");
    for (const std::string text :
         {"file.txt", "e.g. this", "i.e.", "v1.2.3", "jam 9 a.m.", "dst.dll", "readme.md", "foto.zip", "Rp5.000",
          "1.5", "192.168.100.234", "sudah.ke pasar", "ok.done", "halo...id", "a@example.com", "S.Kom", "dr. budi",
          "oke.di rumah", "://", "http://", "x://y", ".com", "com", "lalu.", "yes.it.is"}) {
        CAPTURE(text);
        CHECK(moderated(text, rules) == text);
    }
}

TEST_CASE("domains on the allow-list are no links, but lookalikes are") {
    Rules rules = link_rules();
    rules.allowlist = {"example.com"};
    CHECK(moderated("example.com/a https://www.example.com", rules) == "example.com/a https://www.example.com");
    CHECK(moderated("badexample.com", rules) == "***");
    CHECK(moderated("https://example.com@evil.example/", rules) == "***");
}

TEST_CASE("telephone numbers in every common notation") {
    const Rules rules = phone_rules();
    for (const std::string text :
         {"081234567890", "0812-3456-7890", "0812 3456 7890", "0812.3456.7890", "+6281234567890", "+62 812-3456-7890",
          "6281234567890", "+62 (0) 812 3456 7890", "006281234567890", "008 62 812 3456 7890",
          "0 8 1 2 3 4 5 6 7 8 9 0", "0-8-1-2-3-4-5-6-7-8-9-0", "０８１２３４５６７８９０", "٠٨١٢٣٤٥٦٧٨٩٠",
          "0️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣0", "nol delapan satu dua tiga empat lima enam tujuh delapan",
          "nol delapan dua belas tiga empat lima enam tujuh delapan", "zero eight one two three four five six seven eight",
          "o8l234567890", "0812*3456*7890", "021-5551234", "021 5551234", "+62 21 5551234", "0800 1234567",
          "+65 9123 4567"}) {
        CAPTURE(text);
        CHECK(moderated(text, rules) == "***");
    }
    CHECK(moderated("wa 08123456789 2 buah", rules) == "wa *** 2 buah");
    CHECK(moderated("hub:081234567890(WA)", rules) == "hub:***(WA)");
    CHECK(moderated("wa081234567890ya", rules) == "wa***ya");
    CHECK(moderated("wa 81234567890", rules) == "wa ***");
    CHECK(moderated("(021) 5551234 atau (0914) 555123", rules) == "*** atau ***");
    CHECK(moderated("https://wa.me/6281234567890", rules) == "https://wa.me/***");
}

TEST_CASE("prices, orders, dates and other numbers are not telephone numbers") {
    const Rules rules = phone_rules();
    for (const std::string text :
         {"Rp 1.250.000", "Rp 62.812.345.678", "62.812.345.678", "order #081234567890", "resi 081234567890",
          "rek BCA 0812345678", "08-12-2024 10:30", "08/12/2024 1030", "2024-05-24 08:12:34", "1716508800123",
          "NIK 3174012345678901", "4111 1111 1111 1111", "192.168.100.234", "-6.200000, 106.816666", "1234567890",
          "satu dua tiga empat lima enam tujuh delapan sembilan nol", "SHA 0812345678abcdef0812345678abcdef",
          "https://example.com/item/081234567890", "jam 08 12", "0812", "081234567890123456"}) {
        CAPTURE(text);
        CHECK(moderated(text, rules) == text);
    }
}

TEST_CASE("the defaults are those of the protocol") {
    const Rules rules;
    CHECK_FALSE(rules.enabled);
    CHECK(rules.profanity == ProfanityRule{true, Action::mask, Severity::strong});
    CHECK(rules.link == LinkRule{false, Action::flag});
    CHECK(rules.phone == PhoneRule{false, Action::mask});
    CHECK(rules.flood == FloodRule{true, Action::reject, 3, 30});
    CHECK(rules.auto_mute_seconds == 600);
    CHECK(to_string(Action::auto_mute) == "auto_mute");
    CHECK(to_string(Rule::blocklist) == "blocklist");
    CHECK(to_string(Severity::extreme) == "extreme");
    CHECK_FALSE(moderate("fuck", compile(rules)).action);
}

TEST_CASE("the most severe action wins, and of equal ones the first rule") {
    Rules rules = profanity_rules();
    rules.link = {true, Action::flag};
    rules.phone = {true, Action::mask};
    rules.blocklist = {"promo"};
    const std::string text = "promo fuck example.com 081234567890";

    Verdict verdict = moderate(text, compile(rules));
    CHECK(verdict.action == Action::mask);
    CHECK(verdict.rule == Rule::profanity);
    CHECK(verdict.content == "*** *** example.com ***");
    CHECK_FALSE(verdict.refused());
    REQUIRE(verdict.matches.size() == 4);
    CHECK(verdict.matches[0].rule == Rule::blocklist);
    CHECK(verdict.matches[2].action == Action::flag);
    for (const Match& match : verdict.matches) CHECK(match.excerpt == "*** *** *** ***");

    rules.link.action = Action::reject;
    verdict = moderate(text, compile(rules));
    CHECK(verdict.action == Action::reject);
    CHECK(verdict.rule == Rule::link);
    CHECK(verdict.refused());
    CHECK_FALSE(verdict.silences());
    CHECK(verdict.content.empty());

    rules.phone.action = rules.profanity.action = Action::auto_mute;
    rules.profanity.enabled = false;
    verdict = moderate(text, compile(rules));
    CHECK(verdict.rule == Rule::blocklist);
    CHECK(verdict.silences());

    rules.blocklist.clear();
    verdict = moderate("081234567890 example.com", compile(rules));
    CHECK(verdict.rule == Rule::phone);
}

TEST_CASE("a flag delivers the text unchanged") {
    Rules rules = profanity_rules();
    rules.profanity.action = Action::flag;
    const Verdict verdict = moderate("fuck this", compile(rules));
    CHECK(verdict.action == Action::flag);
    CHECK(verdict.content == "fuck this");
    CHECK(verdict.matches.size() == 1);
}

TEST_CASE("a message has a limited number of records, and is masked completely") {
    std::string text;
    std::string masked;
    for (int i = 0; i < 100; ++i) {
        text += "fuck ";
        masked += "*** ";
    }
    const Verdict verdict = moderate(text, compile(profanity_rules()));
    CHECK(verdict.content == masked);
    CHECK(verdict.matches.size() == kMostMatches);
}

TEST_CASE("blocklist: words and phrases of any script, folded like the listed ones") {
    Rules rules = profanity_rules();
    rules.profanity.enabled = false;
    rules.blocklist = {"slot gacor", "w88", "订单", "Mekar", "  ", ""};
    CHECK(moderated("main SLOT  gac0r di W88", rules) == "main *** di ***");
    CHECK(moderated("m e k a r bemekar", rules) == "*** bemekar");
    CHECK(moderated("我的订单在哪里", rules) == "我的***在哪里");
    CHECK(moderated("fuck 88 w8", rules) == "fuck 88 w8");
}

TEST_CASE("the allow-list wins") {
    Rules rules = profanity_rules();
    rules.allowlist = {"anjing", "fuck yeah", "promo"};
    rules.blocklist = {"oi!"};
    CHECK(moderated("oi! oi", rules) == "*** oi");
    rules.blocklist = {"promo"};
    CHECK(moderated("anjing ANJING2 promo", rules) == "anjing ANJING2 promo");
    CHECK(moderated("fuck yeah, fuck", rules) == "fuck yeah, ***");
}

TEST_CASE("moderating a moderated text changes nothing") {
    Rules rules = profanity_rules();
    rules.link = {true, Action::mask};
    rules.phone = {true, Action::mask};
    for (const std::string text : {"dasar anjing2an f u c k", "**fuck** #asu", "wa 0812 3456 7890 / example.com/x",
                                   "asu asu asu", "kontol!!! tai???", "fuck\u0301\u0301 sh*t f***ing"}) {
        const std::string once = moderated(text, rules);
        CAPTURE(once);
        CHECK(once != text);
        CHECK(moderated(once, rules) == once);
    }
}

TEST_CASE("flood: a limited number of equal texts by one user in one channel pass within the window") {
    MemoryFloodCounter counter;
    Rules rules;
    rules.enabled = true;
    const auto compiled = compile(rules);
    FloodSend sends = 0;
    const auto passes = [&](std::string_view text, std::uint8_t who, seconds now) {
        const FloodAttempt attempt{counter, user(who), ChannelId{}, ++sends, now};
        const Verdict verdict = moderate(text, compiled, &attempt);
        if (verdict.action) CHECK(verdict.rule == Rule::flood);
        if (verdict.flood) verdict.flood->keep();
        return !verdict.refused();
    };
    CHECK(passes("Promo  murah", 1, seconds(100)));
    CHECK(passes("promo murah", 1, seconds(101)));
    CHECK(passes("PROMO\nmurah", 1, seconds(102)));
    CHECK_FALSE(passes("promo murah", 1, seconds(103)));
    CHECK(passes("promo murah", 2, seconds(103)));
    CHECK(passes("promo 1", 1, seconds(103)));
    CHECK(passes("promo 2", 1, seconds(103)));
    CHECK_FALSE(passes("promo murah", 1, seconds(129)));
    CHECK(passes("promo murah", 1, seconds(130)));
    CHECK_FALSE(passes("promo murah", 1, seconds(130)));
    for (int i = 0; i < 5; ++i) CHECK(passes("", 1, seconds(140)));
    // Edits do not count.
    CHECK_FALSE(moderate("promo murah", compiled).action);
}

TEST_CASE("flood: texts refused by another rule do not count") {
    MemoryFloodCounter counter;
    Rules rules = profanity_rules();
    rules.profanity.action = Action::reject;
    const auto compiled = compile(rules);
    const FloodAttempt attempt{counter, user(1), ChannelId{}, 1, seconds(1)};
    CHECK_FALSE(moderate("anjing", compiled, &attempt).flood);
    CHECK(counter.size() == 0);
}

TEST_CASE("flood: only stored texts keep their place, and a burst cannot pass before they are stored") {
    MemoryFloodCounter counter;
    const FloodKey key{user(1), ChannelId{}, 7};
    const FloodLimit limit{2, seconds(30)};
    const auto place = [&](FloodSend send) {
        return counter.take(key, limit, send, seconds(1)) ? std::make_unique<FloodPlace>(counter, key, send) : nullptr;
    };
    for (FloodSend send = 1; send <= 9; ++send) CHECK(place(send));  // each fails
    CHECK(counter.size() == 0);
    auto first = place(10);
    auto second = place(11);
    CHECK_FALSE(place(12));
    first->keep();
    first.reset();
    CHECK_FALSE(place(12));
    second.reset();
    CHECK(place(12));
}

TEST_CASE("flood: retries of one send share its place, in whatever order they end") {
    MemoryFloodCounter counter;
    const FloodKey key{user(1), ChannelId{}, 7};
    const FloodLimit limit{1, seconds(30)};
    const auto take = [&](FloodSend send) { return counter.take(key, limit, send, seconds(1)); };
    CHECK(take(1));
    CHECK(take(1));
    CHECK(take(1));
    CHECK_FALSE(take(2));
    counter.settle(key, 1, false);
    counter.settle(key, 1, true);
    counter.settle(key, 1, false);
    CHECK_FALSE(take(2));
    CHECK(take(1));
    counter.settle(key, 1, false);
    CHECK_FALSE(take(2));
}

TEST_CASE("flood: nodes that share counts let a text pass as often as the rule says, plus one extra on each other node") {
    const auto cluster = memory_cluster(std::make_shared<cariosan::test::ManualClock>());
    const auto here = cluster->coordination();
    const auto there = cluster->coordination();
    int due = 0;
    MemoryFloodCounter first(1000, [&] { ++due; });
    MemoryFloodCounter second(1000, [&] { ++due; });
    const FloodKey key{.user = {}, .channel = {}, .text = 7};
    const auto exchange = [](MemoryFloodCounter& counter, Coordination& coordination, milliseconds now) {
        const FloodReport report = counter.report(now);
        counter.learn(report, coordination.mark(report.marks), now);
    };
    const auto say = [&](MemoryFloodCounter& counter, Coordination& coordination, FloodSend send, milliseconds now) {
        const bool passes = counter.take(key, {.max_repeats = 3, .window = milliseconds(30'000)}, send, now);
        if (passes) counter.settle(key, send, true);
        exchange(counter, coordination, now);
        return passes;
    };
    const milliseconds now(1000);
    CHECK(say(first, *here, 1, now));
    CHECK(say(first, *here, 2, now));
    CHECK(due == 2);
    CHECK(say(second, *there, 3, now));
    CHECK_FALSE(say(second, *there, 4, now));
    CHECK(say(first, *here, 5, now));  // it does not know of 3 yet
    CHECK_FALSE(say(first, *here, 6, now));
    // A retry on another node shares its place.
    CHECK(say(second, *there, 1, now));
    CHECK_FALSE(say(second, *there, 4, now + milliseconds(29'999)));
    CHECK(say(second, *there, 4, now + milliseconds(30'000)));
    // A text that was not stored is not reported.
    const FloodKey other{.user = {}, .channel = {}, .text = 8};
    CHECK(first.take(other, {}, 1, now));
    first.settle(other, 1, false);
    CHECK(first.report(now).keys.empty());
}

TEST_CASE("flood: a send that was retried on another node before a report counts once") {
    const auto cluster = memory_cluster(std::make_shared<cariosan::test::ManualClock>());
    const auto here = cluster->coordination();
    const auto there = cluster->coordination();
    MemoryFloodCounter first(1000, [] {});
    MemoryFloodCounter second(1000, [] {});
    const FloodKey key{.user = {}, .channel = {}, .text = 7};
    const milliseconds now(1000);
    const auto take = [&](MemoryFloodCounter& counter, FloodSend send) {
        const bool passes = counter.take(key, {.max_repeats = 2, .window = milliseconds(30'000)}, send, now);
        if (passes) counter.settle(key, send, true);
        return passes;
    };
    CHECK(take(first, 1));
    CHECK(take(second, 1));
    (void)here->mark(first.report(now).marks);
    const FloodReport report = second.report(now);
    second.learn(report, there->mark(report.marks), now);
    CHECK(take(second, 2));
    CHECK_FALSE(take(second, 3));
}

TEST_CASE("flood: a node keeps a bounded number of unreported texts") {
    constexpr std::uint64_t kTexts = MemoryFloodCounter::kMostReported + 100;
    std::size_t due = 0;
    MemoryFloodCounter counter(2 * kTexts, [&] { ++due; });
    for (std::uint64_t text = 0; text < kTexts; ++text) {
        const FloodKey key{.user = {}, .channel = {}, .text = text};
        REQUIRE(counter.take(key, {}, text, milliseconds(1000)));
        counter.settle(key, text, true);
    }
    CHECK(due == MemoryFloodCounter::kMostReported);
    CHECK(counter.report(milliseconds(1000)).keys.size() == MemoryFloodCounter::kMostReported);
    CHECK(counter.report(milliseconds(1000)).keys.empty());
}

TEST_CASE("flood counters keep a bounded number of keys and forget expired ones") {
    MemoryFloodCounter counter(100);
    FloodSend sends = 0;
    const auto pass = [&](const FloodKey& key, const FloodLimit& limit, seconds now) {
        if (!counter.take(key, limit, ++sends, now)) return false;
        counter.settle(key, sends, true);
        return true;
    };
    const FloodLimit limit{1, seconds(30)};
    for (std::uint64_t i = 0; i < 1000; ++i) {
        CHECK(pass({user(1), ChannelId{}, i}, limit, seconds(10)));
        REQUIRE(counter.size() <= 101);
    }
    CHECK_FALSE(pass({user(1), ChannelId{}, 999}, limit, seconds(39)));
    CHECK(pass({user(1), ChannelId{}, 999}, limit, seconds(40)));
    CHECK_FALSE(pass({user(1), ChannelId{}, 999}, limit, seconds(69)));
    CHECK(pass({user(1), ChannelId{}, 1}, limit, seconds(1000)));
    CHECK(counter.size() == 1);
    CHECK_FALSE(pass({user(2), ChannelId{}, 1}, {0, seconds(30)}, seconds(1000)));
}

}  // namespace cariosan::test
