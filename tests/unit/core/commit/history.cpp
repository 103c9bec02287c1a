#include "unit/core/commit/history.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "unit/core/commit/check_rows.hpp"
#include "support/model/check_answers.hpp"

namespace cariosan::test {
namespace {

/// What an answer says, without the `receipt_rev` that the receipts of one batch share.
std::string answer_text(const Result<Committed>& answer) {
    if (!answer) return std::string(to_string(answer.error().code)) + " " + answer.error().message;
    std::string text = std::to_string(answer->rev);
    for (const bool flag : {answer->changed, answer->created, answer->duplicate, answer->outbox}) text += flag ? '1' : '0';
    text += std::to_string(answer->object.index()) + answer->emoji;
    if (const auto* message = std::get_if<Message>(&answer->object)) {
        text += std::to_string(message->seq) + message->content + std::to_string(message->mentions.size());
        for (const Reaction& reaction : message->reactions) text += reaction.emoji + std::to_string(reaction.count);
        if (message->quoted_message) text += message->quoted_message->content + (message->quoted_message->hidden ? "h" : "");
    }
    if (const auto* moved = std::get_if<CommittedReceipt>(&answer->object)) {
        text += std::to_string(moved->state.unread_count) + "/" + std::to_string(moved->state.mention_count);
    }
    return text;
}

MemoryRows without_receipt_revs(MemoryRows rows) {
    for (auto& [id, channel] : rows.channels.rows) channel.receipt_rev = 0;
    for (auto& [key, member] : rows.members) member.receipt_rev = 0;
    return rows;
}

/// How many deliveries a mutation must have made, of the webhooks that listened before it.
std::size_t expected_deliveries(const MemoryRows& before, const Mutation& mutation, const Result<Committed>& answer) {
    if (!answer || !answer->changed) return 0;
    if (std::holds_alternative<mutation::PingWebhook>(mutation)) return 1;
    std::size_t count = 0;
    for (const OutboxEvent& event : outbox_events(mutation, *answer)) {
        count += static_cast<std::size_t>(std::ranges::count_if(before.webhooks.rows, [&](const auto& entry) {
            return entry.second.enabled && !entry.second.deleted && entry.second.events.contains(event.event);
        }));
    }
    return count;
}

}  // namespace

History::History(unsigned seed, std::function<void(commit::Footprint&)> forget)
    : random_(make_, model_, seed), others_(make_, model_, random_) {
    tables_.names.leave_out = std::move(forget);
    const auto begin = [this](const Mutation& mutation) {
        commit::CommitBatch batch(tables_, {});
        REQUIRE(apply(batch, mutation).ok());
        batch.flush();
    };
    const mutation::CreateWorkspace first = make_.workspace_mutation();
    const mutation::CreateWorkspace second = make_.workspace_mutation();
    make_.workspace = first.workspace.id;
    others_.other_workspace = second.workspace.id;
    begin(first);
    begin(second);
    std::vector<UserId> users;
    for (const char* name : {"ann", "bob", "cat", "dan", "eve"}) {
        const mutation::UpsertUser upsert = make_.upserting(name);
        users.push_back(upsert.new_id);
        begin(upsert);
    }
    model_.users = {users.begin(), users.end()};
    begin(make_.webhook(WebhookEvents::of_bits(~0U)));
    random_.begin(users);
    for (int channels = 0; channels < 2; ++channels) {
        const Mutation channel = make_.group({users[0], users[1], users[2]});
        model_.apply(channel);
        begin(channel);
    }
}

Result<Committed> History::apply(commit::CommitBatch& batch, const Mutation& mutation) {
    done_.push_back(mutation);
    tables_.names.next(mutation);
    Result<Committed> answer = batch.apply(mutation);
    answers_.push_back(answer_text(answer));
    return answer;
}

void History::check_names() const {
    if (!tables_.names.leave_out) REQUIRE(tables_.names.fault == "");
}

Mutation History::any_import() {
    mutation::SendMessage send = random_.any_send();
    send.imported = true;
    send.author_is_member = send.refuse_silenced = false;
    send.parent.reset();
    send.push = false;
    if (random_.roll(2) == 0) send.idempotency_key = "key" + std::to_string(random_.roll(8));
    if (send.idempotency_key && random_.roll(2) == 0) {
        send.parent_key = "key" + std::to_string(random_.roll(8));
        send.parent_follows = random_.roll(2) == 0;
    }
    return send;
}

Mutation History::any_refusal() {
    mutation::RecordModeration record;
    mutation::SendMessage send = random_.any_send();
    send.matches.push_back({.id = make_.next_id<ModerationRecordId>(), .excerpt = "***"});
    if (random_.roll(2) == 0) record.silence_until = Timestamp{send.at.milliseconds + static_cast<std::int64_t>(random_.roll(400))};
    record.refused = std::move(send);
    return record;
}

Trial History::next() {
    const std::size_t kind = random_.roll(24);
    if (kind < 4) return others_.any(tables_.rows);
    Mutation mutation = kind == 4 ? any_refusal() : kind == 5 ? any_import() : random_.any();
    if (auto* send = std::get_if<mutation::SendMessage>(&mutation); send != nullptr && !send->imported) {
        send->push = random_.roll(2) == 0;
        if (send->idempotency_key) send->idempotency_key = "key" + std::to_string(random_.roll(8));
    }
    return {mutation, [this, mutation](const auto& answer, const auto&) { check_answer(model_, mutation, answer); }};
}

/// A savepoint that is gone back to is as if nothing had been asked.
void History::undo_one(commit::CommitBatch& batch) {
    auto before = batch.save();
    const MemoryRows rows = tables_.rows;
    const Trial undone = next();
    tables_.names.next(undone.mutation);
    static_cast<void>(batch.apply(undone.mutation));
    batch.flush();
    batch.restore(std::move(before));
    tables_.rows = rows;
    ++undone_;
}

/// What is refused leaves nothing behind, neither in the tables nor in what the batch holds back.
void History::check_refused(commit::CommitBatch& batch, const Mutation& mutation) {
    batch.flush();
    const MemoryRows before = tables_.rows;
    const auto again = batch.apply(mutation);
    batch.flush();
    REQUIRE_FALSE(again.ok());
    REQUIRE(tables_.rows == before);
}

void History::step(commit::CommitBatch& batch) {
    if (random_.roll(24) == 0) undo_one(batch);
    const Trial trial = next();
    CAPTURE(done_.size());
    CAPTURE(trial.mutation.index());
    const std::size_t deliveries = tables_.rows.deliveries.rows.size();
    const std::int64_t writes = tables_.writes;
    StoredRows<StoredWebhook> webhooks = tables_.rows.webhooks;
    const Result<Committed> answer = apply(batch, trial.mutation);
    const bool is_refused = !answer.ok();
    if (is_refused) REQUIRE(tables_.writes == writes);
    MemoryRows listening;
    listening.webhooks = std::move(webhooks);
    REQUIRE(tables_.rows.deliveries.rows.size() == deliveries + expected_deliveries(listening, trial.mutation, answer));
    check_names();
    trial.check(answer, tables_.rows);
    if (!is_refused) return;
    ++refused_;
    if (random_.roll(4) == 0) check_refused(batch, trial.mutation);
}

void History::run(std::size_t mutations) {
    const std::size_t end = done_.size() + mutations;
    while (done_.size() < end) {
        model_.begin_batch();
        commit::CommitBatch batch(tables_, {});
        for (std::size_t left = 1 + random_.roll(12); left > 0; --left) step(batch);
        batch.flush();
    }
    check_names();
    check_rows(tables_.rows, model_);
    check_invariants(tables_.rows);
}

void History::replay() {
    MemoryTables tables;
    const std::size_t size = 1 + random_.roll(done_.size());
    for (std::size_t at = 0; at < done_.size();) {
        const std::size_t end = std::min(done_.size(), at + size);
        commit::CommitBatch batch(tables, std::span(done_).subspan(at, end - at));
        for (; at < end; ++at) {
            CAPTURE(at);
            CAPTURE(done_[at].index());
            REQUIRE(answer_text(batch.apply(done_[at])) == answers_[at]);
        }
        batch.flush();
    }
    REQUIRE(tables.names.fault == "");
    REQUIRE(without_receipt_revs(tables.rows) == without_receipt_revs(tables_.rows));
}

void History::mark_kinds(std::vector<bool>& kinds) const {
    for (const Mutation& mutation : done_) kinds[mutation.index()] = true;
}

}  // namespace cariosan::test
