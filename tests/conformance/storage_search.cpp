// Search. The index follows the commits, so a test first waits for a marker that is sent last.
#include <algorithm>
#include <chrono>
#include <thread>

#include "conformance/searching.hpp"
#include "conformance/world.hpp"
#include "core/search/search_text.hpp"
#include "support/search_pairs.hpp"

namespace cariosan::test {
namespace {

/// Two users in a group, one outside, and an index beside the storage.
struct SearchWorld {
    explicit SearchWorld(std::unique_ptr<StorageKind> kind) : world(std::move(kind), {.search = true}) {
        users = world.add_users(3);
        group = world.add_group({users[0], users[1]});
    }

    void say(const std::string& text) { world.send(group, users[0], text); }

    Result<SearchCandidates> attempt(UserId viewer, SearchRange range) {
        return world.read(
            [&](Reader& reader) { return search(reader, world.workspace, viewer, range); });
    }

    std::vector<std::string> texts(UserId viewer, const SearchRange& range) {
        std::vector<std::string> out;
        for (const SearchCandidate& each : must(attempt(viewer, range)).found) out.push_back(each.content);
        return out;
    }

    /// What the first user finds once the index has caught up with everything.
    std::vector<std::string> find(std::vector<SearchTerm> terms) {
        settle();
        return texts(users[0], {.terms = std::move(terms), .channel = {}});
    }

    void settle() {
        const std::string marker = "marker" + std::to_string(++markers_);
        say(marker);
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (std::chrono::steady_clock::now() < limit) {
            const auto found = attempt(users[0], {.terms = {{marker, false}}, .channel = {}});
            if (found && !found->found.empty()) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        FAIL("the index does not follow");
    }

    World world;
    std::vector<UserId> users;
    ChannelId group;

  private:
    int markers_ = 0;
};

using Texts = std::vector<std::string>;

}  // namespace

STORAGE_TEST("search: what an erased user wrote is not found after the commit that erases it") {
    SearchWorld shop(kind.make());
    shop.say("kept");
    shop.world.send(shop.group, shop.users[1], "kept and erased");
    CHECK(shop.find({{"kept", false}}) == Texts{"kept and erased", "kept"});
    shop.world.run(mutation::DeleteUser{
        .workspace = shop.world.workspace, .user = shop.users[1], .erase = true, .at = shop.world.tick()});
    const SearchRange range{.terms = {{"kept", false}}, .channel = {}};
    CHECK(shop.texts(shop.users[0], range) == Texts{"kept"});
    CHECK(shop.texts(shop.users[0], {.terms = {{"erased", false}}, .channel = shop.group}).empty());
}

STORAGE_TEST("search: words, accents, phrases, prefixes") {
    SearchWorld chat(kind.make());
    chat.say("Pesanan sudah dikirim kemarin sore");
    chat.say("The PARCEL was shipped; see the e-mail");
    chat.say("Un café crème, s'il vous plaît");

    CHECK(chat.find({{"pesanan", false}}) == Texts{"Pesanan sudah dikirim kemarin sore"});
    CHECK(chat.find({{"parcel", false}, {"Shipped", false}}) == Texts{"The PARCEL was shipped; see the e-mail"});
    CHECK(chat.find({{"parcel", false}, {"kemarin", false}}).empty());
    CHECK(chat.find({{"cafe", false}, {"CREME", false}}) == Texts{"Un café crème, s'il vous plaît"});
    CHECK(chat.find({{"dikirim kemarin", false}}).size() == 1);
    CHECK(chat.find({{"kemarin dikirim", false}}).empty());
    CHECK(chat.find({{"e-mail", false}}).size() == 1);
    CHECK(chat.find({{"kema", false}}).empty());
    CHECK(chat.find({{"kema", true}}).size() == 1);
    CHECK(chat.find({{"sudah diki", true}}).size() == 1);
}

STORAGE_TEST("search: text without spaces is found at every character") {
    SearchWorld chat(kind.make());
    chat.say("我的订单在哪里");
    chat.say("荷物は明日届きますか");
    for (const std::string part : {"订单", "我", "里", "的订单在", "哪里", "我的订单在哪里"}) {
        CAPTURE(part);
        CHECK(chat.find({{part, false}}) == Texts{"我的订单在哪里"});
    }
    CHECK(chat.find({{"明日届", false}}) == Texts{"荷物は明日届きますか"});
    CHECK(chat.find({{"单订", false}}).empty());
}

STORAGE_TEST("search: people's spelling is found by what others type") {
    SearchWorld chat(kind.make());
    for (const SearchPair& each : kSearchPairs) chat.say(std::string(each.text));
    chat.settle();
    for (const SearchPair& each : kSearchPairs) {
        CAPTURE(each.text);
        CAPTURE(each.query);
        SearchRange range;
        for (const auto& term : must(core::parse_query(each.query, Limits{}))) range.terms.push_back(term.term);
        const auto found = chat.texts(chat.users[0], range);
        CHECK((std::ranges::find(found, each.text) != found.end()) == !each.marked.empty());
    }
}

STORAGE_TEST("search: no query is an error, and none has operators") {
    SearchWorld chat(kind.make());
    chat.say("alpha OR beta");
    chat.settle();
    for (const std::string text : {"\"", "a\" OR \"b", "*", "(", "text:alpha", "NEAR(a b)", "-", "^alpha", "", "{a b}:c",
                                    "alpha NOT beta", "'", "\xF0\x9F\x91\x8D"}) {
        for (const bool prefix : {false, true}) {
            CAPTURE(text);
            CHECK(chat.attempt(chat.users[0], {.terms = {{text, prefix}}, .channel = {}}).ok());
        }
    }
    CHECK(chat.find({{"alpha OR beta", false}}).size() == 1);
    CHECK(chat.find({{"alpha OR gamma", false}}).empty());
}

STORAGE_TEST("search: only finds messages in channels of which the user is a member now") {
    SearchWorld chat(kind.make());
    const ChannelId other = chat.world.add_group({chat.users[2], chat.users[0]});
    chat.say("shared word");
    chat.world.send(other, chat.users[2], "other word");
    chat.settle();
    const SearchRange everywhere{.terms = {{"word", false}}, .channel = {}};
    SearchRange there = everywhere;
    there.channel = other;

    CHECK(chat.texts(chat.users[0], everywhere) == Texts{"other word", "shared word"});
    CHECK(chat.texts(chat.users[1], everywhere) == Texts{"shared word"});
    CHECK(chat.texts(chat.users[0], there) == Texts{"other word"});
    CHECK(chat.texts(chat.users[1], there).empty());

    chat.world.run(chat.world.removing(other, chat.users[0]));
    CHECK(chat.texts(chat.users[0], everywhere) == Texts{"shared word"});
    CHECK(chat.texts(chat.users[0], there).empty());
    chat.world.run(chat.world.adding(other, {chat.users[0]}));
    CHECK(chat.texts(chat.users[0], there) == Texts{"other word"});

    const WorkspaceId elsewhere = chat.world.add_workspace();
    const UserId stranger = chat.world.add_user("stranger", elsewhere);
    CHECK(chat.world
              .read([&](Reader& reader) {
                  return must(search(reader, elsewhere, stranger, everywhere));
              })
              .found.empty());
}

STORAGE_TEST("search: covers more channels than are listed by name") {
    SearchWorld chat(kind.make());
    for (int i = 0; i < 205; ++i) chat.world.add_group({chat.users[0]});
    const ChannelId hidden = chat.world.add_group({chat.users[2]});
    chat.say("needle one");
    chat.world.send(hidden, chat.users[2], "needle hidden");
    chat.say("needle two");
    CHECK(chat.find({{"needle", false}}) == Texts{"needle two", "needle one"});
}

STORAGE_TEST("search: returns the newest in a window, up to the requested number") {
    SearchWorld chat(kind.make());
    for (int i = 0; i < 5; ++i) chat.say("many " + std::to_string(i));
    chat.settle();
    SearchRange range{.terms = {{"many", false}}, .channel = {}, .limit = 3};
    const auto found = must(chat.attempt(chat.users[0], range)).found;
    REQUIRE(found.size() == 3);
    CHECK(found[0].content == "many 4");
    range.newest = found[1].position;
    range.oldest = found[2].position;
    CHECK(chat.texts(chat.users[0], range) == Texts{"many 3", "many 2"});
}

STORAGE_TEST("search: a deleted channel is not found, and what follows its purge is") {
    SearchWorld chat(kind.make());
    const ChannelId gone = chat.world.add_group({chat.users[0]});
    for (int i = 0; i < 600; ++i) chat.world.send(gone, chat.users[0], "vanishing " + std::to_string(i));
    chat.settle();
    // The newest of all, so that their ids would be reused by the next messages.
    for (int i = 0; i < 20; ++i) chat.world.send(gone, chat.users[0], "vanishing again");
    chat.world.run(mutation::DeleteChannel{.workspace = chat.world.workspace, .channel = gone, .at = chat.world.tick()});
    CHECK(chat.texts(chat.users[0], {.terms = {{"vanishing", false}}, .channel = {}}).empty());
    while (must(chat.world.storage().maintain())) {
    }
    for (int i = 0; i < 30; ++i) chat.say("arriving " + std::to_string(i));
    CHECK(chat.find({{"arriving", false}}).size() == 30);
    CHECK(chat.find({{"vanishing", false}}).empty());
}

STORAGE_TEST("search: continues below where its budget ended, and finds everything once") {
    SearchWorld chat(kind.make());
    Texts all;
    for (int i = 0; i < 120; ++i) {
        all.insert(all.begin(), "needle " + std::to_string(i));
        chat.say(all.front());
    }
    chat.settle();
    Texts found;
    SearchRange range{.terms = {{"needle", false}}, .channel = {}, .oldest = 0, .newest = INT64_MAX, .limit = 500};
    for (int parts = 0; parts < 200; ++parts) {
        WorkBudget budget(100);
        const auto part = must(chat.world.read(
            [&](Reader& reader) { return search(reader, chat.world.workspace, chat.users[0], range, budget); }));
        for (const SearchCandidate& each : part.found) found.push_back(each.content);
        if (!part.cut_at) break;
        REQUIRE(*part.cut_at <= range.newest);
        range.newest = *part.cut_at - 1;
    }
    CHECK(found == all);
}

}  // namespace cariosan::test
