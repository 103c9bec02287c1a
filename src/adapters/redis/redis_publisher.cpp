#include "adapters/redis/redis_publisher.hpp"

#include <utility>

#include "adapters/redis/redis_command.hpp"

namespace cariosan::redis {

Publisher::Batch Publisher::encode(std::span<const BusMessage> messages) {
    Batch batch;
    for (const BusMessage& message : messages) {
        const std::string envelope = Envelope{sender_, ++last_number_}.to_bytes();
        for (const BusTopic& topic : message.topics) {
            CommandText command{"PUBLISH", names_.channel_of(topic)};
            command.add_pieces(envelope, *message.bytes);
            command.append_to(batch.commands);
            batch.topics.push_back(topic);
            ++batch.answers;
        }
    }
    batch.bytes = batch.commands.size();
    batch.at = std::chrono::steady_clock::now();
    return batch;
}

void Publisher::publish(std::span<const BusMessage> messages) {
    const std::lock_guard lock(mutex_);
    Batch batch = encode(messages);
    if (batch.answers == 0) return;
    if (bytes_ + batch.bytes > kMostBytes) return miss(batch);
    bytes_ += batch.bytes;
    waiting_.push_back(std::move(batch));
    send_waiting();
}

/// Remembers what the batch was about: other nodes may not get it.
void Publisher::miss(Batch& batch) {
    missed_all_ = missed_all_ || batch.tells_all || missed_.size() + batch.topics.size() > kMostTopics;
    if (missed_all_) {
        missed_.clear();
    } else {
        missed_.insert(batch.topics.begin(), batch.topics.end());
    }
}

void Publisher::drop_old() {
    const auto now = std::chrono::steady_clock::now();
    while (!waiting_.empty() && now - waiting_.front().at > kOldest) {
        miss(waiting_.front());
        bytes_ -= waiting_.front().bytes;
        waiting_.pop_front();
    }
}

/// Puts what is missing elsewhere, if anything is, behind the messages that wait.
void Publisher::add_losses() {
    if (!missed_all_ && missed_.empty()) return;
    Batch batch{.topics = {missed_.begin(), missed_.end()}, .tells_all = missed_all_, .answers = 1};
    CommandText command{"PUBLISH", names_.losses()};
    command.add_pieces(Envelope{sender_, ++last_number_}.to_bytes(), encode_topics(batch.topics));
    command.append_to(batch.commands);
    batch.bytes = batch.commands.size();
    batch.at = std::chrono::steady_clock::now();
    missed_.clear();
    missed_all_ = false;
    bytes_ += batch.bytes;
    waiting_.push_back(std::move(batch));
}

void Publisher::send_waiting() {
    for (; !waiting_.empty() && link_.send(waiting_.front().commands); waiting_.pop_front()) {
        sent_.push_back(std::move(waiting_.front()));
        sent_.back().commands = {};
    }
    // While nothing connects, the oldest give way.
    drop_old();
}

void Publisher::connected() {
    const std::lock_guard lock(mutex_);
    drop_old();
    add_losses();
    send_waiting();
}

void Publisher::received(Reply reply) {
    const std::lock_guard lock(mutex_);
    if (sent_.empty()) return;
    Batch& batch = sent_.front();
    if (reply->type == REDIS_REPLY_ERROR && !batch.topics.empty()) {
        miss(batch);
        link_.restart("refused: " + std::string(reply->str, reply->len));
    }
    if (--batch.answers > 0) return;
    bytes_ -= batch.bytes;
    sent_.pop_front();
}

/// After messages were dropped because Redis was slow, says so once it has caught up.
void Publisher::received_all() {
    const std::lock_guard lock(mutex_);
    if (!sent_.empty() || (missed_.empty() && !missed_all_)) return;
    add_losses();
    send_waiting();
}

void Publisher::quiet() {
    const std::lock_guard lock(mutex_);
    std::string ping;
    CommandText{"PING"}.append_to(ping);
    if (link_.send(ping)) sent_.push_back({.answers = 1});
}

void Publisher::disconnected() {
    const std::lock_guard lock(mutex_);
    for (Batch& batch : sent_) {
        miss(batch);
        bytes_ -= batch.bytes;
    }
    sent_.clear();
    drop_old();
}

bool Publisher::is_settled() const {
    const std::lock_guard lock(mutex_);
    return waiting_.empty() && sent_.empty();
}

}  // namespace cariosan::redis
