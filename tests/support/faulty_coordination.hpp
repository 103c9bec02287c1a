#pragma once

#include <atomic>
#include <cariosan/coordination.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace cariosan::test {

/// What a `FaultyCoordination` does to each call, in percent. A call without an answer returns what it does while the service is
/// away.
struct CoordinationFaults {
    unsigned lost = 0;        ///< no effect, and no answer
    unsigned unanswered = 0;  ///< no answer
    unsigned repeated = 0;    ///< it takes effect twice
    unsigned held_back = 0;   ///< it takes effect after a later call, and has no answer
};

/// A coordination that loses, repeats and reorders calls as its seed says, without reporting to be away; or that is away.
class FaultyCoordination final : public Coordination {
  public:
    explicit FaultyCoordination(std::shared_ptr<Coordination> inner, CoordinationFaults faults = {}, unsigned seed = 1)
        : inner_(std::move(inner)), faults_(faults), random_(seed) {}

    bool connect(const NodeConnection& connection, const ConnectionLimit& limit) override {
        return call(true, [this, connection, limit] { return inner_->connect(connection, limit); });
    }
    void disconnect(std::span<const NodeConnection> connections) override {
        call(0, [this, all = copy(connections)] { return inner_->disconnect(all), 0; });
    }
    std::vector<std::uint64_t> renew(std::span<const NodeConnection> connections) override {
        return call({}, [this, all = copy(connections)] { return inner_->renew(all); });
    }
    std::vector<bool> absent(std::span<const UserId> users) override {
        return call(std::vector<bool>(users.size()), [this, all = copy(users)] { return inner_->absent(all); });
    }
    std::vector<Present> present(std::span<const UserId> users) override {
        return call(std::vector<Present>(users.size(), Present::unknown), [this, all = copy(users)] { return inner_->present(all); });
    }
    std::vector<std::chrono::nanoseconds> take(std::span<const TokensTaken> taken) override {
        return call(std::vector<std::chrono::nanoseconds>(taken.size()), [this, all = copy(taken)] { return inner_->take(all); });
    }
    std::vector<std::vector<Marked>> mark(std::span<const Mark> marks) override {
        return call(std::vector<std::vector<Marked>>(marks.size()), [this, all = copy(marks)] { return inner_->mark(all); });
    }
    void leave() override {
        if (!away_) inner_->leave();
    }
    bool is_away() const override { return away_ || inner_->is_away(); }

    /// From now on nothing arrives, and the service is known to be away.
    void cut() {
        const std::lock_guard lock(mutex_);
        away_ = true;
        faults_ = {.lost = 100};
    }

    /// From now on nothing goes wrong. What is held back takes effect.
    void heal() {
        std::vector<std::function<void()>> late;
        {
            const std::lock_guard lock(mutex_);
            away_ = false;
            faults_ = {};
            late.swap(held_back_);
        }
        for (const auto& each : late) each();
    }

    std::atomic<std::size_t> lost{0};
    std::atomic<std::size_t> unanswered{0};
    std::atomic<std::size_t> repeated{0};
    std::atomic<std::size_t> reordered{0};

  private:
    template <class T>
    static std::vector<T> copy(std::span<const T> items) {
        return {items.begin(), items.end()};
    }
    bool happens(unsigned percent) { return random_() % 100 < percent; }

    /// `away` is the answer while the service is away.
    template <class F>
    std::invoke_result_t<F> call(std::invoke_result_t<F> away, F effect) {
        std::vector<std::function<void()>> late;
        bool is_repeated = false;
        bool is_unanswered = false;
        {
            const std::lock_guard lock(mutex_);
            if (happens(faults_.lost)) return ++lost, away;
            if (happens(faults_.held_back)) {
                held_back_.push_back([effect] { static_cast<void>(effect()); });
                return ++reordered, away;
            }
            late.swap(held_back_);
            is_repeated = happens(faults_.repeated);
            is_unanswered = happens(faults_.unanswered);
        }
        auto answer = effect();
        if (is_repeated) ++repeated, answer = effect();
        for (const auto& each : late) each();
        if (is_unanswered) return ++unanswered, away;
        return answer;
    }

    const std::shared_ptr<Coordination> inner_;
    std::mutex mutex_;
    CoordinationFaults faults_;
    std::mt19937 random_;
    std::vector<std::function<void()>> held_back_;
    std::atomic<bool> away_{false};
};

}  // namespace cariosan::test
