#include "protocol/fair_read_queue.hpp"

#include <utility>

namespace cariosan::protocol {

void FairReadQueue::begin(const Identity& identity, std::function<bool()> start) {
    queues_[identity].waiting.push_back(std::move(start));
    ++waiting_;
    take_turn(identity);
    go_on();
}

void FairReadQueue::end(const Identity& identity) {
    leave(identity);
    go_on();
}

void FairReadQueue::leave(const Identity& identity) {
    --under_way_;
    --queues_.at(identity).under_way;
    take_turn(identity);
}

/// Queues the caller behind all others, if it has a read to start and may have one more in progress.
void FairReadQueue::take_turn(const Identity& identity) {
    Queue& queue = queues_.at(identity);
    if (queue.in_turn) return;
    if (queue.waiting.empty()) {
        if (queue.under_way == 0) queues_.erase(identity);
    } else if (queue.under_way < max_per_caller_) {
        queue.in_turn = true;
        turns_.push_back(identity);
    }
}

void FairReadQueue::go_on() {
    if (std::exchange(going_on_, true)) return;
    while (under_way_ < most_ && !turns_.empty()) {
        const Identity identity = turns_.front();
        turns_.pop_front();
        Queue& queue = queues_.at(identity);
        const std::function<bool()> start = std::move(queue.waiting.front());
        queue.waiting.pop_front();
        queue.in_turn = false;
        --waiting_;
        ++queue.under_way;
        ++under_way_;
        take_turn(identity);
        if (!start()) leave(identity);
    }
    going_on_ = false;
}

}  // namespace cariosan::protocol
