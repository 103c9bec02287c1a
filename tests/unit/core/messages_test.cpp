#include <doctest/doctest.h>

#include "unit/core/stage.hpp"

using namespace cariosan;
using test::is_invalid;
using test::is_over;
using test::Stage;

namespace {

/// A channel with ten messages.
struct TenMessages : Stage {
    std::vector<Message> messages;

    TenMessages() {
        for (int i = 1; i <= 10; ++i) messages.push_back(world.add_message(orders, alice, std::to_string(i)));
    }

    /// The page as text: the positions, and "+" if there is more.
    std::string page(ListMessages command) {
        command.channel = "orders";
        const MessagePage answered = answer(command, as(budi));
        std::string text;
        for (const Message& message : answered.messages) text += std::to_string(message.seq) + " ";
        return text + (answered.has_more ? "+" : "");
    }

    std::string id(std::size_t seq) const { return messages[seq - 1].id.to_string(); }
};

ListMessages command(std::int64_t limit) {
    ListMessages made;
    made.limit = limit;
    return made;
}

ListMessages before(std::string position, std::int64_t limit) {
    ListMessages made = command(limit);
    made.before = std::move(position);
    return made;
}

ListMessages after(std::string position, std::int64_t limit) {
    ListMessages made = command(limit);
    made.after = std::move(position);
    return made;
}

ListMessages around(std::string position, std::int64_t limit) {
    ListMessages made = command(limit);
    made.around = std::move(position);
    return made;
}

}  // namespace

TEST_CASE("history starts with the newest message") {
    TenMessages history;
    CHECK(history.page(command(3)) == "10 9 8 +");
    CHECK(history.page(command(10)) == "10 9 8 7 6 5 4 3 2 1 ");
    CHECK(history.page(command(100)) == "10 9 8 7 6 5 4 3 2 1 ");
    const MessagePage page = history.answer(ListMessages{.channel = "orders"}, history.as(history.budi));
    CHECK(page.rev == history.world.row(history.orders).channel.rev);
    CHECK(page.receipt_rev == history.world.row(history.orders).channel.receipt_rev);
    CHECK(page.epoch == "epoch-1");
}

TEST_CASE("history continues before a position") {
    TenMessages history;
    CHECK(history.page(before("seq:4", 2)) == "3 2 +");
    CHECK(history.page(before(history.id(4), 3)) == "3 2 1 ");
    CHECK(history.page(before("seq:1", 3)).empty());
    CHECK(history.page(before("seq:9223372036854775807", 2)) == "10 9 +");
}

TEST_CASE("the page after a position is the one next to it") {
    TenMessages history;
    CHECK(history.page(after("seq:4", 2)) == "6 5 +");
    CHECK(history.page(after(history.id(8), 2)) == "10 9 ");
    CHECK(history.page(after("seq:10", 2)).empty());
    CHECK(history.page(after("seq:0", 2)) == "2 1 +");
    CHECK(history.page(after("seq:9223372036854775807", 2)).empty());
}

TEST_CASE("the page around a position has messages on both sides") {
    TenMessages history;
    CHECK(history.page(around("seq:5", 4)) == "7 6 5 4 +");
    CHECK(history.page(around(history.id(5), 5)) == "7 6 5 4 3 +");
    CHECK(history.page(around("seq:10", 4)) == "10 9 8 7 +");
    CHECK(history.page(around("seq:9", 4)) == "10 9 8 7 +");
    CHECK(history.page(around("seq:1", 4)) == "4 3 2 1 ");
    CHECK(history.page(around("seq:2", 4)) == "4 3 2 1 ");
    CHECK(history.page(around("seq:5", 1)) == "5 +");
    CHECK(history.page(around("seq:5", 100)) == "10 9 8 7 6 5 4 3 2 1 ");
}

TEST_CASE("an invalid position is refused") {
    TenMessages history;
    for (const char* position : {"", "5", "seq:", "seq:-1", "seq:+1", "seq:1x", "seq: 1",
                                 "seq:9223372036854775808", "SEQ:1", "0190"}) {
        for (const auto& [field, made] :
             {std::pair("before", before(position, 5)), std::pair("after", after(position, 5)),
              std::pair("around", around(position, 5))}) {
            ListMessages at_orders = made;
            at_orders.channel = "orders";
            CHECK(is_invalid(history.error(at_orders, history.backend()), field));
        }
    }
    ListMessages unknown = before(history.orders.to_string(), 5);
    unknown.channel = "orders";
    CHECK(history.error(unknown, history.backend()).code == ErrorCode::not_found);
}

TEST_CASE("a message of another channel is not a valid position") {
    TenMessages history;
    const Message elsewhere = history.world.add_message(history.pair, history.alice, "secret");
    ListMessages made = before(elsewhere.id.to_string(), 5);
    made.channel = "orders";
    CHECK(history.error(made, history.backend()).code == ErrorCode::not_found);
}

TEST_CASE("a request has one position and 1 to 100 messages") {
    TenMessages history;
    ListMessages two = before("seq:5", 5);
    two.channel = "orders";
    two.after = "seq:1";
    CHECK(is_invalid(history.error(two, history.backend()), "after"));
    ListMessages many = command(101);
    many.channel = "orders";
    CHECK(is_over(history.error(many, history.backend()), "limit", 100));
    many.limit = 0;
    CHECK(is_invalid(history.error(many, history.backend()), "limit"));
}

TEST_CASE("a page of history ends at 128 KiB, and continues from there in both directions") {
    TenMessages history;
    // 48 KiB each, as JSON.
    for (Message& message : history.world.row(history.orders).messages) message.content.assign(8192, '\x01');
    CHECK(history.page(command(10)) == "10 9 +");
    CHECK(history.page(before("seq:9", 10)) == "8 7 +");
    CHECK(history.page(before("seq:3", 10)) == "2 1 ");
    CHECK(history.page(after("seq:1", 10)) == "3 2 +");
    CHECK(history.page(after("seq:8", 10)) == "10 9 ");
    CHECK(history.page(around("seq:5", 10)) == "6 5 +");
    for (Message& message : history.world.row(history.orders).messages) message.content.assign(128 * 1024, 'x');
    CHECK(history.page(command(10)) == "10 +");
    CHECK(history.page(around("seq:5", 10)) == "5 +");
}

TEST_CASE("a page of history looks through a bounded stretch, and says where that ended if it was hidden") {
    TenMessages history;
    for (int i = 11; i <= 30; ++i) history.messages.push_back(history.world.add_message(history.orders, history.citra, "x"));
    history.messages.push_back(history.world.add_message(history.orders, history.alice, "newest"));
    history.world.blocks[history.budi.id] = {.rev = 1, .users = {history.citra.id}};
    history.limits.history_stretch = 8;
    const auto cut = [&](ListMessages list) {
        list.channel = "orders";
        return history.answer(list, history.as(history.budi)).cut_at;
    };

    CHECK(history.page(command(3)) == "31 +");
    CHECK(cut(command(3)) == 24);
    CHECK(history.page(before("seq:24", 3)) == "+");
    CHECK(cut(before("seq:24", 3)) == 16);
    CHECK(history.page(before("seq:16", 3)) == "10 9 8 +");
    CHECK(cut(before("seq:16", 3)) == 8);
    CHECK(cut(before("seq:16", 2)) == std::nullopt);
    CHECK(history.page(before("seq:3", 3)) == "2 1 ");
    CHECK(history.page(after("seq:9", 3)) == "10 +");
    CHECK(cut(after("seq:9", 3)) == 17);
    CHECK(history.page(after("seq:25", 3)) == "31 ");
    CHECK(history.page(around("seq:20", 4)) == "+");
    CHECK(cut(around("seq:20", 4)) == 13);
    CHECK(history.page(before("seq:9223372036854775807", 3)) == "31 +");
    CHECK(history.page(around("seq:9223372036854775807", 3)) == "31 +");
    CHECK(history.world.widest_history_range < 8);
}
