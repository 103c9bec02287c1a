#include "support/model/check_answers.hpp"

#include <doctest/doctest.h>

namespace cariosan::test {

void check_answer(Model& model, const Mutation& mutation, const Result<Committed>& answer) {
    const Expected expected = model.apply(mutation);
    REQUIRE(answer.ok() == !expected.error.has_value());
    if (expected.error) {
        REQUIRE(answer.error().code == *expected.error);
        return;
    }
    REQUIRE(answer->rev == expected.rev);
    REQUIRE(answer->changed == expected.changed);
    REQUIRE(answer->created == expected.created);
    REQUIRE(answer->duplicate == expected.duplicate);
    if (const auto* message = std::get_if<Message>(&answer->object); message != nullptr && message->quoted_message) {
        const Quote& quote = *message->quoted_message;
        const ModelMessage* parent = model.channels.at(message->channel_id).find(quote.id);
        REQUIRE(parent != nullptr);
        REQUIRE(quote.deleted == model.is_gone(*parent));
    }
    if (const auto* move = std::get_if<mutation::MoveReceipt>(&mutation)) {
        const std::int64_t unread = model.unread(model.channels.at(move->channel), move->user);
        const auto* receipt = std::get_if<CommittedReceipt>(&answer->object);
        REQUIRE(receipt != nullptr);
        REQUIRE(receipt->state.unread_count == unread);
    }
}

void check_answers(Model& model, std::span<const Mutation> batch, std::span<const Result<Committed>> answers) {
    REQUIRE(answers.size() == batch.size());
    model.begin_batch();
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!answers[i].ok() && answers[i].error().code == ErrorCode::unavailable) continue;
        CAPTURE(i);
        CAPTURE(batch[i].index());
        check_answer(model, batch[i], answers[i]);
    }
}

}  // namespace cariosan::test
