#include "protocol/read_gate.hpp"

#include <utility>

namespace cariosan::protocol {

void ReadGate::begin(std::function<bool()> start) {
    waiting_.push_back(std::move(start));
    go_on();
}

void ReadGate::end() {
    --under_way_;
    go_on();
}

void ReadGate::go_on() {
    if (std::exchange(going_on_, true)) return;
    while (under_way_ < most_ && !waiting_.empty()) {
        const std::function<bool()> start = std::move(waiting_.front());
        waiting_.pop_front();
        ++under_way_;
        if (!start()) --under_way_;
    }
    going_on_ = false;
}

}  // namespace cariosan::protocol
